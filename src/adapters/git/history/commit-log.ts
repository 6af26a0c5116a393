import type { Commit } from '../../../core/base/ids.ts';
import type { Git } from '../objects/git.ts';

/** One commit as `git log` tells it. */
export type Logged = {
  readonly id: Commit;
  readonly parents: readonly Commit[];
  readonly name: string;
  readonly email: string;
  /** Seconds since 1970. */
  readonly authoredAt: number;
  readonly committedAt: number;
  /** The first paragraph, on one line. */
  readonly subject: string;
  /** The first line of the second paragraph: the title of a merged pull request. */
  readonly title: string;
  /** Ids that its message says it was cherry-picked from, as written: some are short. */
  readonly pickedFrom: readonly string[];
  readonly reverts: readonly string[];
  /** Pull requests that it says it reverts. */
  readonly revertsPulls: readonly number[];
  /** Pull requests that it says it back-ports. */
  readonly backports: readonly number[];
};

/** Every commit on a ref. Undefined when git cannot read them all: damage, or a clone that lacks some. */
export async function logAll(git: Git): Promise<Logged[] | undefined> {
  const ran = await git.run(['log', '--all', '-z', FORMAT], { keepBytesMax: BYTES_MAX });
  return ran.code === 0 && !ran.truncated ? parse(ran.stdout) : undefined;
}

/** The commits and all below them; without those that are on a ref when `butRefs`. Throws `MissingObject`. */
export async function logOf(
  git: Git,
  ids: readonly Commit[],
  but: { readonly butRefs: boolean },
): Promise<Logged[]> {
  const not = but.butRefs ? ['--not', '--all'] : [];
  const input = `${ids.join('\n')}\n`;
  const args = ['log', '-z', FORMAT, '--stdin', ...not];
  return parse(await git.read(args, { input, keepBytesMax: BYTES_MAX }));
}

const FORMAT = '--format=%H%x00%P%x00%an%x00%ae%x00%at%x00%ct%x00%B%x00';
// Seven fields, and one more NUL by `-z`.
const PARTS = 8;
const BYTES_MAX = 2 ** 31;
const PICKED = /\(cherry picked from commit ([0-9a-f]{7,64})\)/g;
const REVERTED =
  /(?:This reverts commits?|(?<=This reverts commits? [0-9a-f, \nand]{1,800}),?(?: and)?) ([0-9a-f]{7,64})/g;
const REVERTED_PULL = /^Revert "[^\n]*\(#(\d{1,7})\)"|^Reverts (?:[\w.-]+\/[\w.-]+)?#(\d{1,7})/gm;

const named = (message: string, phrase: RegExp): string[] =>
  message.includes('commit ') ? [...new Set([...message.matchAll(phrase)].map((match) => match[1]!))] : [];

/**
 * Pull requests that a message says it back-ports: in the name of a merged branch (`cherry-pick-12-to-release-4.18`,
 * `backport-pr-12`), or in words (`Backport of #12`, `cherry-pick #12`).
 */
const BACKPORT =
  /(?:cherry-?pick|back-?port)(?:ed|s|ing)?(?:-pr)?(?:-|\s+(?:of\s+|from\s+)?(?:(?:pr|pull request)\s+)?#)(\d{1,7})\b/gi;

const backportsOf = (message: string): number[] =>
  /pick|port/i.test(message)
    ? [...new Set([...message.matchAll(BACKPORT)].map((match) => Number(match[1])))]
    : [];

const revertsPulls = (message: string): number[] =>
  message.includes('Revert')
    ? [...new Set([...message.matchAll(REVERTED_PULL)].map((match) => Number(match[1] ?? match[2])))]
    : [];

function parse(out: Buffer): Logged[] {
  const parts = out.toString('utf8').split('\0');
  const logged: Logged[] = [];
  for (let i = 0; i + PARTS - 1 < parts.length; i += PARTS) {
    const field = (n: number) => parts[i + n]!;
    const message = field(6);
    const parents = field(1).split(' ').filter(Boolean);
    const paragraphs = message.trimStart().split('\n\n', 2);
    logged.push({
      id: field(0),
      parents,
      name: field(2),
      email: field(3),
      authoredAt: Number(field(4)),
      committedAt: Number(field(5)),
      subject: (paragraphs[0] ?? '').replace(/\s+/g, ' ').trim(),
      title: (paragraphs[1] ?? '').split('\n', 1)[0]!.trim(),
      pickedFrom: named(message, PICKED),
      reverts: named(message, REVERTED),
      revertsPulls: revertsPulls(message),
      backports: backportsOf(message),
    });
  }
  return logged;
}
