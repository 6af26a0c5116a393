// node bench/scope/labels.ts REPOSITORY [SINCE] > set.jsonl: labelled changes of a repository that has release branches, for
// scope.bench.ts. Made from what people did, not from what the changes look like.
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { claimsOf } from '../../src/core/scope/title.ts';

export type Labelled = {
  readonly pr: number;
  readonly merge: string;
  readonly title: string;
  readonly label: 'fix' | 'feature';
};

type Merged = {
  readonly pr: number;
  readonly merge: string;
  readonly parents: readonly string[];
  readonly branch: string;
  readonly title: string;
};

const RELEASES = /^(origin\/)?release-/;
const BOTS = /\/(dependabot|konflux|renovate)[/-]/i;
const FIX_WORD = /\bfix(es|ed)?\b/i;

/**
 * Merged pull requests of `main` since a date. `fix`: a bug by its title that was brought to a release branch. `feature`: one by its
 * title (feat:, or a ticket that is none of a bug) that never was. All others are left out, as are those of bots.
 */
export function labelled(repository: string, since = '2022-09-01', main = 'main'): Labelled[] {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', maxBuffer: 2 ** 30, stdio: 'pipe' });
  const merged = mergedOf(git, main, since);
  const brought = broughtBack(git, main, merged);
  return merged
    .filter(({ branch }) => !BOTS.test(`/${branch}`))
    .flatMap(({ pr, merge, title }) => {
      const label = labelOf(title, brought.has(pr));
      return label === undefined ? [] : [{ pr, merge, title, label }];
    });
}

export function labelOf(title: string, isBroughtBack: boolean): Labelled['label'] | undefined {
  const { type, isBugTicket, isFeatureTicket } = claimsOf(title);
  const isBug = isBugTicket || type === 'fix' || FIX_WORD.test(title);
  if (isBroughtBack) return isBug ? 'fix' : undefined;
  const isFeature = type === 'feat' || (type === undefined && isFeatureTicket);
  return isFeature && !isBug ? 'feature' : undefined;
}

type Git = (...args: string[]) => string;

function mergedOf(git: Git, main: string, since: string): Merged[] {
  const format = '--format=%H%x1f%P%x1f%s%x1f%b%x1e';
  return records(git('log', '--first-parent', '--merges', `--since=${since}`, format, main)).flatMap(
    ([merge = '', parents = '', subject = '', body = '']) => {
      const [, pr, branch] = /^Merge pull request #(\d+) from (\S+)/.exec(subject) ?? [];
      const both = parents.split(' ');
      const title = body.trim().split('\n')[0]!;
      return pr && branch && both.length === 2
        ? [{ pr: Number(pr), merge, parents: both, branch, title }]
        : [];
    },
  );
}

/** Pull requests that a release branch has too: named by the branch of the pick, or by author and time of a commit. */
function broughtBack(git: Git, main: string, merged: readonly Merged[]): ReadonlySet<number> {
  const known = new Set(merged.map(({ pr }) => pr));
  const byIdentity = new Map<string, number>();
  for (const { pr, parents } of merged)
    for (const one of identities(git, `${parents[0]}..${parents[1]}`)) byIdentity.set(one, pr);
  const found = new Set<number>();
  const branches = git('for-each-ref', '--format=%(refname:short)', 'refs/heads', 'refs/remotes').split('\n');
  for (const branch of branches.filter((name) => RELEASES.test(name))) {
    const subjects = git('log', '--first-parent', '--format=%s', branch, `^${main}`);
    for (const [, pr] of subjects.matchAll(/cherry-pick-(\d+)-to-/g))
      if (known.has(Number(pr))) found.add(Number(pr));
    for (const one of identities(git, branch, `^${main}`)) {
      const pr = byIdentity.get(one);
      if (pr !== undefined) found.add(pr);
    }
  }
  return found;
}

/** Author and time of each commit: what a pick keeps. */
const identities = (git: Git, ...range: string[]): string[] =>
  git('log', '--no-merges', '--format=%an%x1f%at', ...range)
    .split('\n')
    .filter(Boolean);

const records = (text: string): string[][] =>
  text
    .split('\x1e')
    .map((one) => one.trim())
    .filter(Boolean)
    .map((one) => one.split('\x1f'));

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [repository, since] = process.argv.slice(2);
  try {
    if (repository === undefined) throw new Error('no repository was named');
    const all = labelled(repository, since);
    for (const one of all) console.log(JSON.stringify(one));
    const fixes = all.filter(({ label }) => label === 'fix').length;
    console.error(`labels: ${fixes} fixes, ${all.length - fixes} features`);
  } catch (problem) {
    const said =
      problem instanceof Error ? problem.message.split('\n').filter(Boolean).at(-1) : String(problem);
    console.error(
      `labels: ${said}; expected a clone with main and release branches; next: node bench/scope/labels.ts CLONE [SINCE] > learn.jsonl`,
    );
    process.exit(2);
  }
}
