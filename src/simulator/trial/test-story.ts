// For tests only: a story that is in order, for a checker's test to break in one place.
import { generateKeyPairSync, sign } from 'node:crypto';
import { keyIdOf, signedBytes } from '../../adapters/signer/verify.ts';
import type { Digest, FixId } from '../../core/base/ids.ts';
import type { ControlPlane } from '../../core/fleet/control-plane.ts';
import { link, ORIGIN } from '../../core/life/chain.ts';
import type { Event, Recorded } from '../../core/life/event.ts';
import { USUAL } from '../../core/pace/pace.ts';
import type { Order, SignedOrder } from '../../core/rollout/order.ts';
import type { Plan } from '../../core/rollout/plan.ts';
import type { Terms } from './check-rows.ts';
import { newStory, type Story, tellReport, tellRow, type Written } from './story.ts';

export const NOW = '2026-03-02T04:00:00.000Z';
export const LONG_AGO = '2026-03-02T03:49:00.000Z';
export const FIX: FixId = 'FIX-1';
export const OLD: Digest = `sha256:${'a'.repeat(64)}`;
export const NEW: Digest = `sha256:${'b'.repeat(64)}`;
const keys = generateKeyPairSync('ed25519');
const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();

export const TERMS: Terms = {
  component: 'cpo',
  approvers: 1,
  people: new Set(['ann', 'ben']),
  silentAfterMs: 600_000,
  secrets: ['hunter2'],
  publicKey,
};

export const PLAN: Plan = {
  id: 'P-00000001',
  hash: 'h'.repeat(64),
  fix: FIX,
  policy: 'default',
  at: NOW,
  validUntil: '2026-03-02T08:00:00.000Z',
  targets: ['one', 'two'].map((uid) => ({
    uid,
    name: `cp-${uid}`,
    managementCluster: 'mc-1',
    component: 'cpo',
    line: '4.19.1',
    digest: NEW,
    from: OLD,
    stage: 1,
    region: 'eu',
    customer: 'c',
    stratum: `aws ${uid}`,
  })),
  controls: [],
  leftOut: [],
  stages: [{ name: 'all', size: 2, soakMs: 0, approval: false }],
  pace: { ...USUAL, harmBudget: 12, inFlightPerManagementCluster: 1 },
  urgency: { burning: 0, hazardPerHour: 0, computedBudget: 12, because: 'nothing burns' },
  limits: { unknownMax: 0, convergeWithinMs: 1_800_000, silentAfterMs: 600_000 },
};

export const DECLARED: Event = {
  type: 'Declared',
  title: 'leases',
  severity: 'high',
  reason: 'it burns',
  change: { kind: 'commits', commits: ['c'.repeat(40)] },
  component: 'cpo',
  policy: 'default',
};
export const APPROVED: Event = { type: 'Approved', plan: PLAN.id, hash: PLAN.hash };
export const ROLLING: Event = { type: 'RolloutStarted', plan: PLAN.id, hash: PLAN.hash };
export const started = (...targets: string[]): Event => ({
  type: 'TargetsStarted',
  targets,
  because: 'room for more',
});

/** The row that would follow in the story. */
export function next(
  story: Story,
  event: Event,
  author = 'fleetfix',
  over: Partial<Recorded> = {},
): Recorded {
  const before = story.rows.at(-1);
  const row = {
    fix: FIX,
    version: (before?.version ?? 0) + 1,
    at: NOW,
    author,
    surface: author === 'fleetfix' ? 'hub' : 'api',
    seen: 0,
    event,
    ...over,
  };
  const previous = over.previous ?? before?.hash ?? ORIGIN;
  return { seq: row.version, ...row, previous, hash: over.hash ?? link(previous, row) };
}

export const ANSWER = { key: 'k1', actor: 'ann', body: '', status: 202, answer: {}, at: NOW };
export const writing = (rows: readonly Recorded[], over: Partial<Written> = {}): Written => ({
  rows,
  orders: [],
  images: [],
  now: NOW,
  ...(rows.some((row) => row.author !== 'fleetfix') && { answer: ANSWER }),
  ...over,
});

/** A story of these events; those people do are ann's, but for approvals. */
export function storyOf(...events: Event[]): Story {
  const story = newStory();
  story.plans.set(PLAN.id, PLAN);
  story.images.set(NEW, { digest: NEW, component: 'cpo', release: 'r', fixes: [FIX] });
  story.images.set(OLD, { digest: OLD, component: 'cpo', release: 'r', fixes: [] });
  for (const event of events) tellRow(story, next(story, event, authorOf(event)));
  return story;
}

const PEOPLES = new Set(['Declared', 'RolloutStarted', 'Paused', 'Resumed', 'Declined']);
const authorOf = (event: Event): string =>
  event.type === 'Approved' ? 'ben' : PEOPLES.has(event.type) ? 'ann' : 'fleetfix';

export const DELIVERING = [DECLARED, APPROVED, ROLLING];

export const plane = (
  uid: string,
  digest: Digest,
  over: Partial<ControlPlane> = {},
): Omit<ControlPlane, 'reportedAt'> => ({
  uid,
  name: `cp-${uid}`,
  managementCluster: 'mc-1',
  region: 'eu',
  sector: 'main',
  customer: 'c',
  platform: 'aws',
  version: '4.19.1',
  availability: 'HighlyAvailable',
  components: { cpo: { digest, release: OLD } },
  ...over,
});

export const SAYS_NOTHING = {
  managementCluster: 'mc-1',
  planes: [],
  gone: [],
  lost: [],
  images: [],
  refused: [],
};

export function report(story: Story, ...planes: ReturnType<typeof plane>[]): Story {
  tellReport(story, { ...SAYS_NOTHING, planes }, NOW);
  return story;
}

export function order(uid: string, over: Partial<Order> = {}): SignedOrder {
  const plain: Order = {
    key: `FIX-1/${uid}/5`,
    fix: FIX,
    uid,
    name: `cp-${uid}`,
    managementCluster: 'mc-1',
    component: 'cpo',
    action: 'set',
    digest: NEW,
    ifOverride: null,
    expiresAt: '2026-03-02T05:00:00.000Z',
    sequence: 5,
    ...over,
  };
  const signature = sign(null, signedBytes(plain), keys.privateKey).toString('base64');
  return { ...plain, keyId: keyIdOf(publicKey), signature };
}

export const coverage = {
  exposed: 2,
  patched: 1,
  waiting: 1,
  excluded: 0,
  unknown: 0,
  native: 0,
  unaffected: 0,
  percent: 50,
};
