import { HUB } from '../approval/approval.ts';
import { byVersion } from '../assembly/lines.ts';
import { pathClass } from '../assembly/path-class.ts';
import { wholeAssembly } from '../assembly/proposals.ts';
import type { Uid } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';
import { askedAnew } from '../proof/proof.ts';
import { awaitsPerson, ended, movesAgain, started } from './clocks.ts';
import type { Event, Recorded } from './event.ts';
import { CLOSING_FOLDS, lookedAnew } from './evolve-closing.ts';
import { PROOF_FOLDS } from './evolve-proof.ts';
import { NO_EPISODES, seenOthers, seenTargets, startedTargets } from './evolve-rollout.ts';
import {
  type ClockedStage,
  type Fix,
  type FixLine,
  lineNamed,
  type Rollout,
  type State,
  type ToldTarget,
} from './fix.ts';
import type { Fold, Folds } from './fold.ts';

/**
 * The fix after one more recorded event. The first event must be `Declared`, and versions must follow
 * one another; anything else is a broken ledger and throws.
 */
export function evolve(fix: Fix | undefined, recorded: Recorded): Fix {
  const { event, at, author } = recorded;
  if (recorded.version !== (fix?.version ?? 0) + 1) {
    throw new Error(
      `${recorded.fix}: event ${recorded.version} does not follow version ${fix?.version ?? 0}`,
    );
  }
  const before = fix ?? declaredBy(recorded);
  const fold = FOLDS[event.type] as Fold<Event['type']>;
  const folded = fold(before, event, { at, author });
  const next = { ...folded, version: recorded.version, ...handSteps(before, recorded) };
  const state = stateOf(next);
  return state === before.state ? next : { ...next, state, stateAt: at };
}

/** Folds a whole history. Undefined when it is empty. */
export const fold = (history: readonly Recorded[], from?: Fix): Fix | undefined =>
  history.reduce<Fix | undefined>(evolve, from);

/** The fix after events that are not recorded yet, as the hub would record them at `at`. */
export const foldMore = (fix: Fix, events: readonly Event[], at: Instant): Fix =>
  events.reduce<Fix>(
    (so, event) =>
      evolve(so, {
        seq: 0,
        fix: so.id,
        version: so.version + 1,
        at,
        author: HUB.name,
        surface: 'hub',
        seen: so.version,
        event,
        previous: '',
        hash: '',
      }),
    fix,
  );

function declaredBy(recorded: Recorded): Fix {
  const { event } = recorded;
  if (event.type !== 'Declared') throw new Error(`${recorded.fix}: begins with ${event.type}, not Declared`);
  const { type: _, ...declaration } = event;
  return {
    ...declaration,
    id: recorded.fix,
    version: 0,
    author: recorded.author,
    declaredAt: recorded.at,
    state: 'declared',
    stateAt: recorded.at,
    lines: {},
    evidence: [],
    waivers: [],
    approvals: [],
    exclusions: [],
    clocks: started([], 'assembly', recorded.at),
    handSteps: 0,
  };
}

/** One act of a person is one hand step, however many events it made. */
function handSteps(fix: Fix, { author, at }: Recorded): Pick<Fix, 'handSteps' | 'lastAct'> {
  const same = fix.lastAct?.by === author && fix.lastAct.at === at;
  if (author === 'fleetfix' || same)
    return { handSteps: fix.handSteps, ...(fix.lastAct && { lastAct: fix.lastAct }) };
  return { handSteps: fix.handSteps + 1, lastAct: { by: author, at } };
}

const FOLDS: Folds<Event['type']> = {
  Declared: (fix) => fix,
  LineAssembled: (fix, { line, assembly: recorded }, { at }) => {
    const assembly = wholeAssembly(recorded, pathClass);
    const known: Omit<FixLine, 'line'> = lineNamed(fix, line.name) ?? { prerequisites: [] };
    // A line that is assembled again has control planes again.
    const { build, emptied: _, ...rest } = known;
    // A build of another commit says nothing of this candidate.
    const kept = build !== undefined && build.commit === assembly.commit ? { build } : {};
    const next = withLine(fix, line.name, { ...rest, ...kept, line, assembly });
    if (known.prepared) return next;
    // Releases that the fleet moves to later are assembled too; the stage was over when delivery began.
    const clocks = fix.rollout ? fix.clocks : assemblyClock(next, at);
    return { ...without(next, 'provenAt'), clocks };
  },
  LineEmptied: (fix, { line }, { at }) => {
    const next = withLine(fix, line, { ...fix.lines[line]!, emptied: true });
    return { ...next, clocks: settledClock(next, at) };
  },
  LinePrepared: (fix, { line }, { at, author }) => {
    const isGivenUp = (l: FixLine) => l.prepared && l.line.versions[0] === line.versions[0];
    const lines = Object.fromEntries(Object.entries(fix.lines).filter(([, l]) => !isGivenUp(l)));
    return withLine({ ...fix, lines }, line.name, { line, prerequisites: [], prepared: { by: author, at } });
  },
  LineReached: (fix, { line, targets }, { at }) => {
    const { prepared: _, ...known } = fix.lines[line]!;
    const next = withLine(fix, line, { ...known, line: { ...known.line, targets } });
    const clocks = fix.rollout ? fix.clocks : assemblyClock(next, at);
    return { ...without(next, 'provenAt'), clocks };
  },
  LineNotAffected: (fix, { line, reason }, { at, author }) => {
    const next = withLine(fix, line, { ...fix.lines[line]!, notAffected: { by: author, reason } });
    return { ...next, clocks: settledClock(next, at) };
  },
  PrerequisitesChosen: (fix, { line, commits }, { at }) => {
    const { accepted: _, ...chosen } = { ...fix.lines[line]!, prerequisites: commits };
    return assembledAnew(fix, line, chosen, at);
  },
  ProposalAccepted: (fix, { line, kind, tree }, { at, author }) =>
    assembledAnew(fix, line, { ...fix.lines[line]!, accepted: { kind, tree, by: author } }, at),
  BuildStarted: (fix, { line, commit }, { at }) => {
    const known = fix.lines[line]!;
    const next = withLine(fix, line, { ...known, build: { state: 'running', commit, startedAt: at } });
    if (known.prepared) return next;
    return { ...next, clocks: movesAgain(started(fix.clocks, 'build', at), 'build', at) };
  },
  Built: (fix, { line, commit, digest, tookMs }, { at }) => {
    const build = { state: 'done', commit, digest, endedAt: at, tookMs } as const;
    const next = withLine(fix, line, { ...fix.lines[line]!, build });
    if (next.lines[line]!.prepared) return next;
    // Its gates are a machine's to run, whoever was awaited for other lines.
    const clocks = movesAgain(started(fix.clocks, 'proof', at), 'proof', at);
    return { ...without(next, 'provenAt'), clocks: allBuilt(next) ? ended(clocks, 'build', at) : clocks };
  },
  BuildFailed: (fix, { line, commit, because, tookMs }, { at }) => {
    const build = { state: 'failed', commit, because, endedAt: at, tookMs } as const;
    return withLine(fix, line, { ...fix.lines[line]!, build });
  },
  StageRetried: (fix, { stage }, { at }) =>
    // Closing has no clock: nothing waits for it but the record.
    stage === 'closing'
      ? lookedAnew(fix)
      : { ...retried(fix, stage), clocks: movesAgain(fix.clocks, stage, at) },
  ...PROOF_FOLDS,
  Proven: (fix, _, { at }) => {
    const clocks = ended(fix.clocks, 'proof', at);
    // A plan for the lines that were ready earlier may be approved already.
    return { ...fix, provenAt: at, clocks: fix.approved ? clocks : awaitsApproval(clocks, at) };
  },
  Approved: (fix, { plan }, { at, author }) => ({
    ...fix,
    approvals: [...fix.approvals, { plan, by: author, at }],
  }),
  ApprovalCompleted: (fix, { plan }, { at }) => ({
    ...fix,
    approved: { plan, at },
    clocks: awaitsStart(fix, at),
  }),
  Declined: (fix, { plan, reason }, { at, author }) => {
    const approvals = fix.approvals.filter((a) => a.plan !== plan);
    const next = { ...fix, declined: { plan, by: author, reason, at }, approvals };
    // Another plan that was approved stays so.
    if (fix.approved?.plan !== plan) return next;
    const clocks = isDelivering(fix) ? fix.clocks : awaitsApproval(ended(fix.clocks, 'rollout', at), at);
    return { ...without(next, 'approved'), clocks };
  },
  RolloutStarted: (fix, { plan, owed }, { at, author }) => ({
    // An approval is good for one start, and what was covered is covered again only at the end of this one.
    ...withEarlier(without(without(without(without(fix, 'approved'), 'coveredAt'), 'coverage'), 'takeBack')),
    ...(owed && { owes: owed }),
    rollout: {
      plan,
      startedAt: at,
      startedBy: author,
      halts: fix.rollout?.halts ?? 0,
      haltedStrata: [],
      passed: [],
      opened: [],
      advanced: [],
      waves: 0,
      targets: {},
      others: {},
      burners: {},
      struck: {},
      episodes: NO_EPISODES,
      late: [],
    },
    clocks: movesAgain(started(fix.clocks, 'rollout', at), 'rollout', at),
  }),
  RolloutTakenUp: (fix, { plan }) => {
    const rollout = fix.earlier?.find((r) => r.plan === plan);
    if (rollout === undefined) return fix;
    return { ...withEarlier(fix, rollout), rollout };
  },
  StageOpened: (fix, { stage }, { at }) =>
    withRollout(fix, (r) => ({ ...r, opened: [...r.opened, { stage, at }] })),
  TargetsStarted: (fix, { targets }, { at }) => withRollout(fix, (r) => startedTargets(r, targets, at)),
  TargetsObserved: (fix, { changes }, { at }) => withRollout(fix, (r) => seenTargets(r, changes, at)),
  OthersObserved: (fix, { changes }, { at }) => withRollout(fix, (r) => seenOthers(r, changes, at)),
  Decided: (fix, { counts, judged }, { at }) =>
    withRollout(fix, (r) => ({
      ...r,
      decided: { at, counts },
      ...(judged && { judged: { at, ...judged } }),
      episodes: NO_EPISODES,
    })),
  StagePassed: (fix, { stage }, { at }) =>
    withRollout(fix, (r) => ({ ...r, passed: [...r.passed, { stage, at }] })),
  Paused: (fix, { reason }, { at, author }) => {
    const paused = { by: author, reason, at };
    const retirement = isRetiring(fix) ? { retirement: { ...fix.retirement!, paused } } : {};
    const clocks = isRetiring(fix)
      ? awaitsPerson(fix.clocks, 'retirement', { at, for: 'resume' })
      : fix.clocks;
    if (!isDelivering(fix) && isRetiring(fix)) return { ...fix, ...retirement, clocks };
    return {
      ...withRollout(fix, (r) => ({ ...r, paused, ...(author === HUB.name && { questioned: true }) })),
      ...retirement,
      clocks: awaitsPerson(clocks, 'rollout', { at, for: 'resume' }),
    };
  },
  Resumed: (fix, _, { at }) => ({
    ...withRollout(fix, (r) => without(r, 'paused')),
    ...(fix.retirement?.paused && { retirement: { ...without(fix.retirement, 'paused'), resumedAt: at } }),
    clocks: movesAgain(movesAgain(fix.clocks, 'rollout', at), 'retirement', at),
  }),
  Advanced: (fix, { stage }) => withRollout(fix, (r) => ({ ...r, advanced: [...r.advanced, stage] })),
  // Going back waits for nobody, also where a person had paused.
  Halted: (fix, { because, stratum, all }, { at, author }) => ({
    ...withRollout(all ? { ...fix, takeBack: because } : fix, (r) => ({
      ...r,
      halts: r.halts + 1,
      ...(stratum === undefined
        ? { halted: { because, at, ...((all || author !== HUB.name) && { asked: true }) } }
        : { haltedStrata: [...r.haltedStrata, { stratum, because, at }] }),
    })),
    clocks: movesAgain(fix.clocks, 'rollout', at),
  }),
  TargetsRolledBack: (fix, { targets, because }, { at }) =>
    withTargets(reopened(fix, at), targets, (told) => {
      const { rollbackWanted, ...rest } = told!;
      // Of one that failed, people want to know how it failed, and who had it taken back; not that it went back for it.
      const said = [rest.broke ? rest.because : undefined, rollbackWanted].filter(
        (text) => text !== undefined,
      );
      const why = said.join('; ') || because;
      return { ...rest, state: 'rolling back', since: at, toldAt: at, because: why };
    }),
  RollbackAsked: (fix, { targets, reason }, { at, author }) => {
    const rollbackWanted = author === HUB.name ? reason : `rolled back by ${author}: ${reason}`;
    return withTargets(reopened(fix, at), targets, (told) => ({ ...told!, rollbackWanted }));
  },
  SlowBurnSeen: (fix, { because }, { at }) => withRollout(fix, (r) => ({ ...r, slowBurn: { because, at } })),
  Excluded: (fix, { type: _, ...exclusion }, { author }) => ({
    ...fix,
    exclusions: [...fix.exclusions.filter((e) => e.uid !== exclusion.uid), { ...exclusion, by: author }],
  }),
  Covered: (fix, { coverage }, { at }) => ({
    ...withRollout(fix, (r) => ({ ...r, endedAt: r.endedAt ?? at })),
    coveredAt: at,
    coverage,
    clocks: ended(fix.clocks, 'rollout', at),
  }),
  PersonAwaited: (fix, event, { at }) => ({
    ...fix,
    clocks: awaitsPerson(fix.clocks, event.stage, { at, for: event.for }),
  }),
  RolloutEnded: (fix, { coverage }, { at }) => ({
    ...withRollout(fix, (r) => ({ ...r, endedAt: at })),
    coverage,
    clocks: ended(fix.clocks, 'rollout', at),
  }),
  RetirementStarted: (fix, _, { at, author }) => ({
    ...fix,
    retirement: { startedAt: at, by: author, told: {}, removed: [], kept: [] },
    clocks: started(fix.clocks, 'retirement', at),
  }),
  OverridesDropped: (fix, { targets }, { at }) => {
    const told = Object.fromEntries(targets.map((uid) => [uid, at]));
    return { ...fix, retirement: { ...fix.retirement!, told: { ...fix.retirement!.told, ...told } } };
  },
  OverridesGone: (fix, { targets }, { at }) => {
    const { removed, removedAt, ...rest } = fix.retirement!;
    const since = { ...removedAt, ...Object.fromEntries(targets.map((uid) => [uid, at])) };
    return { ...fix, retirement: { ...rest, removed: [...removed, ...targets], removedAt: since } };
  },
  RetirementBroke: (fix, { targets }, { at }) => {
    const broke = Object.fromEntries(targets.map(({ uid, because }) => [uid, { at, because }]));
    return { ...fix, retirement: { ...fix.retirement!, broke: { ...fix.retirement!.broke, ...broke } } };
  },
  Retired: (fix, { kept }, { at }) => ({
    ...fix,
    retirement: { ...fix.retirement!, kept, endedAt: at },
    clocks: ended(fix.clocks, 'retirement', at),
  }),
  ...CLOSING_FOLDS,
  Closed: (fix, event, { at, author }) => ({
    ...fix,
    closed: { as: event.as, by: author, at },
    clocks: fix.clocks.reduce((clocks, c) => ended(clocks, c.stage, at), fix.clocks),
  }),
  Withdrawn: (fix, { reason }, { at, author }) => ({
    ...fix,
    closed: { as: `withdrawn: ${reason}`, by: author, at },
    clocks: fix.clocks.reduce((clocks, c) => ended(clocks, c.stage, at), fix.clocks),
  }),
};

/** Going back opens a finished delivery again: what was covered is exposed once more. */
function reopened(fix: Fix, at: Instant): Fix {
  if (fix.rollout?.endedAt === undefined) return fix;
  const open = withRollout(fix, (r) => without(r, 'endedAt'));
  return { ...without(without(open, 'coveredAt'), 'coverage'), clocks: started(fix.clocks, 'rollout', at) };
}

/** The line as a person chose it, to be assembled from the start. */
function assembledAnew(fix: Fix, name: string, chosen: FixLine, at: Instant): Fix {
  const { assembly: _, build: __, ...rest } = chosen;
  if (chosen.prepared) return withLine(fix, name, rest);
  const clocks = movesAgain(started(fix.clocks, 'assembly', at), 'assembly', at);
  return { ...without(withLine(fix, name, rest), 'provenAt'), clocks };
}

const awaitsApproval = (clocks: Fix['clocks'], at: Instant) =>
  awaitsPerson(clocks, 'approval', { at, for: 'approval of a plan' });

/** Approved while another plan is under way: that one's clock does not wait for this one's start. */
function awaitsStart(fix: Fix, at: Instant): Fix['clocks'] {
  const clocks = ended(fix.clocks, 'approval', at);
  return isDelivering(fix) ? clocks : awaitsPerson(clocks, 'rollout', { at, for: 'start' });
}

/** The rollouts so far, oldest first, of which something was not taken back. */
const stillInPlace = ({ earlier = [], rollout }: Fix): Rollout[] =>
  [...earlier, ...(rollout ? [rollout] : [])].filter((r) => outOf(r).length > 0);

/** With all rollouts so far as earlier ones, but for one that is taken up again. */
function withEarlier(fix: Fix, but?: Rollout): Fix {
  const earlier = stillInPlace(fix).filter((r) => r !== but);
  return { ...without(fix, 'earlier'), ...(earlier.length > 0 && { earlier }) };
}

/** Who was told by a rollout and is not on the way back. */
export const outOf = ({ targets }: Rollout): Uid[] =>
  Object.keys(targets).filter((uid) => {
    const { rollbackWanted, state } = targets[uid]!;
    return rollbackWanted === undefined && ['starting', 'patched', 'failed', 'silent'].includes(state);
  });

/** Whether a rollout is under way, paused and halted ones included. */
export const isDelivering = (fix: Fix): boolean =>
  fix.rollout !== undefined && fix.rollout.endedAt === undefined;

/** Whether overrides are being taken away because the releases have the fix, paused or not. */
export const isRetiring = (fix: Fix): boolean =>
  fix.retirement !== undefined && fix.retirement.endedAt === undefined;

/** The state is read off the fix, never set: no event can put it where the facts do not. */
function stateOf(fix: Fix): State {
  if (fix.closed) return fix.closed.as.startsWith('withdrawn: ') ? 'withdrawn' : 'closed';
  if (fix.retirement?.endedAt !== undefined) return 'retired';
  if (fix.coveredAt !== undefined) return 'covered';
  // Over and neither covered nor halted: the rest waits for a plan or a name, and delivery is not done.
  if (isDelivering(fix) || (fix.rollout && !fix.rollout.halted)) return 'delivering';
  if (fix.approved) return 'approved';
  if (fix.provenAt !== undefined) return 'proven';
  if (allBuilt(fix)) return 'built';
  return allSettled(fix) ? 'assembled' : 'declared';
}

/** Whether nothing more is to be assembled or decided on the line. */
export const isSettled = (line: FixLine): boolean =>
  line.emptied === true ||
  line.notAffected !== undefined ||
  line.assembly?.outcome === 'clean' ||
  isContained(line);

/** Whether the line's release has the change, and nobody took it out again by a git revert. */
export const isContained = ({ assembly }: FixLine): boolean =>
  assembly?.outcome === 'contained' && !assembly.contained?.gitReverted;

/** Whether an image is to be built for the line. */
export const needsImage = (line: FixLine): boolean =>
  line.assembly?.outcome === 'clean' && line.notAffected === undefined && line.emptied !== true;

/** Lines that control planes have come to: what is prepared for a later release holds up nothing. */
export const linesInUse = (fix: Fix): FixLine[] => Object.values(fix.lines).filter((line) => !line.prepared);

function allSettled(fix: Fix): boolean {
  const lines = linesInUse(fix);
  return lines.length > 0 && lines.every(isSettled);
}

function allBuilt(fix: Fix): boolean {
  const lines = linesInUse(fix).filter(needsImage);
  return lines.length > 0 && allSettled(fix) && lines.every((l) => l.build?.state === 'done');
}

function assemblyClock(fix: Fix, at: Instant) {
  return settledClock({ ...fix, clocks: started(fix.clocks, 'assembly', at) }, at);
}

function settledClock(fix: Fix, at: Instant): Fix['clocks'] {
  if (!allSettled(fix)) return fix.clocks;
  const clocks = ended(fix.clocks, 'assembly', at);
  // The line that was waited for needs no image: building was over with the last image there is, or what was booked since.
  const bookedAt = clocks.find((c) => c.stage === 'build')?.countedAt ?? fix.declaredAt;
  const builtAt = lastBuiltAt(fix);
  return allBuilt(fix) ? ended(clocks, 'build', bookedAt > builtAt ? bookedAt : builtAt) : clocks;
}

const lastBuiltAt = (fix: Fix): Instant =>
  linesInUse(fix).reduce(
    (last, { build }) => (build?.state === 'done' && build.endedAt > last ? build.endedAt : last),
    fix.declaredAt,
  );

function retried(fix: Fix, stage: ClockedStage): Fix {
  const lines = Object.entries(fix.lines).map(([name, line]): [string, FixLine] => {
    if (stage === 'build' && line.build?.state === 'failed') return [name, without(line, 'build')];
    if (stage === 'assembly' && !isSettled(line)) return [name, without(line, 'assembly')];
    return [name, line];
  });
  const evidence = stage === 'proof' ? askedAnew(fix.evidence, HUB.name) : fix.evidence;
  return { ...fix, lines: Object.fromEntries(lines), evidence };
}

/** Lines stand in the order of their names: which of them came first is the machine's matter, and nobody's decision. */
function withLine(fix: Fix, name: string, line: FixLine): Fix {
  const lines = { ...fix.lines, [name]: line };
  if (Object.hasOwn(fix.lines, name)) return { ...fix, lines };
  return { ...fix, lines: Object.fromEntries(Object.entries(lines).sort(([a], [b]) => byVersion(a, b))) };
}

function withRollout(fix: Fix, change: (rollout: Rollout) => Rollout): Fix {
  return fix.rollout === undefined ? fix : { ...fix, rollout: change(fix.rollout) };
}

function withTargets(
  fix: Fix,
  uids: readonly Uid[],
  change: (told: ToldTarget | undefined) => ToldTarget,
): Fix {
  return withRollout(fix, (rollout) => {
    const targets: Record<Uid, ToldTarget> = { ...rollout.targets };
    for (const uid of uids) targets[uid] = change(targets[uid]);
    return { ...rollout, targets };
  });
}

function without<T, K extends keyof T>(value: T, key: K): Omit<T, K> & { [P in K]?: never } {
  const { [key]: _, ...rest } = value;
  return rest as Omit<T, K> & { [P in K]?: never };
}
