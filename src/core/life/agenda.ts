import type { Line } from '../assembly/assembly.ts';
import { linesOf } from '../assembly/lines.ts';
import type { Accepted } from '../assembly/proposals.ts';
import { type Commit, type Digest, type FixId, short } from '../base/ids.ts';
import { earliest, type Instant } from '../base/instant.ts';
import { isToLookAgain, type Looks, nextLookAt } from '../proof/look-again.ts';
import { debtKey, evidenceOn, isOpen } from '../proof/proof.ts';
import { type LookTask, linkLooks, toLook } from './checklist.ts';
import { debtsOf, deliveredAt, isOverdue } from './debts.ts';
import type { Event } from './event.ts';
import { isContained, isDelivering, isSettled, linesInUse, needsImage } from './evolve.ts';
import type { Facts } from './facts.ts';
import { type Fix, type FixLine, isOver, lineNamed } from './fix.ts';
import { isHalted } from './halted.ts';
import { gatesOf, isProven, type LaneStanding, laneGates } from './readiness.ts';
import { imagesByDigest } from './scope-of.ts';

/** One piece of work for a machine on one line of a fix. */
export type Task =
  | {
      readonly do: 'assemble';
      readonly line: Line;
      readonly prerequisites: readonly Commit[];
      readonly accept?: Accepted;
    }
  | {
      readonly do: 'build';
      readonly line: string;
      readonly commit: Commit;
      readonly fixes: readonly FixId[];
      readonly release: Commit;
    }
  | {
      readonly do: 'gate';
      readonly line: string;
      readonly gate: string;
      readonly commit: Commit;
      readonly digest: Digest;
    };

/**
 * What is to be worked on now, and what follows from the facts by itself. `looks`: links to look at; absent: none.
 * `askAgainAt`: when something that was not there is to be looked for again.
 */
export type Agenda = {
  readonly tasks: readonly Task[];
  readonly looks?: readonly LookTask[];
  readonly events: readonly Event[];
  readonly askAgainAt?: Instant;
};

/**
 * Everything a machine can do for the fix before delivery, over all lines at once: lines move
 * independently. A closed fix has none. Asking twice gives the same answer.
 */
export function agenda(fix: Fix, facts: Facts, now: Instant): Agenda {
  if (fix.closed) return { tasks: [], events: [] };
  const links = toLook(fix, facts, now);
  const askAgainAt = nextLook(fix, facts, now);
  const looks = {
    ...(links.length > 0 && { looks: links }),
    ...(askAgainAt !== undefined && { askAgainAt }),
  };
  if (isOver(fix.state)) return { tasks: owedAtTheEnd(fix, facts, now), ...looks, events: [] };
  const seen = currentLines(fix, facts);
  const tasks = [...toAssemble(fix, seen), ...toBuild(fix), ...toRun(fix, facts, now)];
  const reached = reachedBy(fix, seen);
  // Whether it is proven is asked of the fix with those lines.
  const events = [
    ...emptied(fix, seen),
    ...overdue(fix, facts, now),
    ...(reached.length > 0 ? reached : proven({ fix, facts, now, tasks })),
  ];
  return { tasks, ...looks, events: events.length > 0 ? events : awaited(fix, facts, now, tasks) };
}

/** What is retired has no work left but for gates that its checklist waits for. */
const owedAtTheEnd = (fix: Fix, facts: Facts, now: Instant): Task[] =>
  facts.policy.closing?.some(({ kind }) => kind === 'gates' || kind === 'tests')
    ? toRun(fix, facts, now)
    : [];

/** Lines of the component now, and those prepared for releases to come; they keep what others deliver on them. */
export function currentLines(fix: Fix, facts: Pick<Facts, 'fleet' | 'images' | 'others'>): Line[] {
  const delivering = facts.others.filter((o) => isKept(o) && o.id !== fix.id);
  const lines = linesOf({
    component: fix.component,
    planes: facts.fleet,
    images: imagesByDigest(facts.images),
    keep: delivering.map((o) => o.id),
    prepared: Object.values(fix.lines).flatMap((l) => (l.prepared ? [l.line] : [])),
  });
  return lines.map((line) => ({
    ...line,
    // A fix is not carried on top of itself, nor where the release has it already, nor one that is going back.
    carries: line.carries.filter(
      (id) => id !== fix.id && !containedIn(facts.others, id, line.release) && !isHalted(facts.others, id),
    ),
  }));
}

const isKept = (other: Fix): boolean =>
  other.component !== undefined &&
  ((other.state === 'delivering' && other.rollout?.halted === undefined) || other.state === 'covered');

function containedIn(others: readonly Fix[], id: FixId, release: Commit): boolean {
  const other = others.find((o) => o.id === id);
  return Object.values(other?.lines ?? {}).some(
    (l) => l.line.release === release && (isContained(l) || l.notAffected !== undefined),
  );
}

function toAssemble(fix: Fix, seen: readonly Line[]): Task[] {
  const named = new Set(Object.values(fix.lines).map((l) => l.line.release));
  const fresh = seen.filter((line) => !named.has(line.release));
  const again = Object.values(fix.lines).filter(
    (l) =>
      l.notAffected === undefined &&
      (l.emptied === true ? isBack(l, seen) : l.assembly === undefined || lacksCarried(fix, l, seen)),
  );
  return [
    ...fresh.map((line): Task => ({ do: 'assemble', line: apart(fix, line), prerequisites: [] })),
    ...again.map((l): Task => {
      const now = seen.find((line) => line.release === l.line.release);
      return {
        do: 'assemble',
        line: now ? { ...now, name: l.line.name } : l.line,
        prerequisites: l.prerequisites,
        ...(l.accepted && { accept: { kind: l.accepted.kind, tree: l.accepted.tree } }),
      };
    }),
  ];
}

/** Whether control planes have come back to a line that all had left before it was decided. */
const isBack = ({ line }: FixLine, seen: readonly Line[]): boolean =>
  seen.some(({ release, targets }) => release === line.release && targets > 0);

/** A release that was built again under the name of a line the fix has already is a line of its own. */
const apart = (fix: Fix, line: Line): Line =>
  lineNamed(fix, line.name) === undefined ? line : { ...line, name: `${line.name}-${short(line.release)}` };

/** Whether another fix has come to the line since its candidate was made, so that the candidate would lose it. */
function lacksCarried(fix: Fix, line: FixLine, seen: readonly Line[]): boolean {
  if (!(isPreparing(fix) || line.prepared) || !needsImage(line)) return false;
  const now = seen.find((l) => l.release === line.line.release);
  return now?.carries.some((id) => !line.line.carries.includes(id)) ?? false;
}

function toBuild(fix: Fix): Task[] {
  return Object.entries(fix.lines).flatMap(([line, l]): Task[] =>
    needsImage(l) && (l.build === undefined || l.build.state === 'running')
      ? [
          {
            do: 'build',
            line,
            commit: l.assembly!.commit!,
            fixes: [...l.line.carries, fix.id],
            release: l.line.release,
          },
        ]
      : [],
  );
}

function toRun(fix: Fix, facts: Facts, now: Instant): Task[] {
  const { before, after, shadow } = laneGates(fix, facts.component, facts.policy);
  // What only watches leaves the machines to what is awaited.
  const wanted = [...before, ...after, ...(deliveredAt(fix) === undefined ? [] : shadow)];
  const ours = new Set(wanted.filter((g) => g.check !== undefined).map((g) => g.name));
  return Object.values(fix.lines).flatMap((line) =>
    gatesOf({ fix, line, component: facts.component, policy: facts.policy, now })
      .filter((g) => ours.has(g.gate))
      .filter((g) => g.state === 'missing' || isToBeMadeUp(fix, g, line) || isDueAgain(fix, g, line, now))
      .map((g): Task => {
        const build = line.build as Extract<FixLine['build'], { state: 'done' }>;
        return { do: 'gate', line: g.line, gate: g.gate, commit: build.commit, digest: build.digest };
      }),
  );
}

/** What was passed over and never ran is run once delivery has begun: a waiver is a debt, not a pardon. */
const isToBeMadeUp = (fix: Fix, { gate, state }: LaneStanding, { line, build }: FixLine): boolean =>
  state === 'waived' &&
  deliveredAt(fix) !== undefined &&
  build?.state === 'done' &&
  evidenceOn(fix.evidence, { gate, line: line.name, digest: build.digest }).length === 0;

/** What was looked for in vain on the line's image; undefined where the gate found something, or has not run. */
const looksOn = (fix: Fix, gate: string, { line, build }: FixLine): Looks | undefined =>
  build?.state === 'done'
    ? evidenceOn(fix.evidence, { gate, line: line.name, digest: build.digest }).at(-1)?.looks
    : undefined;

const isDueAgain = (fix: Fix, { gate }: LaneStanding, line: FixLine, now: Instant): boolean =>
  isToLookAgain(looksOn(fix, gate, line), now);

/** When the next look is due that is not due yet. */
function nextLook(fix: Fix, facts: Facts, now: Instant): Instant | undefined {
  const gates = facts.component.gates.filter(({ check }) => check !== undefined);
  const lines = linesInUse(fix);
  const looks = [
    ...gates.flatMap(({ name }) => lines.map((line) => looksOn(fix, name, line))),
    ...linkLooks(fix, facts),
  ];
  return earliest(...looks.map((one) => nextLookAt(one, now)));
}

function emptied(fix: Fix, seen: readonly Line[]): Event[] {
  if (!isPreparing(fix) || seen.every((l) => l.targets === 0)) return [];
  const releases = new Set(seen.map((l) => l.release));
  return Object.entries(fix.lines)
    .filter(([, l]) => l.emptied !== true && !isSettled(l) && !releases.has(l.line.release))
    .map(([line]): Event => ({ type: 'LineEmptied', line }));
}

/** Each debt is called overdue once; it stands among what is needed for as long as it is. */
const overdue = (fix: Fix, facts: Facts, now: Instant): Event[] =>
  debtsOf(fix, facts, now)
    .filter((debt) => isOverdue(debt, now) && !fix.overdue?.includes(debtKey(debt)))
    .map(({ gate, line, owner, dueAt }): Event => ({ type: 'DebtOverdue', gate, line, owner, dueAt }));

/** Prepared lines that control planes have come to. */
const reachedBy = (fix: Fix, seen: readonly Line[]): Event[] =>
  Object.entries(fix.lines).flatMap(([line, l]): Event[] => {
    const targets = l.prepared && seen.find(({ release }) => release === l.line.release)?.targets;
    return targets ? [{ type: 'LineReached', line, targets }] : [];
  });

function proven(it: {
  readonly fix: Fix;
  readonly facts: Facts;
  readonly now: Instant;
  readonly tasks: readonly Task[];
}): Event[] {
  const { fix, facts, now, tasks } = it;
  const is =
    fix.provenAt === undefined &&
    isPreparing(fix) &&
    // A line that is still to be assembled is not among the fix's lines yet, and is not proven either.
    !tasks.some((t) => t.do === 'assemble' && !isAhead(fix, t)) &&
    isProven({ fix, component: facts.component, policy: facts.policy, now });
  return is ? [{ type: 'Proven' }] : [];
}

/** Whether it is done for a release that no control plane is on yet. */
const isAhead = (fix: Fix, task: Task): boolean =>
  lineNamed(fix, task.do === 'assemble' ? task.line.name : task.line)?.prepared !== undefined;

/** Whether a plan is still to come: nothing is under way and the finish line is not reached. */
const isPreparing = (fix: Fix): boolean => !isDelivering(fix) && fix.coveredAt === undefined;

/** Where nothing is left for a machine, the stage waits for a person, and the ledger says for what. */
function awaited(fix: Fix, facts: Facts, now: Instant, tasks: readonly Task[]): Event[] {
  const lines = linesInUse(fix);
  const waitsFor = (stage: 'assembly' | 'build' | 'proof', what: string): Event[] => {
    const clock = fix.clocks.find((c) => c.stage === stage && c.endedAt === undefined);
    return clock === undefined || clock.personFor === what
      ? []
      : [{ type: 'PersonAwaited', stage, for: what }];
  };
  const open = lines.filter((l) => !isSettled(l) && l.assembly !== undefined).map((l) => l.line.name);
  const failed = lines.filter((l) => l.build?.state === 'failed').map((l) => l.line.name);
  const gates = lines.flatMap((line) =>
    gatesOf({ fix, line, component: facts.component, policy: facts.policy, now }).filter(
      (g) => g.blocks && !isOpen(g),
    ),
  );
  const has = (kind: Task['do']) => tasks.some((t) => t.do === kind && !isAhead(fix, t));
  const names = [...new Set(gates.map((g) => g.gate))];
  return [
    ...(open.length > 0 && !has('assemble') ? waitsFor('assembly', `a decision on ${open.join(', ')}`) : []),
    ...(failed.length > 0 && !has('build')
      ? waitsFor('build', `retry of the build of ${failed.join(', ')}`)
      : []),
    ...(names.length > 0 && !has('gate') && !has('build')
      ? waitsFor('proof', `gate ${names.join(', ')}`)
      : []),
  ];
}
