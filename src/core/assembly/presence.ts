import type { Commit } from '../base/ids.ts';

/** What the history of a line tells of one source commit. */
export type Told = {
  /** Signals that say the line has it, and that no git revert undid: `ancestry`, `author and time`, … */
  readonly how: readonly string[];
  /** The commit of the line that is it. */
  readonly commit?: Commit;
  /** The git revert that undid it, when every copy on the line is undone. */
  readonly undoneBy?: Commit;
};

/**
 * What the files of a line tell of one source commit.
 *
 * nothing: the commit changes no file. present: they have it. absent: they have nothing of it. partly: they have some
 * of it, and a pick adds the rest. unclear: they were rewritten since, or it was never there. `isClean`: whether a pick
 * goes on without a conflict.
 */
export type Shown = {
  readonly verdict: 'nothing' | 'present' | 'absent' | 'partly' | 'unclear';
  readonly how?: 'empty re-pick' | 'reverse pick';
  readonly isClean: boolean;
};

/** Where history and content say different things. */
export type Oddity = 'git-reverted' | 'contradicted' | 'partly there';

/** `how`: by what it is known to be there. */
export type Presence =
  | { readonly is: 'nothing' }
  | { readonly is: 'present'; readonly how: readonly string[]; readonly odd: readonly Oddity[] }
  | { readonly is: 'absent'; readonly odd: readonly Oddity[] };

/**
 * Whether a line has a commit, by its history and its content together.
 *
 * History is believed unless the content contradicts it, since files that were rewritten later tell nothing. A git
 * revert makes its commit absent even where content that is like it was left or came back by other means; only when a
 * pick would change nothing is there nothing to do.
 */
export function presenceOf(told: Told, shown: Shown): Presence {
  if (shown.verdict === 'nothing') return { is: 'nothing' };
  const partly: readonly Oddity[] = shown.verdict === 'partly' ? ['partly there'] : [];
  const isContradicted = showsAbsence(shown);
  if (told.how.length > 0 && !isContradicted)
    return { is: 'present', how: [...told.how, ...(shown.how ? [shown.how] : [])], odd: partly };
  const wasReverted = told.undoneBy !== undefined;
  if (shown.verdict === 'present' && (!wasReverted || shown.how === 'empty re-pick'))
    return { is: 'present', how: shown.how ? [shown.how] : [], odd: [] };
  const odd: Oddity[] = [];
  if (wasReverted) odd.push('git-reverted');
  if (told.how.length > 0) odd.push('contradicted');
  return { is: 'absent', odd: [...odd, ...partly] };
}

/** The pick is clean and the reverse finds nothing to take away: whatever a message says, it is not there. */
export const showsAbsence = ({ verdict, isClean }: Shown): boolean => verdict === 'absent' && isClean;

/** What a second question to history adds to the first. A signal outweighs a git revert that was found without it. */
export function toldBoth(first: Told, second: Told): Told {
  if (second.how.length === 0) return first.how.length > 0 || first.undoneBy !== undefined ? first : second;
  const how = [...new Set([...first.how, ...second.how])];
  return { ...second, ...(first.how.length > 0 && first), how };
}
