import type { Commit } from '../base/ids.ts';

/** What a range changes, as it was read from a repository: all that the scope gate judges. */
export type ScopeChange = {
  readonly from: Commit;
  readonly to: Commit;
  /** The pull request's title or what a person gave; the subject of the newest commit when nobody did. */
  readonly title: string;
  /** Messages of the commits after `from` up to `to`, newest first, merges among them. */
  readonly messages: readonly string[];
  /** How many of those are no merges. */
  readonly commits: number;
  readonly files: readonly ChangedFile[];
  /** Go files that the change leaves alone, in the folders of those it touches, as they are at `to`. */
  readonly neighbours: readonly Neighbour[];
  /** What could not be read, and what that means. */
  readonly warnings: readonly string[];
};

export type Neighbour = { readonly path: string; readonly text: string };

/** Why the content of a file is not judged. */
export type Unread =
  | 'binary'
  | 'large'
  | 'missing'
  | 'link'
  | 'submodule'
  | 'name'
  | 'not needed'
  | 'too many';

/** One path of the change. A renamed file is one, with the path it had. */
export type ChangedFile = {
  readonly path: string;
  /** The path it had; absent when it is the same. */
  readonly wasAt?: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** The text before and after; absent where there is no file, or none that was read. */
  readonly before?: string;
  readonly now?: string;
  readonly unread?: Unread;
  readonly hunks: readonly Hunk[];
};

/** Lines that were replaced, from 1; a count of 0 means that nothing was there. */
export type Hunk = { readonly was: Lines; readonly is: Lines };
type Lines = { readonly from: number; readonly count: number };

export const addedLines = ({ hunks }: ChangedFile): number =>
  hunks.reduce((sum, one) => sum + one.is.count, 0);
export const removedLines = ({ hunks }: ChangedFile): number =>
  hunks.reduce((sum, one) => sum + one.was.count, 0);
