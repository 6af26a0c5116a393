import type { ChangedFile, Hunk, ScopeChange } from './change.ts';

/** A change for tests: files by path, each before and after; undefined: not there. */
export function changeOf(
  files: Readonly<Record<string, readonly [before: string | undefined, now: string | undefined]>>,
  more: Partial<ScopeChange> = {},
): ScopeChange {
  return {
    from: 'a'.repeat(40),
    to: 'b'.repeat(40),
    title: '',
    messages: [],
    commits: 1,
    neighbours: [],
    warnings: [],
    ...more,
    files: Object.entries(files).map(([path, [before, now]]) => fileOf(path, before, now)),
  };
}

export function fileOf(path: string, before: string | undefined, now: string | undefined): ChangedFile {
  return {
    path,
    kind: before === undefined ? 'added' : now === undefined ? 'removed' : 'changed',
    ...(before !== undefined && { before }),
    ...(now !== undefined && { now }),
    hunks: [hunkBetween(linesOf(before), linesOf(now))].filter(({ was, is }) => was.count + is.count > 0),
  };
}

const linesOf = (text = ''): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

/** One hunk: all between the lines that are alike at both ends. */
function hunkBetween(was: readonly string[], is: readonly string[]): Hunk {
  let first = 0;
  while (first < Math.min(was.length, is.length) && was[first] === is[first]) first += 1;
  let last = 0;
  while (last < Math.min(was.length, is.length) - first && was.at(-1 - last) === is.at(-1 - last)) last += 1;
  return {
    was: { from: first + 1, count: was.length - first - last },
    is: { from: first + 1, count: is.length - first - last },
  };
}
