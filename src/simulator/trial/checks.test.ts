// Goal: every checker of a trial can fail. Each test tells a story that is in order, breaks it in one place,
// and reads what the checker says.
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { keyIdOf, signedBytes } from '../../adapters/signer/verify.ts';
import type { Digest, FixId } from '../../core/base/ids.ts';
import type { ControlPlane } from '../../core/fleet/control-plane.ts';
import { link, ORIGIN } from '../../core/life/chain.ts';
import type { Event, Recorded } from '../../core/life/event.ts';
import { stepOf } from '../../core/life/step-of.ts';
import { USUAL } from '../../core/pace/pace.ts';
import type { Order, SignedOrder } from '../../core/rollout/order.ts';
import type { Plan } from '../../core/rollout/plan.ts';
import { ANSWER_CHECKS } from './check-answers.ts';
import { misbelieved, misfolded, misprojected, misrecorded, unchained } from './check-end.ts';
import { neverWritten, WRITE_CHECKS } from './check-orders.ts';
import { ROW_CHECKS, type Terms } from './check-rows.ts';
import type { Call } from './people.ts';
import { newStory, type Story, tellReport, tellRow, tellWritten, type Written } from './story.ts';

const NOW = '2026-03-02T04:00:00.000Z';
const LONG_AGO = '2026-03-02T03:49:00.000Z';
const FIX: FixId = 'FIX-1';
const OLD: Digest = `sha256:${'a'.repeat(64)}`;
const NEW: Digest = `sha256:${'b'.repeat(64)}`;
const keys = generateKeyPairSync('ed25519');
const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();

const TERMS: Terms = {
  component: 'cpo',
  approvers: 1,
  people: new Set(['ann', 'ben']),
  silentAfterMs: 600_000,
  secrets: ['hunter2'],
  publicKey,
};

const PLAN: Plan = {
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

const DECLARED: Event = {
  type: 'Declared',
  title: 'leases',
  severity: 'high',
  reason: 'it burns',
  change: { kind: 'commits', commits: ['c'.repeat(40)] },
  component: 'cpo',
  policy: 'default',
};
const APPROVED: Event = { type: 'Approved', plan: PLAN.id, hash: PLAN.hash };
const ROLLING: Event = { type: 'RolloutStarted', plan: PLAN.id, hash: PLAN.hash };
const started = (...targets: string[]): Event => ({
  type: 'TargetsStarted',
  targets,
  because: 'room for more',
});

/** The row that would follow in the story. */
function next(story: Story, event: Event, author = 'fleetfix', over: Partial<Recorded> = {}): Recorded {
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

const ANSWER = { key: 'k1', actor: 'ann', body: '', status: 202, answer: {}, at: NOW };
const writing = (rows: readonly Recorded[], over: Partial<Written> = {}): Written => ({
  rows,
  orders: [],
  images: [],
  now: NOW,
  ...(rows.some((row) => row.author !== 'fleetfix') && { answer: ANSWER }),
  ...over,
});

/** A story of these events; those people do are ann's, but for approvals. */
function storyOf(...events: Event[]): Story {
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

const DELIVERING = [DECLARED, APPROVED, ROLLING];

const plane = (
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

const SAYS_NOTHING = { managementCluster: 'mc-1', planes: [], gone: [], lost: [], images: [], refused: [] };

function report(story: Story, ...planes: ReturnType<typeof plane>[]): Story {
  tellReport(story, { ...SAYS_NOTHING, planes }, NOW);
  return story;
}

function order(uid: string, over: Partial<Order> = {}): SignedOrder {
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

const coverage = {
  exposed: 2,
  patched: 1,
  waiting: 1,
  excluded: 0,
  unknown: 0,
  native: 0,
  unaffected: 0,
  percent: 50,
};

describe('a row that breaks the rule', () => {
  const checkRow = (name: string, story: Story, row: Recorded, over: Partial<Written> = {}) =>
    ROW_CHECKS[name]!(row, story, TERMS, writing([row], over));
  const tested = new Set<string>();
  const breaks = (name: string, story: Story, row: Recorded, over: Partial<Written> = {}) => {
    tested.add(name);
    return expect(checkRow(name, story, row, over).join('; '));
  };
  const holds = (name: string, story: Story, row: Recorded, over: Partial<Written> = {}) =>
    expect(checkRow(name, story, row, over)).toEqual([]);

  test('is not linked to the one before it', () => {
    const name = 'the ledger is a chain';
    const story = storyOf(DECLARED);
    const row = next(story, APPROVED, 'ben');
    holds(name, story, row);
    breaks(name, story, { ...row, version: 3 }).toMatch('does not follow version 1');
    breaks(name, story, { ...row, previous: 'f'.repeat(64) }).toMatch('does not follow');
    breaks(name, story, { ...row, author: 'eve' }).toMatch('does not match its hash');
  });

  test('is dated by another clock than the hub’s', () => {
    const name = 'time is the hub’s own';
    const story = storyOf(DECLARED);
    holds(name, story, next(story, APPROVED, 'ben'));
    const late = { at: '2099-01-01T00:00:00.000Z' };
    breaks(name, story, next(story, APPROVED, 'ben', late)).toMatch('dated 2099');
    const early = { at: '2020-01-01T00:00:00.000Z' };
    breaks(name, story, next(story, APPROVED, 'ben', early), { now: early.at }).toMatch(
      'older than the row before',
    );
  });

  test('has no author, or one who may not decide', () => {
    const name = 'every act has its author';
    const story = storyOf(DECLARED);
    holds(name, story, next(story, APPROVED, 'ben'));
    breaks(name, story, next(story, APPROVED, 'eve')).toMatch('whom nobody knows');
    breaks(name, story, next(story, APPROVED, 'ben'), { answer: undefined }).toMatch('not on record');
    breaks(name, story, next(story, started('one'), 'ann')).toMatch('decided by ann');
  });

  test('decides and does not say because', () => {
    const name = 'every decision says because';
    const story = storyOf(...DELIVERING);
    holds(name, story, next(story, started('one')));
    breaks(name, story, next(story, { type: 'TargetsStarted', targets: ['one'], because: ' ' })).toMatch(
      'because',
    );
  });

  test('holds a secret', () => {
    const name = 'no secret is in the ledger';
    const story = storyOf(DECLARED);
    holds(name, story, next(story, { type: 'Withdrawn', reason: 'hunter' }, 'ann'));
    breaks(name, story, next(story, { type: 'Withdrawn', reason: 'see hunter2' }, 'ann')).toMatch(
      'holds a secret',
    );
  });

  test('starts targets while a brake is on', () => {
    const name = 'nothing starts while paused or halted';
    const paused: Event = { type: 'Paused', reason: 'wait' };
    const halted: Event = { type: 'Halted', because: 'it is bad' };
    holds(name, storyOf(...DELIVERING), next(storyOf(...DELIVERING), started('one')));
    const stopped = storyOf(...DELIVERING, paused);
    breaks(name, stopped, next(stopped, started('one'))).toMatch('while FIX-1 was paused');
    const resumed = storyOf(...DELIVERING, paused, { type: 'Resumed', reason: 'go' });
    holds(name, resumed, next(resumed, started('one')));
    const bad = storyOf(...DELIVERING, halted);
    breaks(name, bad, next(bad, started('one'))).toMatch('while FIX-1 was halted');
    const partly = storyOf(...DELIVERING, { ...halted, stratum: 'aws one' });
    breaks(name, partly, next(partly, started('one', 'two'))).toMatch('one was started while its stratum');
    holds(name, partly, next(partly, started('two')));
  });

  test('starts more on a management cluster than the plan allows', () => {
    const name = 'no management cluster takes more at once than the plan allows';
    const story = storyOf(...DELIVERING);
    holds(name, story, next(story, started('one')));
    breaks(name, story, next(story, started('one', 'two'))).toMatch('2 change at once on mc-1');
    const busy = storyOf(...DELIVERING, started('one'));
    breaks(name, busy, next(busy, started('two'))).toMatch('the plan allows 1');
  });

  test('decides otherwise than what is on record gives', () => {
    const name = 'a decision can be made again from what is on record';
    const story = storyOf(...DELIVERING);
    const { because, counts } = stepOf(PLAN, story.fixes.get(FIX)!.rollout!, NOW);
    const episodes = { treated: [], control: [] };
    holds(name, story, next(story, { type: 'Decided', because, counts, episodes }));
    const other = { ...counts, treated: counts.treated + 1 };
    breaks(name, story, next(story, { type: 'Decided', because, counts: other, episodes })).toMatch(
      'when made again',
    );
  });

  test('starts a plan that is not approved, by its author, twice, or changed', () => {
    const name = 'a plan starts once, approved by others';
    const approved = storyOf(DECLARED, APPROVED);
    holds(name, approved, next(approved, ROLLING, 'ann'));
    const alone = storyOf(DECLARED);
    breaks(name, alone, next(alone, ROLLING, 'ann')).toMatch('with 0 of 1 approvals');
    const own = storyOf(DECLARED);
    tellRow(own, next(own, APPROVED, 'ann'));
    breaks(name, own, next(own, ROLLING, 'ann')).toMatch('with 0 of 1 approvals');
    const declined = storyOf(DECLARED, APPROVED, { type: 'Declined', plan: PLAN.id, reason: 'no' });
    breaks(name, declined, next(declined, ROLLING, 'ann')).toMatch('with 0 of 1 approvals');
    const twice = storyOf(...DELIVERING);
    breaks(name, twice, next(twice, ROLLING, 'ann')).toMatch('was started twice');
    breaks(name, approved, next(approved, { ...ROLLING, hash: 'x' } as Event, 'ann')).toMatch(
      'not the plan that was kept',
    );
    approved.plans.set(PLAN.id, { ...PLAN, pace: { ...PLAN.pace, harmBudget: 400 } });
    breaks(name, approved, next(approved, ROLLING, 'ann')).toMatch('with 1 of 2 approvals');
  });

  test('tells a target that no plan names', () => {
    const name = 'only targets of the started plan are told';
    const story = storyOf(...DELIVERING);
    holds(name, story, next(story, started('one')));
    breaks(name, story, next(story, started('nine'))).toMatch('nine, which P-00000001 does not');
    const undelivered = storyOf(DECLARED, APPROVED);
    breaks(name, undelivered, next(undelivered, started('one'))).toMatch('which no plan does not');
  });

  test('counts as patched what no report shows', () => {
    const name = 'patched is what was seen';
    const patched: Event = { type: 'TargetsObserved', changes: [{ uid: 'one', to: 'patched' }] };
    const told = () => storyOf(...DELIVERING, started('one'));
    const seen = report(told(), plane('one', NEW));
    holds(name, seen, next(seen, patched));
    const silent = told();
    breaks(name, silent, next(silent, patched)).toMatch('no report since it was told');
    const old = report(told(), plane('one', OLD));
    breaks(name, old, next(old, patched)).toMatch('no report since');
    const ill = report(told(), plane('one', NEW, { unhealthy: 'down' }));
    breaks(name, ill, next(ill, patched)).toMatch('no report since');
    const late: Event = { type: 'TargetsObserved', changes: [{ uid: 'one', to: 'patched', ill: true }] };
    holds(name, ill, next(ill, late));
    breaks(name, old, next(old, late)).toMatch('no report since');
    const before = report(storyOf(...DELIVERING), plane('one', NEW));
    before.heardAt.set('mc-1', '2026-03-02T03:00:00.000Z');
    tellRow(before, next(before, started('one')));
    breaks(name, before, next(before, patched)).toMatch('no report since');
  });

  test('counts a coverage that does not add up or was not seen', () => {
    const name = 'coverage adds up and counts only what was seen';
    const story = report(storyOf(...DELIVERING), plane('one', NEW), plane('two', OLD));
    const ended = (over: object): Event => ({
      type: 'RolloutEnded',
      because: 'over',
      coverage: { ...coverage, ...over },
    });
    holds(name, story, next(story, ended({})));
    breaks(name, story, next(story, ended({ waiting: 0 }))).toMatch('2 are exposed, and 1 are accounted for');
    breaks(name, story, next(story, ended({ percent: 100 }))).toMatch('100 %');
    breaks(name, story, next(story, ended({ patched: 2, waiting: 0, percent: 100 }))).toMatch(
      'and 1 were seen',
    );
    const quiet = report(storyOf(...DELIVERING), plane('one', NEW), plane('two', OLD));
    quiet.heardAt.set('mc-1', LONG_AGO);
    breaks(name, quiet, next(quiet, ended({}))).toMatch('1 patched, and 0 were seen');
    tellReport(story, { ...SAYS_NOTHING, lost: ['one'] }, NOW);
    holds(name, story, next(story, ended({})));
    story.lostAt.set('one', LONG_AGO);
    breaks(name, story, next(story, ended({}))).toMatch('and 0 were seen');
  });

  test('takes an earlier fix away', () => {
    const name = 'a later fix keeps an earlier one';
    const story = report(storyOf(...DELIVERING), plane('one', OLD));
    holds(name, story, next(story, started('one')));
    story.images.set(OLD, { digest: OLD, component: 'cpo', release: 'r', fixes: ['FIX-7'] });
    const earlier = { ...story.fixes.get(FIX)!, id: 'FIX-7' as FixId };
    story.fixes.set('FIX-7', earlier);
    breaks(name, story, next(story, started('one'))).toMatch('one is to lose FIX-7 by FIX-1');
    story.fixes.set('FIX-7', { ...earlier, closed: { as: 'done', by: 'ann', at: NOW } });
    holds(name, story, next(story, started('one')));
  });

  test('is tried here for every rule there is', () => {
    expect([...tested].sort()).toEqual(Object.keys(ROW_CHECKS).sort());
  });
});

describe('an append that breaks the rule', () => {
  const check = (name: string, written: Written, story: Story) =>
    WRITE_CHECKS[name]!(written, story, TERMS).join('; ');
  const told = () => {
    const story = storyOf(...DELIVERING, started('one'));
    return { story, rows: [story.rows.at(-1)!] };
  };

  test('has an order that is not signed as it is', () => {
    const { story, rows } = told();
    expect(check('orders are signed', writing(rows, { orders: [order('one')] }), story)).toBe('');
    const forged = { ...order('one'), digest: OLD };
    expect(check('orders are signed', writing(rows, { orders: [forged] }), story)).toMatch('no signature');
  });

  test('has an order under a key or sequence that was used', () => {
    const name = 'an order has a key and a turn of its own';
    const { story, rows } = told();
    const written = writing(rows, { orders: [order('one')] });
    expect(check(name, written, story)).toBe('');
    tellWritten(story, written);
    expect(check(name, written, story)).toMatch('was given before');
    const stale = order('one', { key: 'FIX-1/one/4', sequence: 4 });
    expect(check(name, writing(rows, { orders: [stale] }), story)).toMatch('does not come after 5');
  });

  test('has an order that no event asks for, or an event without its order', () => {
    const name = 'orders say what the events say';
    const { story, rows } = told();
    expect(check(name, writing(rows, { orders: [order('one')] }), story)).toBe('');
    expect(check(name, writing(rows), story)).toMatch('no order to it was written');
    expect(check(name, writing(rows, { orders: [order('one'), order('two')] }), story)).toMatch(
      'no event names two',
    );
    const other = order('one', { digest: OLD });
    expect(check(name, writing(rows, { orders: [other] }), story)).toMatch(`asks for ${OLD}`);
  });

  test('carries out a command a second time', () => {
    const name = 'a command is carried out once';
    const story = storyOf(DECLARED);
    const written = writing(story.rows);
    expect(check(name, written, story)).toBe('');
    tellWritten(story, written);
    expect(check(name, written, story)).toMatch("ann's command k1 was carried out twice");
  });

  test('is not what is handed over to the clusters', () => {
    const story = newStory();
    tellWritten(story, writing([], { orders: [order('one')] }));
    expect(neverWritten([order('one')], story)).toEqual([]);
    expect(neverWritten([order('two')], story).join()).toMatch('not on the ledger');
    expect(neverWritten([order('one', { digest: OLD })], story).join()).toMatch('was changed');
  });
});

describe('an answer that breaks the rule', () => {
  const check = (name: string, call: Partial<Call>, story = storyOf(DECLARED)) =>
    ANSWER_CHECKS[name]!(
      { who: 'ann', what: 'POST /x', sentAt: NOW, status: 202, body: {}, ...call },
      story,
      TERMS,
    ).join('; ');

  test('says that something is wrong with the hub', () => {
    const name = 'no request fails in a way it must not';
    expect(check(name, { status: 409, body: { code: 'wrong-state' } })).toBe('');
    expect(check(name, { status: 500, body: { detail: 'a defect' } })).toMatch('a defect');
  });

  test('keeps a person from the safe direction', () => {
    const name = 'the safe direction is always open';
    const refused = (code: string, command: Call['command']) =>
      check(name, { status: 412, body: { code }, ...(command && { command }) });
    expect(refused('wrong-state', 'pause')).toBe('');
    expect(refused('stale-version', 'start')).toBe('');
    expect(refused('stale-version', 'pause')).toMatch('could not pause: stale-version');
    expect(refused('approval-missing', 'rollback')).toMatch('could not rollback');
  });

  test('tells of an act that nobody recorded', () => {
    const name = 'what is answered is on the ledger';
    expect(check(name, { command: 'declare', body: { fix: FIX, version: 1 } })).toBe('');
    expect(check(name, { command: 'pause', body: { fix: FIX, version: 2 } })).toMatch(
      'made version 2 of FIX-1',
    );
    expect(check(name, { who: 'ben', command: 'pause', body: { fix: FIX, version: 1 } })).toMatch(
      'ben was told',
    );
  });

  test('holds a secret', () => {
    const name = 'no answer holds a secret';
    expect(check(name, { body: { a: 'hunter' } })).toBe('');
    expect(check(name, { body: { a: 'hunter2' } })).toMatch('holds a secret');
  });

  test('shows a state that no event explains', () => {
    const name = 'a screen shows what events explain';
    const story = report(storyOf(...DELIVERING, { type: 'Paused', reason: 'wait' }), plane('one', NEW));
    const view = { id: FIX, at: NOW, version: 4, state: 'delivering', paused: true, halted: false, coverage };
    const shown = (over: object) =>
      check(name, { what: 'GET /api/fixes/FIX-1', status: 200, body: { ...view, ...over } }, story);
    expect(shown({})).toBe('');
    expect(shown({ version: 3 })).toMatch('"paused":true');
    expect(shown({ version: 9 })).toMatch('which nobody wrote');
    expect(shown({ state: 'covered' })).toMatch('shown as');
    expect(shown({ coverage: { ...coverage, unknown: 1 } })).toMatch('wrong coverage');
    story.heardAt.set('mc-1', LONG_AGO);
    expect(shown({})).toMatch('1 patched, and 0 were seen to be');
  });

  test('is tried here for every rule there is', () => {
    expect(Object.keys(ANSWER_CHECKS)).toHaveLength(5);
    expect(Object.keys(WRITE_CHECKS)).toHaveLength(4);
  });
});

describe('what is compared at the end', () => {
  test('finds rows that were changed, added or lost', () => {
    const story = storyOf(...DELIVERING);
    expect(misrecorded(story.rows, story)).toEqual([]);
    expect(misrecorded(story.rows.slice(1), story).join()).toMatch(
      '3 rows were written, and the ledger holds 2',
    );
    const changed = story.rows.map((row, i) => (i === 1 ? { ...row, author: 'eve' } : row));
    expect(misrecorded(changed, story)).toEqual(['FIX-1 version 2 is not what was written']);
    expect(unchained(story.rows)).toEqual([]);
    expect(unchained(changed).join()).toMatch('FIX-1: version 2');
  });

  test('finds a list that shows another state than the events give', () => {
    const story = storyOf(DECLARED);
    const { id, title, severity, state, component, author, declaredAt } = story.fixes.get(FIX)!;
    const row = { id, title, severity, state, component, author, declaredAt };
    expect(misprojected([row], story)).toEqual([]);
    expect(misprojected([{ ...row, state: 'covered' }], story)).toEqual([
      'FIX-1 is listed as covered, and its events make it declared',
    ]);
    expect(misprojected([], story)).toEqual(['FIX-1 is on no list']);
    expect(misprojected([row, { ...row, id: 'FIX-2' }], story).join()).toMatch('nobody declared it');
  });

  test('finds a copy that is not the fold', () => {
    const story = storyOf(...DELIVERING);
    const kept = story.fixes.get(FIX)!;
    expect(misfolded(kept, story.rows)).toEqual([]);
    expect(misfolded({ ...kept, handSteps: 9 }, story.rows)).toEqual([
      'FIX-1 is not what its events make it',
    ]);
  });

  test('finds a control plane that is not what it is believed to be', () => {
    const so = plane('one', OLD);
    const nothing = { gone: [], lost: [], images: [], refused: [] };
    const survey = [{ managementCluster: 'mc-1', full: true, planes: [so], ...nothing }];
    const believe = (planes: readonly ControlPlane[]) =>
      misbelieved({ planes, survey, heard: new Set(['mc-1']), now: NOW, heartbeatMs: 60_000 }).join('; ');
    const believed = { ...so, reportedAt: NOW };
    expect(believe([believed])).toBe('');
    expect(believe([])).toMatch('nobody knows it');
    expect(believe([{ ...believed, unhealthy: 'down' }])).toMatch('is believed to be');
    expect(believe([believed, { ...believed, uid: 'gone' }])).toMatch('believed to live and is gone');
    expect(believe([{ ...believed, reportedAt: '2099-01-01T00:00:00.000Z' }])).toMatch('heard at 2099');
  });
});
