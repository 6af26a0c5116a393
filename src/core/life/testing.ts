// A small world for core's own tests: a policy, a fleet, and a fix that is brought along by its events.
// No test may need more truth than this; nothing outside tests imports it.
import type { Actor } from '../approval/approval.ts';
import type { Assembly, Line, Proposal } from '../assembly/assembly.ts';
import { sha256 } from '../base/hash.ts';
import type { Commit, Digest, FixId } from '../base/ids.ts';
import { DAY, HOUR, type Instant, MINUTE, type Ms, plus } from '../base/instant.ts';
import type { Role } from '../base/roles.ts';
import type { ControlPlane, ImageFacts, RunningComponent } from '../fleet/control-plane.ts';
import type { Command } from './command.ts';
import { decide } from './decide.ts';
import type { Event, Recorded } from './event.ts';
import { evolve } from './evolve.ts';
import type { ComponentFacts, Facts } from './facts.ts';
import type { Declaration, Fix } from './fix.ts';
import type { Policy } from './policy.ts';

export const T0: Instant = '2026-11-21T20:00:00.000Z';

/** The instant so many minutes after `T0`. */
export const minute = (minutes: number): Instant => plus(T0, minutes * MINUTE);

export const digestOf = (name: string): Digest => `sha256:${sha256(name)}`;
export const commitOf = (name: string): Commit => sha256(name).slice(0, 40);

export const COMPONENT: ComponentFacts = {
  name: 'cpo',
  gates: [
    { name: 'bvt', component: 'cpo', check: 'command' },
    { name: 'smoke', component: 'cpo', attestBy: 'qe' },
    { name: 'perf', component: 'cpo', check: 'command' },
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
const SEVERITY = {
  targets: TARGETS,
  lane: { before: ['bvt', 'smoke'], after: [{ gate: 'perf', withinMs: 7 * DAY }], shadow: [] },
};

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
