import type { Commit } from '../../../core/base/ids.ts';
import { type Git, printable } from '../objects/git.ts';

const COMMITS_MAX = 500;

type Messages = { title: string; all: string[]; count: number; warnings: string[] };

/** Messages of the commits after `from` up to `to`; `count` of those that are no merges. */
export async function readMessages(git: Git, from: Commit, to: Commit): Promise<Messages> {
  const args = ['log', '--no-color', '--no-show-signature', '-z', '--format=%P%n%B', `-n${COMMITS_MAX + 1}`];
  const text = (await git.read([...args, `${from}..${to}`, '--'])).toString('utf8');
  const read = text.split('\0').filter((one) => one !== '');
  const commits = read.slice(0, COMMITS_MAX).map((one) => {
    const [parents = '', ...message] = one.split('\n');
    return { isMerge: parents.includes(' '), message: message.join('\n') };
  });
  return {
    title: titleOf(commits[0]?.message ?? ''),
    all: commits.map(({ message }) => message),
    count: commits.filter(({ isMerge }) => !isMerge).length,
    warnings: read.length > COMMITS_MAX ? [`only the newest ${COMMITS_MAX} commit messages were read`] : [],
  };
}

/** What GitHub writes for a merged pull request has its title below the subject. */
function titleOf(message: string): string {
  const [subject = '', ...rest] = message.split('\n').filter((line) => line.trim() !== '');
  const isMerge = /^Merge (pull request|branch|remote-tracking)/.test(subject);
  return printable((isMerge ? rest[0] : undefined) ?? subject);
}
