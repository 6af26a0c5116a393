import type { Assembly, Proposal } from '../../core/assembly/assembly.ts';
import type { Commit } from '../../core/base/ids.ts';
import { EXIT, type ExitCode } from '../exit.ts';

/** The answer for one commit: the hub's `Assembly`, and whose it is. */
export type Result = Omit<Assembly, 'onto'> & {
  /** As it was asked; null when a line of a batch could not be read. */
  readonly id: string | number | null;
  /** The full id; as it was asked when it stands for nothing. */
  readonly onto: Commit | string | null;
  /** The proposals of this kind, again. */
  readonly prerequisites: readonly Proposal[];
  /** Where the candidate can be fetched from; not in a batch. */
  readonly kept?: { readonly repository: string; readonly ref: string };
};

/** A result and what it means for the exit code: `ours` when the machine failed, not the input. */
export type Answered = { readonly result: Result; readonly exit: ExitCode };

export function answered(id: Result['id'], assembly: Assembly, warnings: readonly string[] = []): Answered {
  const { onto, outcome, because, commit, tree, contained, proposals } = assembly;
  const result: Result = {
    // In the order a person reads it.
    ...{ id, onto, outcome, because },
    ...(commit !== undefined && { commit }),
    ...(tree !== undefined && { tree }),
    picked: assembly.picked,
    ...(contained && { contained }),
    conflicts: assembly.conflicts,
    proposals,
    prerequisites: proposals.filter(({ kind }) => kind === 'prerequisites'),
    warnings: [...warnings, ...assembly.warnings],
    passengers: assembly.passengers,
    ms: assembly.ms,
    ...(assembly.signsMs === undefined ? {} : { signsMs: assembly.signsMs }),
  };
  return { result, exit: exitOf(assembly.outcome) };
}

/** A result for what could not even be tried. */
export function refused(
  asked: { readonly id: Result['id']; readonly onto: string | null },
  because: string,
  exit: ExitCode = EXIT.usage,
): Answered {
  const nothing = {
    picked: [],
    conflicts: [],
    proposals: [],
    prerequisites: [],
    warnings: [],
    passengers: [],
  };
  return { result: { ...asked, outcome: 'refused', because, ...nothing, ms: 0 }, exit };
}

function exitOf(outcome: Assembly['outcome']): ExitCode {
  if (outcome === 'conflict') return EXIT.failed;
  return outcome === 'refused' ? EXIT.usage : EXIT.done;
}

// What is said of a whole run: trouble of the machine before wrong input before conflicts.
const WORST_FIRST = [EXIT.ours, EXIT.usage, EXIT.failed] as const;

export const worstOf = (exits: Iterable<ExitCode>): ExitCode => {
  const seen = new Set(exits);
  return WORST_FIRST.find((exit) => seen.has(exit)) ?? EXIT.done;
};
