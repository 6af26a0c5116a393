import { access, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../../src/adapters/process/run.ts';

/** A real registry and the real signer, as absolute paths, and the version of each. */
export type Tools = { readonly cosign: string; readonly registry: string; readonly from: string };

/** `reason` is why there are none on this machine, for `context.skip(reason)`. */
export type Found = { readonly tools: Tools } | { readonly tools?: undefined; readonly reason: string };

const PACKAGES = ['cosign', 'docker-registry'];
const SUITE = 'trixie';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const HOW =
  'real images cannot be signed here: that takes apt-get and dpkg-deb of Debian and a way to its archive, ' +
  'or FLEETFIX_REGISTRY_TOOLS set to a folder with usr/bin/cosign and usr/bin/docker-registry';

/**
 * Debian's docker-registry and cosign: from FLEETFIX_REGISTRY_TOOLS, from our cache, or fetched with apt and unpacked
 * into the cache (20 MB, once for each version); nothing is installed. apt checks the signatures of the archive.
 */
export async function findTools(env: NodeJS.ProcessEnv = process.env): Promise<Found> {
  const named = env.FLEETFIX_REGISTRY_TOOLS;
  if (named === 'off') return { reason: 'FLEETFIX_REGISTRY_TOOLS is off' };
  if (named) return { tools: await toolsIn(named) };
  const cache = cacheDir(env);
  const kept = (await readdir(cache).catch(() => []))
    .filter((name) => !name.startsWith('.'))
    .sort()
    .at(-1);
  if (kept !== undefined) return { tools: await toolsIn(path.join(cache, kept)) };
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(path.join(cache, '.new-'));
  try {
    const into = path.join(cache, await fetched(work));
    // Somebody else may have been faster; theirs is the same.
    await rename(path.join(work, 'tree'), into).catch(() => access(into));
    return { tools: await toolsIn(into) };
  } catch (problem) {
    return { reason: `${HOW}. What went wrong: ${(problem as Error).message}` };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const cacheDir = (env: NodeJS.ProcessEnv): string =>
  path.join(env.XDG_CACHE_HOME || path.join(env.HOME || homedir(), '.cache'), 'fleetfix', 'registry-tools');

async function toolsIn(dir: string): Promise<Tools> {
  const at = (name: string) => path.join(dir, 'usr', 'bin', name);
  const tools = { cosign: at('cosign'), registry: at('docker-registry'), from: path.basename(dir) };
  for (const file of [tools.cosign, tools.registry]) await access(file);
  return tools;
}

/** Fetches and unpacks into `tree`, and names it by what it is: `cosign_2.5.0-2_amd64+docker-registry_…`. */
async function fetched(work: string): Promise<string> {
  process.stderr.write(`registry: fetching ${PACKAGES.join(' and ')} of Debian ${SUITE} (once)\n`);
  await access(KEYRING);
  const config = path.join(work, 'apt.conf');
  const sources = path.join(work, 'sources.list');
  await mkdir(path.join(work, 'lists', 'partial'), { recursive: true });
  await writeFile(sources, `deb [signed-by=${KEYRING}] http://deb.debian.org/debian ${SUITE} main\n`);
  await writeFile(
    config,
    [
      `Dir::Etc::sourcelist "${sources}";`,
      'Dir::Etc::sourceparts "-";',
      `Dir::State::lists "${path.join(work, 'lists')}";`,
      `Dir::Cache "${work}";`,
      'Acquire::Languages "none";',
      'Acquire::Retries "2";',
    ].join('\n'),
  );
  await ran('apt-get', ['update'], { work, config });
  await ran('apt-get', ['download', ...PACKAGES], { work, config });
  const debs = (await readdir(work)).filter((name) => name.endsWith('.deb')).sort();
  for (const deb of debs) await ran('dpkg-deb', ['-x', deb, 'tree'], { work, config });
  return debs.map((deb) => deb.replace(/\.deb$/, '')).join('+');
}

async function ran(
  file: string,
  args: readonly string[],
  at: { readonly work: string; readonly config: string },
) {
  const env = { PATH: process.env.PATH ?? '', APT_CONFIG: at.config, HOME: tmpdir(), LC_ALL: 'C' };
  const done = await run({ file, args, cwd: at.work, env, timeoutMs: 300_000 });
  if (done.ended === 'exited' && done.code === 0) return;
  const last = done.stderr.trim().split('\n').slice(-2).join(' ');
  throw new Error(
    `${file} ${args[0]} ${done.ended === 'exited' ? `ended with ${done.code}` : done.ended}: ${last}`,
  );
}
