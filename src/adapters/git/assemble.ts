import type { Assembly } from '../../core/assembly/assembly.ts';
import { type Commit, isFixId, short } from '../../core/base/ids.ts';
import { type AssemblyWork, SourceProblem } from '../../ports/repository.ts';
import { countOnto, writeCandidate } from './candidate.ts';
import { known } from './change.ts';
import { explain, propose } from './conflicts/propose.ts';
import { type GroupSettled, type Settled, settleGroup } from './settle.ts';
import { type Group, groupsOf, type Step } from './steps.ts';
import type { Store } from './store.ts';

type Outcome = Omit<Assembly, 'onto' | 'ms'>;
type Picked = Extract<Settled, { did: 'picked' }>;

const NOTHING = { picked: [], conflicts: [], proposals: [], warnings: [], passengers: [] } as const;

/**
 * Puts carried fixes, prerequisites and the change onto a commit. One shape for every end: input that
 * cannot be assembled is `refused`; only trouble of the machine (no git, full disk) is thrown.
 * `searchMs`: how long prerequisites may be looked for after a conflict.
 */
export async function assemble(store: Store, work: AssemblyWork, searchMs: number): Promise<Assembly> {
  const began = performance.now();
  const outcome = await attempt(store, work, searchMs).catch((problem) => {
    if (!(problem instanceof SourceProblem)) throw problem;
    return { ...NOTHING, outcome: 'refused', because: problem.message } as const;
  });
  return { onto: work.onto, ...outcome, ms: Math.round((performance.now() - began) * 10) / 10 };
}

async function attempt(store: Store, work: AssemblyWork, searchMs: number): Promise<Outcome> {
  if (work.fix !== undefined && !isFixId(work.fix))
    throw new SourceProblem(`fix "${work.fix}" is no id of a fix. Expected FIX- and a number.`);
  const base = await known(store, work.onto);
  const groups = await groupsOf(store, work);
  const picks: Picked[] = [];
  const passengers: Commit[] = [];
  const warnings: string[] = [];
  let tree = base.tree;
  for (const group of groups) {
    const settled = await settleGroup(store, { group, onto: work.onto, tree });
    warnings.push(...settled.warnings);
    const done = { picks, passengers, warnings, tree };
    if (settled.stopped) return conflict(store, { work, group, settled, done, searchMs });
    const picked = settled.settled.filter((one) => one.did === 'picked');
    if (group.role === 'change' && (picked.length === 0 || settled.tree === tree)) {
      return nothingToDo(work.onto, { settled, picked, done });
    }
    warnings.push(...leftOut(group, settled));
    picks.push(...picked);
    if (group.role === 'prerequisite') passengers.push(...picked.map((one) => one.step.source));
    tree = settled.tree;
    if (group.role === 'change' && settled.undoneBy !== undefined) {
      const commit = await writeCandidate(store, work.onto, picks);
      const contained = { how: [], commit: settled.undoneBy, gitReverted: true };
      return { ...clean(work.onto, { picks, passengers, warnings, tree }, commit), contained };
    }
  }
  return clean(
    work.onto,
    { picks, passengers, warnings, tree },
    await writeCandidate(store, work.onto, picks),
  );
}

type Done = {
  readonly picks: readonly Picked[];
  readonly passengers: readonly Commit[];
  readonly warnings: readonly string[];
  readonly tree: string;
};

const sourcesOf = (picks: readonly Picked[]) => picks.map((one) => one.step.source);

function clean(onto: Commit, done: Done, commit: Commit): Outcome {
  return {
    ...NOTHING,
    outcome: 'clean',
    because: `${countOnto(done.picks.length, onto)}, no conflict`,
    commit,
    tree: done.tree,
    picked: sourcesOf(done.picks),
    passengers: done.passengers,
    warnings: done.warnings,
  };
}

/** The change adds nothing: it is there already, or it is empty in itself. */
function nothingToDo(
  onto: Commit,
  work: { readonly settled: GroupSettled; readonly picked: readonly Picked[]; readonly done: Done },
): Outcome {
  const { warnings } = work.done;
  const present = work.settled.settled.filter((one) => one.did === 'present');
  if (present.length === 0 || work.picked.length > 0) {
    const because =
      work.picked.length > 0
        ? `the commits of the change undo each other: together they change nothing on ${short(onto)}`
        : 'the change itself is empty: its commits change no file';
    return { ...NOTHING, outcome: 'empty', because, warnings };
  }
  const how = [...new Set(present.flatMap((one) => one.how))];
  const commit = present.findLast((one) => one.commit !== undefined)?.commit;
  return {
    ...NOTHING,
    outcome: 'contained',
    because: `${short(onto)} has the change already: ${how.join(', ')}${commit ? `, as ${short(commit)}` : ''}`,
    contained: { how, ...(commit === undefined ? {} : { commit }), gitReverted: false },
    warnings,
  };
}

/** `carried FIX-3`, `prerequisite of FIX-3`; a fix of no ledger goes by its newest commit. */
function nameOf({ role, fix, steps }: Group): string {
  if (role === 'carried') return `carried ${fix ?? `fix ${short(steps.at(-1)!.source)}`}`;
  return fix === undefined ? 'prerequisite' : `prerequisite of ${fix}`;
}

/** What of a group was not put on because the line has it, one sentence each. */
function leftOut(group: Group, settled: GroupSettled): string[] {
  const what =
    group.role === 'carried' ? `${nameOf(group)}: ` : group.role === 'prerequisite' ? 'prerequisite ' : '';
  return settled.settled.flatMap((one) => {
    if (one.did === 'nothing') return [`${what}${short(one.step.source)} changes no file: left out`];
    if (one.did !== 'present') return [];
    const as = one.commit === undefined ? '' : ` as ${short(one.commit)}`;
    return [`${what}${short(one.step.source)} is on the line already${as} (${one.how.join(', ')}): left out`];
  });
}

async function conflict(
  store: Store,
  at: {
    readonly work: AssemblyWork;
    readonly group: Group;
    readonly settled: GroupSettled;
    readonly done: Done;
    readonly searchMs: number;
  },
): Promise<Outcome> {
  const { work, group, settled, done } = at;
  const stopped = settled.stopped!;
  const picked = settled.settled.filter((one) => one.did === 'picked');
  const stuck = {
    onto: work.onto,
    tree: done.tree,
    steps: toTry(group.steps, settled.settled),
    stopped,
    // Below a loosely made commit there is nothing that could be proposed.
    searchMs: group.role === 'change' && stopped.step.made !== 'loosely' ? at.searchMs : 0,
    ...(work.asOf === undefined ? {} : { asOf: work.asOf }),
  };
  const conflicts = await explain(store, stuck);
  const found = await propose(store, stuck);
  const whose = group.role === 'change' ? '' : `${nameOf(group)}: `;
  const paths = conflicts.map((one) => one.path);
  return {
    ...NOTHING,
    outcome: 'conflict',
    because: `${whose}${short(stopped.step.source)} conflicts in ${countPaths(paths)} on ${short(work.onto)}`,
    picked: sourcesOf([...done.picks, ...picked]),
    passengers: done.passengers,
    conflicts,
    proposals: found.proposals,
    warnings: [...done.warnings, ...leftOut(group, settled), ...found.warnings],
  };
}

/** The steps of the change that a proposal must make clean: all but what is on the line. */
function toTry(steps: readonly Step[], settled: readonly Settled[]): Step[] {
  const out = new Set(settled.filter((one) => one.did !== 'picked').map((one) => one.step));
  return steps.filter((step) => !out.has(step));
}

const countPaths = (paths: readonly string[]) =>
  paths.length === 1
    ? paths[0]
    : `${paths.length} files (${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ', …' : ''})`;
