import type { Assembly } from '../../../core/assembly/assembly.ts';
import { pathRules } from '../../../core/assembly/path-class.ts';
import { type Commit, isFixId, short } from '../../../core/base/ids.ts';
import { type AssemblyWork, SourceProblem } from '../../../ports/repository.ts';
import { known } from '../change/change.ts';
import { type Group, groupsOf, type Step } from '../change/steps.ts';
import { accept } from '../conflicts/accept.ts';
import { explain, propose, type Stuck } from '../conflicts/propose.ts';
import { regenerate } from '../conflicts/regenerate.ts';
import { isPlainlyThere } from '../history/signals.ts';
import type { CommitText } from '../objects/commit-text.ts';
import { pathText } from '../objects/path-text.ts';
import type { Store } from '../objects/store.ts';
import { companionSigns } from '../signs/companions.ts';
import { signsOf } from '../signs/signs.ts';
import { countOnto, writeCandidate } from './candidate.ts';
import { type GroupSettled, type Settled, settleGroup } from './settle.ts';

type Outcome = Omit<Assembly, 'onto' | 'ms' | 'signsMs'>;
/** `signs`: looks whether a clean candidate may not be right; it takes longer than all before it. */
type Attempted = Outcome & { readonly signs?: () => Promise<readonly string[]> };
type Picked = Extract<Settled, { did: 'picked' }>;
/** A step and the tree after it. */
type Pick = { readonly step: Step; readonly tree: string };

const NOTHING = { picked: [], conflicts: [], proposals: [], warnings: [], passengers: [] } as const;

/**
 * Puts carried fixes, prerequisites and the change onto a commit. One shape for every end: input that
 * cannot be assembled is `refused`; only trouble of the machine (no git, full disk) is thrown.
 * `searchMs`: how long remedies may be looked for after a conflict. `trees`: where a checkout may stand.
 */
export async function assemble(
  store: Store,
  work: AssemblyWork,
  limits: { readonly searchMs: number; readonly trees: string },
): Promise<Assembly> {
  const took = stopwatch();
  const { signs, ...outcome } = await attempt(store, work, limits).catch((problem): Attempted => {
    if (!(problem instanceof SourceProblem)) throw problem;
    return { ...NOTHING, outcome: 'refused', because: problem.message };
  });
  const assembly = { onto: work.onto, ...outcome, ms: took() };
  if (!signs || work.signs === false) return assembly;
  const tookSigns = stopwatch();
  const warnings = [...outcome.warnings, ...(await signs())];
  return { ...assembly, warnings, signsMs: tookSigns() };
}

/** Milliseconds since it was made, to a tenth. */
function stopwatch(): () => number {
  const began = performance.now();
  return () => Math.round((performance.now() - began) * 10) / 10;
}

async function attempt(
  store: Store,
  work: AssemblyWork,
  limits: { readonly searchMs: number; readonly trees: string },
): Promise<Attempted> {
  if (work.fix !== undefined && !isFixId(work.fix))
    throw new SourceProblem(`fix "${work.fix}" is no id of a fix. Expected FIX- and a number.`);
  const base = await known(store, work.onto);
  const groups = await groupsOf(store, work);
  let done: Done = { picks: [], passengers: [], warnings: [], tree: base.tree };
  for (const group of groups) {
    const settled = await settleGroup(store, { group, onto: work.onto, tree: done.tree });
    const said = settled.warnings.map(({ says, so }) => `${says}; ${so}`);
    const at = { work, group, settled, ...limits, done: warned(done, said) };
    if (settled.stopped)
      return group.role === 'change' && work.accept ? taken(store, at) : conflict(store, at);
    const picked = settled.settled.filter((one) => one.did === 'picked');
    if (group.role === 'change' && (picked.length === 0 || settled.tree === done.tree)) {
      if (await cameBefore(store, at)) {
        const left = warned(at.done, leftOut(group, settled));
        return clean(store, work, { base, group, done: left, settled });
      }
      return nothingToDo(work.onto, { settled, picked, done: at.done });
    }
    done = withPicks(warned(at.done, leftOut(group, settled)), group, { picked, tree: settled.tree });
    if (group.role === 'change') return clean(store, work, { base, group, done, settled });
  }
  throw new SourceProblem('the change has no commit. Expected at least one. Next: name it.');
}

/** Whether the line lacks the change, and has it only by what was put on before: carried fixes, prerequisites. */
async function cameBefore(store: Store, { work, group, done, settled }: Stopped): Promise<boolean> {
  const isThere = settled.settled.some((one) => one.did === 'present');
  if (done.picks.length === 0 || !isThere) return false;
  const { tree } = await known(store, work.onto);
  const alone = await settleGroup(store, { group, onto: work.onto, tree });
  return alone.stopped !== undefined || alone.settled.some((one) => one.did === 'picked');
}

const warned = (done: Done, warnings: readonly string[]): Done => ({
  ...done,
  warnings: [...done.warnings, ...warnings],
});

function withPicks(
  done: Done,
  group: Group,
  { picked, tree }: { readonly picked: readonly Pick[]; readonly tree: string },
): Done {
  const rides = group.role === 'prerequisite' ? picked.map((one) => one.step.source) : [];
  return {
    ...done,
    picks: [...done.picks, ...picked],
    passengers: [...done.passengers, ...rides],
    tree,
  };
}

const nothingToSettle = ({ accept, onto }: AssemblyWork) =>
  new SourceProblem(
    `the proposal ${accept!.kind} was taken, and there is no conflict on ${short(onto)}. ` +
      'Expected a conflict that the proposal settles. Next: assemble without it.',
  );

/** A person took a proposal for the conflict. */
async function taken(store: Store, at: Stopped): Promise<Outcome> {
  const { work, done } = at;
  const { kind } = work.accept!;
  const accepted = await accept(store, stuckOf(at), work.accept!);
  const made = await regenerate(store, { ...accepted, trees: at.trees, how: work.regenerate });
  const picks = [...done.picks, ...made.picks];
  const commit = await writeCandidate(store, work.onto, picks, { remedy: kind, from: done.picks.length });
  return {
    ...NOTHING,
    outcome: 'clean',
    because: `${countOnto(picks.length, work.onto)}; its conflict was settled by the proposal ${kind}, which was taken`,
    commit,
    tree: picks.at(-1)!.tree,
    picked: sourcesOf(picks),
    passengers: done.passengers,
    warnings: [...done.warnings, ...made.warnings],
  };
}

type Done = {
  readonly picks: readonly Pick[];
  readonly passengers: readonly Commit[];
  readonly warnings: readonly string[];
  readonly tree: string;
};

const sourcesOf = (picks: readonly Pick[]) => picks.map((one) => one.step.source);

async function clean(
  store: Store,
  work: AssemblyWork,
  at: {
    readonly base: CommitText;
    readonly group: Group;
    readonly done: Done;
    readonly settled: GroupSettled;
  },
): Promise<Attempted> {
  const { done, group, settled } = at;
  const { onto } = work;
  if (work.accept) throw nothingToSettle(work);
  const steps = done.picks.map((one) => one.step).filter((step) => group.steps.includes(step));
  const picked = group.steps.filter((step) => !step.isRevert && !step.made).map((step) => step.source);
  return {
    ...NOTHING,
    outcome: 'clean',
    because: `${countOnto(done.picks.length, onto)}, no conflict`,
    commit: await writeCandidate(store, onto, done.picks),
    tree: done.tree,
    picked: sourcesOf(done.picks),
    passengers: done.passengers,
    warnings: done.warnings,
    ...(settled.undoneBy !== undefined && {
      contained: { how: [], commit: settled.undoneBy, gitReverted: true },
    }),
    signs: async () => [
      ...(await signsOf(store, { before: at.base.tree, after: done.tree, steps })),
      ...companionSigns(store.history, picked, (id) => isPlainlyThere(store, onto, id)),
    ],
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

/** A group, how it went, and what stood before it. */
type Stopped = {
  readonly work: AssemblyWork;
  readonly group: Group;
  readonly settled: GroupSettled;
  readonly done: Done;
  readonly searchMs: number;
  readonly trees: string;
};

/** Remedies are for the change; of what the line carries or was told to take, people must know first. */
function stuckOf({ work, group, settled, done, searchMs }: Stopped): Stuck {
  return {
    onto: work.onto,
    tree: done.tree,
    steps: toTry(group.steps, settled.settled),
    stopped: settled.stopped!,
    searchMs: group.role === 'change' ? searchMs : 0,
    rules: pathRules(work.pathClasses ?? {}),
    ...(work.asOf === undefined ? {} : { asOf: work.asOf }),
  };
}

async function conflict(store: Store, at: Stopped): Promise<Outcome> {
  const { work, group, settled, done } = at;
  const stuck = stuckOf(at);
  const conflicts = await explain(store, stuck);
  const found = await propose(store, stuck);
  const picked = settled.settled.filter((one) => one.did === 'picked');
  const whose = group.role === 'change' ? '' : `${nameOf(group)}: `;
  const paths = conflicts.map((one) => one.path);
  return {
    ...NOTHING,
    outcome: 'conflict',
    because: `${whose}${short(stuck.stopped.step.source)} conflicts in ${countPaths(paths)} on ${short(work.onto)}`,
    picked: sourcesOf([...done.picks, ...picked]),
    passengers: done.passengers,
    conflicts,
    proposals: found.proposals,
    warnings: [
      ...done.warnings,
      ...leftOut(group, settled),
      ...(await alreadyThere(store, settled)),
      ...found.warnings,
    ],
  };
}

/** Files in which the line has all of the commit already though it conflicts in others: people adapted it by hand. */
async function alreadyThere(store: Store, { stopped, tree }: GroupSettled): Promise<string[]> {
  const { step, merged } = stopped!;
  const conflicted = new Set(merged.paths.map((path) => path.toString('latin1')));
  const changed = (await store.trees.changed(step.delta.from, step.delta.to)).slice(0, FILES_LOOKED_AT_MAX);
  const there: string[] = [];
  for (const { path, to } of changed) {
    if (!to || conflicted.has(path)) continue;
    const [now, picked] = [await store.find(`${tree}:${path}`), await store.find(`${merged.tree}:${path}`)];
    if (now && now.id === picked?.id) there.push(pathText(Buffer.from(path, 'latin1')));
  }
  if (there.length === 0) return [];
  const named =
    there.length > 5 ? `${there.slice(0, 5).join(', ')} and ${there.length - 5} more` : there.join(', ');
  return [`what ${short(step.source)} does is on the line already in ${named}`];
}

const FILES_LOOKED_AT_MAX = 200;

/** The steps of the change that a proposal must make clean: all but what is on the line. */
function toTry(steps: readonly Step[], settled: readonly Settled[]): Step[] {
  const out = new Set(settled.filter((one) => one.did !== 'picked').map((one) => one.step));
  return steps.filter((step) => !out.has(step));
}

const countPaths = (paths: readonly string[]) =>
  paths.length === 1
    ? paths[0]
    : `${paths.length} files (${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ', …' : ''})`;
