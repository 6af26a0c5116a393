import type { Commit } from '../base/ids.ts';

/**
 * What a repository says of a component at the commits that are deployed: the facts bases are chosen on.
 * Lines are meant by their place in `lines`.
 */
export type Survey = {
  readonly lines: readonly SurveyedLine[];
  /**
   * Each commit, without merges, that some lines have and some do not, and that changes what goes into the
   * component on some line; newest first.
   */
  readonly commits: readonly SurveyedCommit[];
  readonly warnings: readonly string[];
};

export type SurveyedLine = {
  readonly commit: Commit;
  /** Folders of Go packages the component is built from there, sorted. */
  readonly packages: readonly string[];
};

export type SurveyedCommit = {
  readonly commit: Commit;
  readonly subject: string;
  /** Lines that have it in their history, ascending. */
  readonly heldBy: readonly number[];
  /** Lines where it changes a file that goes into the component, ascending. */
  readonly relevantTo: readonly number[];
};

/** How much commits change of what goes into a component. */
export type Weight = {
  readonly files: number;
  /** Lines added and lines taken away. Binary files have none. */
  readonly lines: number;
};

/**
 * What the control planes of line `line` would get besides the change, were it put onto the commit of line
 * `base`; and what they would lose, which is why a base may not serve a line.
 *
 * A passenger is in the history of the base alone and relevant there. A lost commit is in the history of the
 * line alone and relevant at either, since what the base does not import any more may still be missed.
 */
export function passengersOf(survey: Survey, at: { base: number; line: number }): SurveyedCommit[] {
  return survey.commits.filter((commit) => rides(commit, at));
}

/** The commits a line would lose on that base. */
export function lostOf(survey: Survey, at: { base: number; line: number }): SurveyedCommit[] {
  return survey.commits.filter((commit) => isLost(commit, at));
}

type Facts = Pick<SurveyedCommit, 'heldBy' | 'relevantTo'>;
type Pair = { readonly base: number; readonly line: number };

const rides = ({ heldBy, relevantTo }: Facts, { base, line }: Pair): boolean =>
  heldBy.includes(base) && !heldBy.includes(line) && relevantTo.includes(base);

const isLost = ({ heldBy, relevantTo }: Facts, { base, line }: Pair): boolean =>
  heldBy.includes(line) && !heldBy.includes(base) && (relevantTo.includes(base) || relevantTo.includes(line));

/** For base `b` and line `d`, `costs[b][d]`: how many passengers, or Infinity when commits would be lost. */
export function costsOf(survey: Survey): number[][] {
  const n = survey.lines.length;
  const costs = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (const { heldBy, relevantTo, count } of alike(survey.commits)) {
    const held = marks(heldBy, n);
    const relevant = marks(relevantTo, n);
    for (let base = 0; base < n; base += 1) {
      for (let line = 0; line < n; line += 1) {
        if (held[base] === held[line]) continue;
        if (held[base]) costs[base]![line]! += relevant[base] ? count : 0;
        else if (relevant[base] || relevant[line]) costs[base]![line] = Number.POSITIVE_INFINITY;
      }
    }
  }
  return costs;
}

/** Commits with the same facts are counted together: there are thousands of commits, and few kinds. */
function alike(commits: readonly SurveyedCommit[]) {
  const kinds = new Map<string, Facts & { count: number }>();
  for (const { heldBy, relevantTo } of commits) {
    const key = `${heldBy.join(',')}|${relevantTo.join(',')}`;
    const kind = kinds.get(key) ?? { heldBy, relevantTo, count: 0 };
    kind.count += 1;
    kinds.set(key, kind);
  }
  return kinds.values();
}

function marks(lines: readonly number[], n: number): boolean[] {
  const all = new Array<boolean>(n).fill(false);
  for (const line of lines) all[line] = true;
  return all;
}
