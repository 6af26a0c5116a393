import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SourceProblem } from '../../../ports/repository.ts';
import { firstLine, type Git, GitFailure, gitAt, gitEnv } from '../objects/git.ts';
import { adoptObjects } from './adopt.ts';
import type { Location } from './location.ts';
import { locked } from './lock.ts';
import { alignRefs, type Refs, readRefs } from './refs.ts';

/** The own bare copy of a source: its git directory and the lock that guards its refs. */
export type Copy = {
  readonly git: Git;
  readonly lock: string;
  readonly shown: string;
  readonly changed: number;
};

// What a refresh may move. Ours, refs/heads/fleetfix/, is not among it.
const MIRRORED = ['refs/remotes/', 'refs/tags/'];
const FETCH_MS = 10 * 60_000;

/** Makes or refreshes the own copy under `dir`. Throws `SourceProblem` when the source cannot be used. */
export async function refreshCopy(dir: string, location: Location): Promise<Copy> {
  await mkdir(dir, { recursive: true });
  const path = join(dir, `${location.key}.git`);
  const lock = join(dir, `${location.key}.lock`);
  let changed = 0;
  await locked(lock, async () => {
    const format = location.kind === 'folder' ? await formatOf(location) : 'sha1';
    if (!existsSync(path)) await makeEmpty(path, location, format);
    const git = gitAt(path);
    await dropStaleLocks(path);
    changed = location.kind === 'folder' ? await takeFolder(git, location) : await fetchUrl(git, location);
    await refuseEmpty(git, location);
    if (changed > 0) await tidy(git, changed);
  });
  return { git: gitAt(path), lock, shown: location.shown, changed };
}

// Made aside and renamed, so that a copy is whole or not there.
async function makeEmpty(path: string, location: Location, format: string): Promise<void> {
  const fresh = `${path}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const args = ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`];
  await gitAt(fresh).read([...args, '--initial-branch=fleetfix/none', '.']);
  await writeFile(join(fresh, 'description'), `Fleetfix's own copy of ${location.shown}\n`);
  await rename(fresh, path);
}

async function formatOf(location: Location & { kind: 'folder' }): Promise<string> {
  const ran = await gitAt(location.gitDir).run(['rev-parse', '--show-object-format']);
  if (ran.code === 0) return ran.stdout.toString('latin1').trim();
  throw unusable(location, firstLine(ran.stderr));
}

/**
 * Takes refs, then objects, then checks by moving our refs that every object is there: the source may be
 * tidied by its own git meanwhile, and then the second look finds the new pack.
 */
async function takeFolder(git: Git, location: Location & { kind: 'folder' }): Promise<number> {
  for (let look = 1; ; look += 1) {
    const wanted = await sourceRefs(location);
    await adoptObjects(join(location.commonDir, 'objects'), join(git.dir, 'objects'));
    await takeShallow(location.commonDir, git.dir);
    try {
      return await alignRefs(git, await readRefs(git, MIRRORED), wanted);
    } catch (problem) {
      if (!(problem instanceof GitFailure) || look === 3) throw problem;
    }
  }
}

/** The source's branches as `origin/…`, its tags, its HEAD, and what it knows of its own remotes. */
async function sourceRefs(location: Location & { kind: 'folder' }): Promise<Refs> {
  const source = gitAt(location.gitDir);
  const refs = new Map<string, string>();
  const theirs = await readRefs(source, ['refs/heads/', 'refs/tags/', 'refs/remotes/']).catch((problem) => {
    throw unusable(location, (problem as Error).message);
  });
  for (const [name, id] of theirs) {
    if (name.startsWith('refs/heads/')) refs.set(`refs/remotes/origin/${name.slice(11)}`, id);
    else if (name.startsWith('refs/remotes/')) refs.set(`refs/remotes/source/${name.slice(13)}`, id);
    else refs.set(name, id);
  }
  const head = await source.run(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
  if (head.code === 0) refs.set('refs/remotes/origin/HEAD', head.stdout.toString('latin1').trim());
  return refs;
}

async function takeShallow(from: string, to: string): Promise<void> {
  if (existsSync(join(from, 'shallow'))) await copyFile(join(from, 'shallow'), join(to, 'shallow'));
  else await rm(join(to, 'shallow'), { force: true });
}

async function fetchUrl(git: Git, location: Location & { kind: 'url' }): Promise<number> {
  const before = await readRefs(git, MIRRORED);
  // In the environment, since a URL may hold a password and every user can read arguments.
  const env = gitEnv([['remote.origin.url', location.url]]);
  const quiet = ['--quiet', '--prune', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
  const specs = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];
  const ran = await git.run(['fetch', ...quiet, '--no-auto-maintenance', 'origin', ...specs], {
    env,
    timeoutMs: FETCH_MS,
  });
  if (ran.code !== 0) throw unusable(location, withoutPassword(firstLine(ran.stderr)));
  const after = await readRefs(git, MIRRORED);
  return [...after].filter(([name, id]) => before.get(name) !== id).length;
}

const withoutPassword = (text: string) => text.replace(/\/\/[^/@\s]*@/g, '//');

async function refuseEmpty(git: Git, location: Location): Promise<void> {
  const refs = await readRefs(git, MIRRORED);
  if (refs.size > 0) return;
  throw new SourceProblem(
    `repository "${location.shown}" is empty: it has no commit on any branch or tag. ` +
      `Next: push a first commit, or name another repository.`,
  );
}

// Thousands of loose refs and a history without its graph make every later question slow.
async function tidy(git: Git, changed: number): Promise<void> {
  if (changed > 100) await git.run(['pack-refs', '--all', '--prune']);
  await git.run(['commit-graph', 'write', '--reachable', '--split', '--no-progress']);
}

/** Lock files of a git that was killed. Only called under our lock, so no git of ours is at work there. */
async function dropStaleLocks(path: string): Promise<void> {
  for (const name of await readdir(path)) {
    const file = join(path, name);
    const age = Date.now() - ((await stat(file).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (name.endsWith('.lock') && age > 60_000) await unlink(file).catch(() => {});
  }
}

function unusable(location: Location, why: string): SourceProblem {
  return new SourceProblem(
    `repository "${location.shown}" cannot be read: ${why}. ` +
      `Expected a git repository this hub may read. Next: check the address and the access, then try again.`,
  );
}
