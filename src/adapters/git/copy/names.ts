import { type Commit, isCommit } from '../../../core/base/ids.ts';
import { SourceProblem } from '../../../ports/repository.ts';
import { type Git, printable } from '../objects/git.ts';
import type { Store } from '../objects/store.ts';
import { readRefs } from './refs.ts';

// A name, then steps back. Searches (`:/text`), reflogs (`@{1}`) and ranges are no names.
const NAME = /^([^\s~^:?*[\\]+?)((?:[~^]\d*)*)$/;

/**
 * The commit a branch, tag, full or short id stands for, steps back (`~2`, `^1`) included; undefined when
 * there is none. A branch of the source wins over a tag, a tag over a short id.
 * Throws `SourceProblem` when a short id is ambiguous.
 */
export async function resolveName({ git, findCommit }: Store, name: string): Promise<Commit | undefined> {
  if (isCommit(name) && (await findCommit(name))) return name;
  const match = NAME.exec(name);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no ref has one.
  if (!match || name.length > 1_024 || name.startsWith('-') || /[\u0000-\u001f]|\.\.|@\{/.test(name))
    return undefined;
  const [, base = '', steps = ''] = match;
  for (const start of await meanings(git, base)) {
    const found = await verify(git, `${start}^{commit}`);
    if (found !== undefined) return steps === '' ? found : verify(git, `${found}${steps}^{commit}`);
  }
  return undefined;
}

async function meanings(git: Git, base: string): Promise<readonly string[]> {
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(base)) return [base];
  const bare = base.replace(/^refs\/(heads|remotes)\//, '');
  const refs = [
    ...(bare.includes('/') ? [`refs/remotes/source/${bare}`, `refs/remotes/${bare}`] : []),
    `refs/remotes/origin/${bare}`,
    base.startsWith('refs/tags/') ? base : `refs/tags/${base}`,
    // A clone on which only the default branch was checked out.
    `refs/remotes/source/origin/${bare}`,
    ...(base.startsWith('fleetfix/') ? [`refs/heads/${base}`] : []),
  ];
  const known = await readRefs(git, refs);
  const named = refs.filter((ref) => known.has(ref));
  return /^[0-9a-f]{4,64}$/i.test(base) ? [...named, base] : named;
}

async function verify(git: Git, expression: string): Promise<Commit | undefined> {
  const ran = await git.run(['rev-parse', '--verify', '--end-of-options', expression]);
  if (ran.code === 0) return ran.stdout.toString('latin1').trim();
  if (!/ambiguous/.test(ran.stderr)) return undefined;
  const ids = [...ran.stderr.matchAll(/^hint:\s+([0-9a-f]{4,64}) /gm)].map((m) => m[1]);
  throw new SourceProblem(
    `"${printable(expression.replace('^{commit}', ''))}" is the start of several ids (${ids.slice(0, 5).join(', ')}). ` +
      `Next: give more digits.`,
  );
}
