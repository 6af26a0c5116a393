// A small world for core's own tests: a policy, a fleet, and a fix that is brought along by its events.
// No test may need more truth than this; nothing outside tests imports it.
import type { Actor } from '../approval/approval.ts';
import type { Assembly, Line, Proposal } from '../assembly/assembly.ts';
import { sha256 } from '../base/hash.ts';
import type { Commit, Digest, FixId, Uid } from '../base/ids.ts';
import { DAY, HOUR, type Instant, MINUTE, type Ms, plus } from '../base/instant.ts';
import type { Role } from '../base/roles.ts';
import type { ControlPlane, ImageFacts, RunningComponent } from '../fleet/control-plane.ts';
import type { Order } from '../rollout/order.ts';
import type { Plan } from '../rollout/plan.ts';
import { agenda } from './agenda.ts';
import type { Command } from './command.ts';
import { decide } from './decide.ts';
import { type Delivery, deliver } from './deliver.ts';
import type { Event, Recorded } from './event.ts';
import { evolve } from './evolve.ts';
import type { ComponentFacts, Facts } from './facts.ts';
import type { Declaration, Fix } from './fix.ts';
import type { Policy } from './policy.ts';
import { retire } from './retire.ts';

export const T0: Instant = '2026-11-21T20:00:00.000Z';

/** The instant so many minutes after `T0`. */
export const minute = (minutes: number): Instant => plus(T0, minutes * MINUTE);

export const digestOf = (name: string): Digest => `sha256:${sha256(name)}`;
export const commitOf = (name: string): Commit => sha256(name).slice(0, 40);

export const COMPONENT: ComponentFacts = {
  name: 'cpo',
  gates: [
    { name: 'bvt', component: 'cpo' },
    { name: 'smoke', component: 'cpo', attestBy: 'qe' },
    { name: 'perf', component: 'cpo' },
  ],
};

const TARGETS = {
  assembly: HOUR,
  build: HOUR,
  proof: HOUR,
  approval: HOUR,
  rollout: 3 * HOUR,
  covered: 6 * HOUR,
};
const SEVERITY = { targets: TARGETS, lane: { before: ['bvt', 'smoke'], after: ['perf'] } };

/** One stage, two at a time on a management cluster, the budget the incident asks for; small fleets fit the one-box. */
export const POLICY: Policy = {
  name: 'standard',
  severities: { critical: SEVERITY, high: SEVERITY, moderate: SEVERITY },
  approvers: { count: 1, role: 'approver' },
  pace: { inFlightPerManagementCluster: 2 },
  stages: [],
  unknownMax: 0,
  convergeWithinMs: 20 * MINUTE,
  silentAfterMs: 10 * MINUTE,
  planValidMs: 12 * HOUR,
  freezes: [],
  windows: [],
};

/** One person a role, named after it; ana declares. */
export const person = (name: string, ...roles: Role[]): Actor => ({ name, roles });
export const ANA = person('ana', 'engineer', 'approver', 'operator', 'qe');
export const BOB = person('bob', 'approver');
export const EVE = person('eve', 'on-call', 'operator');
export const QUINN = person('quinn', 'qe');

export const releaseDigest = (version: string): Digest => digestOf(`release ${version}`);
export const releaseImage = (version: string): ImageFacts => ({
  digest: releaseDigest(version),
  component: 'cpo',
  commit: commitOf(version),
  release: commitOf(version),
  fixes: [],
});

/** The image of a fix on a release, with the fixes it brings along before it. */
export const fixImage = (fix: FixId, version: string, carries: readonly FixId[] = []): ImageFacts => ({
  digest: digestOf(`${[...carries, fix].join('+')} on ${version}`),
  component: 'cpo',
  commit: commitOf(`${fix} on ${version}`),
  release: commitOf(version),
  fixes: [...carries, fix],
});

/** A healthy control plane on 4.19.1 that runs its release; `running` says otherwise. */
export function planeOf(
  name: string,
  over: Partial<ControlPlane> & { readonly running?: Partial<RunningComponent> } = {},
): ControlPlane {
  const { running, ...rest } = over;
  const version = over.version ?? '4.19.1';
  const release = releaseDigest(version);
  return {
    uid: `uid-${name}`,
    name,
    managementCluster: 'mc-1',
    region: 'eu',
    sector: 'main',
    customer: 'acme',
    platform: 'aws',
    version,
    availability: 'HighlyAvailable',
    components: { cpo: { release, digest: release, ...running } },
    reportedAt: T0,
    ...rest,
  };
}

export function lineOf(version: string, over: Partial<Line> = {}): Line {
  const release = commitOf(version);
  return {
    name: version,
    component: 'cpo',
    base: release,
    release,
    carries: [],
    versions: [version],
    targets: 1,
    ...over,
  };
}

export function assemblyOf(outcome: Assembly['outcome'], over: Partial<Assembly> = {}): Assembly {
  return {
    onto: commitOf('base'),
    outcome,
    because: `it is ${outcome}`,
    picked: [],
    conflicts: [],
    proposals: [],
    warnings: [],
    passengers: [],
    ms: 10,
    ...over,
  };
}

/** A remedy that works; of one kind, with nothing left to look at. */
export function proposalOf(kind: Proposal['kind'], over: Partial<Proposal> = {}): Proposal {
  return {
    kind,
    outcome: 'clean',
    commits: [],
    subjects: [],
    tree: commitOf(`tree of ${kind}`),
    passengers: { commits: 0, files: 0, lines: 0 },
    left: [],
    look: [],
    ...over,
  };
}

export const DECLARATION: Declaration = {
  title: 'drop the leaked watch',
  severity: 'critical',
  reason: 'memory grows',
  incident: 'INC-1',
  change: { kind: 'commits', commits: [commitOf('the change')] },
  component: 'cpo',
  policy: 'standard',
};

/** A fix and the events that made it. `now` only moves by `wait`. */
export type Story = {
  readonly rows: Recorded[];
  now: Instant;
  readonly id: FixId;
  fix: Fix;
};

/** Records events of one author, all at the story's time. */
export function tell(story: Story, author: string, ...events: readonly Event[]): Story {
  for (const event of events) {
    const row: Recorded = {
      seq: story.rows.length + 1,
      fix: story.id,
      version: story.rows.length + 1,
      at: story.now,
      author,
      surface: author === 'fleetfix' ? 'hub' : 'cli',
      seen: story.rows.length,
      event,
      previous: '',
      hash: '',
    };
    story.rows.push(row);
    story.fix = evolve(story.fix, row);
  }
  return story;
}

export function declared(id: FixId = 'FIX-1', now: Instant = T0, over: Partial<Declaration> = {}): Story {
  const story = { rows: [], now, id, fix: undefined as unknown as Fix };
  return tell(story, 'ana', { type: 'Declared', ...DECLARATION, ...over });
}

export function wait(story: Story, ms: Ms): Story {
  story.now = plus(story.now, ms);
  return story;
}

/** Events that bring a line to an image of which every blocking gate is met. */
export function lineReady(fix: FixId, version: string, carries: readonly FixId[] = []): Event[] {
  const { digest, commit } = fixImage(fix, version, carries);
  const line = version;
  return [
    {
      type: 'LineAssembled',
      line: lineOf(version, { carries }),
      assembly: assemblyOf('clean', { commit: commit! }),
    },
    { type: 'BuildStarted', line, commit: commit! },
    { type: 'Built', line, commit: commit!, digest, tookMs: 5 * MINUTE },
    { type: 'GateRan', gate: 'bvt', line, digest, result: 'pass', tookMs: MINUTE },
    { type: 'Attested', gate: 'smoke', line, digest, result: 'pass' },
  ];
}

/** A fix whose lines all have proven images. */
export function proven(
  id: FixId = 'FIX-1',
  versions: readonly string[] = ['4.19.1'],
  over: Partial<Declaration> = {},
): Story {
  const story = declared(id, T0, over);
  for (const version of versions) tell(story, 'fleetfix', ...lineReady(id, version));
  return tell(story, 'fleetfix', { type: 'Proven' });
}

export function factsOf(over: Partial<Facts> = {}): Facts {
  return {
    actor: ANA,
    policy: POLICY,
    component: COMPONENT,
    fleet: [],
    images: [releaseImage('4.19.1'), releaseImage('4.20.1'), fixImage('FIX-1', '4.19.1')],
    others: [],
    ...over,
  };
}

/** What the command comes to; the story goes on with its events when it is taken. */
export function act(story: Story, actor: Actor, command: Command, facts: Facts) {
  const decision = decide(story.fix, command, { ...facts, actor }, story.now);
  if (decision.ok) tell(story, actor.name, ...decision.value);
  return decision;
}

/** An end that is far enough for whatever must expire later. */
export const TOMORROW: Instant = plus(T0, DAY);

/**
 * A toy fleet behind its agents: `truth` is what runs, `seen` what was last reported. An agent that is
 * silent neither fetches orders nor reports, while its control planes go on changing images.
 */
export type Toy = {
  readonly truth: Map<Uid, ControlPlane>;
  readonly seen: Map<Uid, ControlPlane>;
  readonly story: Story;
  plan: Plan | undefined;
  readonly facts: Omit<Facts, 'fleet' | 'plan' | 'actor'>;
  readonly silent: Set<string>;
  /** Digests that make a control plane unhealthy, and whom. */
  readonly breaks: (uid: Uid, digest: Digest) => boolean;
  /** How one that an image broke is reported. */
  readonly brokenAs: string;
  readonly rollMs: (uid: Uid) => Ms;
  readonly orders: Order[];
  readonly refused: { readonly order: Order; readonly because: string }[];
  readonly acts: { readonly uid: Uid; readonly digest: Digest | undefined; readonly at: Instant }[];
  readonly waiting: Order[];
  readonly rolling: Map<Uid, Instant>;
};

export function toyOf(planes: readonly ControlPlane[], over: Partial<Toy> & { readonly story: Story }): Toy {
  const { images, ...facts } = factsOf();
  const { fleet: _, actor: __, ...rest } = facts;
  return {
    truth: new Map(planes.map((p) => [p.uid, p])),
    seen: new Map(planes.map((p) => [p.uid, { ...p, reportedAt: over.story.now }])),
    plan: undefined,
    facts: { ...rest, images },
    silent: new Set(),
    breaks: () => false,
    brokenAs: 'API server unavailable',
    rollMs: () => 3 * MINUTE,
    orders: [],
    refused: [],
    acts: [],
    waiting: [],
    rolling: new Map(),
    ...over,
  };
}

export const toyFacts = (toy: Toy, actor: Actor = EVE): Facts => ({
  ...toy.facts,
  actor,
  fleet: [...toy.seen.values()],
  ...(toy.plan && { plan: toy.plan }),
});

/** What the hub does when it looks: asks core, records the events, hands the orders over. */
export function tend(toy: Toy): Delivery {
  const { story, plan } = toy;
  const facts = toyFacts(toy);
  const todo = agenda(story.fix, facts, story.now);
  const given =
    plan !== undefined && story.fix.rollout?.plan === plan.id
      ? deliver(story.fix, plan, facts, story.now)
      : { events: [], orders: [], because: 'nothing is being delivered' };
  const retiring = retire(story.fix, facts, story.now);
  const events = [...todo.events, ...given.events, ...retiring.events];
  const orders = [...given.orders, ...retiring.orders];
  tell(story, 'fleetfix', ...events);
  toy.orders.push(...orders);
  toy.waiting.push(...orders);
  return { ...given, events, orders };
}

/** Time passes: agents fetch orders, control planes change images, agents report. */
export function pass(toy: Toy, ms: Ms): void {
  const now = wait(toy.story, ms).now;
  for (const order of toy.waiting.splice(0)) {
    if (toy.silent.has(order.managementCluster)) toy.waiting.push(order);
    else carryOut(toy, order);
  }
  for (const [uid, endsAt] of toy.rolling) {
    const plane = toy.truth.get(uid);
    if (plane === undefined || endsAt > now) continue;
    const { cpo } = plane.components as { cpo: RunningComponent };
    const digest = cpo.override ?? cpo.release;
    const { unhealthy: _, ...healthy } = plane;
    const broken = toy.breaks(uid, digest) ? { unhealthy: toy.brokenAs } : {};
    toy.truth.set(uid, { ...healthy, ...broken, components: { cpo: { ...cpo, digest } } });
    toy.rolling.delete(uid);
  }
  report(toy);
}

function report(toy: Toy): void {
  for (const [uid, plane] of toy.truth) {
    if (!toy.silent.has(plane.managementCluster)) toy.seen.set(uid, { ...plane, reportedAt: toy.story.now });
  }
  for (const [uid, plane] of toy.seen) {
    if (!toy.truth.has(uid) && !toy.silent.has(plane.managementCluster)) toy.seen.delete(uid);
  }
}

function carryOut(toy: Toy, order: Order): void {
  const plane = toy.truth.get(order.uid);
  const now = toy.story.now;
  const cpo = plane?.components.cpo;
  const because =
    cpo === undefined
      ? 'gone'
      : order.expiresAt <= now
        ? 'expired'
        : (cpo.override ?? null) !== order.ifOverride
          ? 'another override is in place'
          : undefined;
  if (because !== undefined) {
    toy.refused.push({ order, because });
    return;
  }
  const { override: _, digest: __, ...bare } = cpo!;
  const override = order.action === 'set' ? { override: order.digest! } : {};
  toy.truth.set(order.uid, { ...plane!, components: { cpo: { ...bare, ...override } } });
  toy.rolling.set(order.uid, plus(now, toy.rollMs(order.uid)));
  toy.acts.push({ uid: order.uid, digest: order.digest, at: now });
}

/** Approves a plan by bob and starts it by eve, after a halt with a reason. Throws when core refuses. */
export function launch(toy: Toy, plan: Plan, reason?: string): void {
  toy.plan = plan;
  const facts = toyFacts(toy);
  for (const [who, command] of [
    [BOB, { do: 'approve', plan: plan.id }],
    [EVE, { do: 'start', plan: plan.id, ...(reason !== undefined && { reason }) }],
  ] as const) {
    const decision = act(toy.story, who, command, facts);
    if (!decision.ok) throw new Error(decision.error.detail);
  }
}
