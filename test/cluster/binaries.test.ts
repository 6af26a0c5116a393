// Where the programs of the test cluster come from. `go` is a script here, so that no test waits for compilers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findBinaries, type Search } from './binaries.ts';

const NAMES = ['etcd', 'kube-apiserver', 'kube-controller-manager'];

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'binaries-test-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const calls = () =>
  existsSync(path.join(dir, 'calls'))
    ? readFileSync(path.join(dir, 'calls'), 'utf8').split('\n').slice(0, -1)
    : [];
const builds = () => calls().filter((call) => call.startsWith('build '));
const cached = () => readdirSync(path.join(dir, 'cache/fleetfix/kubernetes'));
/** The process id that a `go` wrote down as its own; 0 before. */
const compiler = () =>
  Number(existsSync(path.join(dir, 'compiler')) && readFileSync(path.join(dir, 'compiler'), 'utf8'));

/** A `go` that notes each call and, where it builds, runs `building` (with the output's path in $out). */
function go(building: string): NodeJS.ProcessEnv {
  const bin = path.join(dir, 'bin');
  mkdirSync(bin, { recursive: true });
  const script = `#!/bin/sh
echo "$*" >> ${dir}/calls
if [ "$1" = env ]; then printf 'go1.26.8\\nlinux\\namd64\\n'; exit; fi
for word; do [ "$last" = -o ] && out=$word; last=$word; done
${building}
`;
  writeFileSync(path.join(bin, 'go'), script);
  chmodSync(path.join(bin, 'go'), 0o755);
  return { PATH: `${bin}:${process.env.PATH}`, XDG_CACHE_HOME: path.join(dir, 'cache') };
}

const find = (env: NodeJS.ProcessEnv, more: Search = {}) => findBinaries({ env, say: () => {}, ...more });

test('the folder KUBEBUILDER_ASSETS is taken as it is', async () => {
  for (const name of NAMES) writeFileSync(path.join(dir, name), '');
  const found = await find({ KUBEBUILDER_ASSETS: dir, PATH: '' });
  expect(found).toMatchObject({
    from: dir,
    binaries: { 'kube-apiserver': path.join(dir, 'kube-apiserver') },
  });
});

test('a folder KUBEBUILDER_ASSETS without a program is an error that names it, not a reason to skip', async () => {
  for (const name of NAMES.slice(0, 2)) writeFileSync(path.join(dir, name), '');
  await expect(find({ KUBEBUILDER_ASSETS: dir })).rejects.toThrow('no kube-controller-manager');
});

test('without assets, cache and Go there is a reason that names both ways out', async () => {
  const found = await find({ PATH: dir, XDG_CACHE_HOME: dir });
  expect(found).toMatchObject({ reason: expect.stringMatching(/install Go .*KUBEBUILDER_ASSETS/) });
});

test('a Go that is too old and may not fetch another one is a reason, in its own words', async () => {
  const env = go('');
  writeFileSync(path.join(dir, 'bin/go'), '#!/bin/sh\necho "go.mod requires go >= 1.26.0" >&2; exit 1\n');
  expect(await find(env)).toMatchObject({ reason: expect.stringContaining('requires go >= 1.26.0') });
});

test('the first search builds the three programs, the second one finds them', async () => {
  const env = go('echo made > "$out"');
  const found = await find(env);
  expect(builds()).toHaveLength(3);
  expect(readFileSync(found.binaries!.etcd, 'utf8')).toBe('made\n');
  expect(await find(env)).toEqual(found);
  expect(builds()).toHaveLength(3);
});

test('what was built is found when Go is gone', async () => {
  const env = go('echo made > "$out"');
  const found = await find(env);
  expect(await find({ ...env, PATH: '' })).toEqual(found);
});

test('two builders at once build once, and both get the whole result', async () => {
  const env = go('sleep 0.2; echo made > "$out"');
  const [one, other] = await Promise.all([find(env), find(env)]);
  expect(other).toEqual(one);
  expect(builds()).toHaveLength(3);
});

test('a build that fails says why, leaves nothing that looks like a result, and can be run again', async () => {
  const env = go(
    'case "$out" in */etcd) echo made > "$out";; *) echo "main.go:1:2: no space left" >&2; exit 1;; esac',
  );
  await expect(find(env)).rejects.toThrow(/kube-apiserver failed[\s\S]*no space left/);
  expect(await find({ ...env, PATH: '' })).toHaveProperty('reason');
  const found = await find(go('echo again > "$out"'));
  expect(readFileSync(found.binaries!.etcd, 'utf8')).toBe('again\n');
  expect(cached().filter((name) => name.includes('unfinished'))).toEqual([]);
});

test('a build that is stopped ends its compilers and says how to go on', async () => {
  const stop = new AbortController();
  const env = go(`echo $$ > ${dir}/compiler; kill -USR1 ${process.pid}; sleep 600`);
  const compiling = once(process, 'SIGUSR1');
  const finding = find(env, { signal: stop.signal });
  await compiling;
  stop.abort();
  await expect(finding).rejects.toThrow(/stopped\. Run the same again/);
  expect(() => process.kill(compiler(), 0)).toThrow('ESRCH');
});

test('the build of a builder that was killed is begun anew by the next one', async () => {
  const env = go(`echo half > "$out"; echo $$ > ${dir}/compiler; exec sleep 600`);
  const script = `import { findBinaries } from ${JSON.stringify(new URL('binaries.ts', import.meta.url).href)}; await findBinaries({ say: () => {} });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { env, stdio: 'ignore' });
  await expect.poll(compiler).toBeGreaterThan(1);
  child.kill('SIGKILL');
  await once(child, 'exit');
  // The compilers of a killed builder run to their end; these have none.
  process.kill(compiler(), 'SIGKILL');
  const found = await find(go('echo whole > "$out"'));
  expect(NAMES.map((name) => readFileSync(found.binaries![name as 'etcd'], 'utf8'))).toEqual(
    Array(3).fill('whole\n'),
  );
});
