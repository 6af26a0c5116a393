// Goal: setup tells what is missing and what to do, on a machine that has next to nothing. Method: the
// script is copied into an empty folder of its own and given a PATH with exactly the programs named.
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ROOT } from './house-files.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'fleetfix-setup-'));
  mkdirSync(path.join(dir, 'scripts'));
  mkdirSync(path.join(dir, 'path'));
  copyFileSync(path.join(ROOT, 'scripts', 'setup.mjs'), path.join(dir, 'scripts', 'setup.mjs'));
  writeFileSync(path.join(dir, 'package-lock.json'), JSON.stringify({ packages: { '': {} } }));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** As after a good `npm ci` of no packages at all. */
function installed(): void {
  mkdirSync(path.join(dir, 'node_modules', '.bin'), { recursive: true });
  writeFileSync(path.join(dir, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: {} }));
  symlinkSync(process.execPath, path.join(dir, 'node_modules', '.bin', 'node'));
}

const gitPath = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
const withGit = () => symlinkSync(gitPath, path.join(dir, 'path', 'git'));

function program(name: string, script: string): void {
  const file = path.join(dir, 'path', name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

function start(...args: string[]): ChildProcessWithoutNullStreams {
  const env = { PATH: path.join(dir, 'path') };
  return spawn(process.execPath, [path.join(dir, 'scripts', 'setup.mjs'), ...args], { env });
}

async function ended(child: ChildProcessWithoutNullStreams) {
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

test('a checkout that is ready is left alone, without a word', async () => {
  withGit();
  installed();
  expect(await ended(start())).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('without git it names git and how to get it', async () => {
  const { code, stderr } = await ended(start());
  expect(code).toBe(1);
  expect(stderr).toMatch(/git is missing\. Install git 2\.38 or later/);
});

test('with a git that cannot pick in memory it names both versions', async () => {
  program('git', 'echo git version 2.30.2');
  const { code, stderr } = await ended(start());
  expect(code).toBe(1);
  expect(stderr).toMatch(/git is 2\.30.*2\.38 or later/);
});

test('without npm it names npm', async () => {
  withGit();
  const { code, stderr } = await ended(start());
  expect(code).toBe(1);
  expect(stderr).toMatch(/npm is missing/);
});

test('when npm fails its words are shown, then the next step, and nothing on standard output', async () => {
  withGit();
  program('npm', 'echo from npm; echo ECONNREFUSED registry >&2; exit 1');
  const { code, stdout, stderr } = await ended(start());
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/ECONNREFUSED registry[\s\S]*Is the registry reachable\?/);
});

test('a package at another version than the lock says is a reason to install', async () => {
  withGit();
  installed();
  const lock = { packages: { '': {}, 'node_modules/left': { version: '2.0.0' } } };
  writeFileSync(path.join(dir, 'package-lock.json'), JSON.stringify(lock));
  program('npm', 'exit 1');
  expect((await ended(start())).stderr).toMatch(/installing packages \(left is not at 2\.0\.0\)/);
});

test('a missing package of another platform is no reason to install', async () => {
  withGit();
  installed();
  const lock = { packages: { '': {}, 'node_modules/win': { version: '2.0.0', optional: true } } };
  writeFileSync(path.join(dir, 'package-lock.json'), JSON.stringify(lock));
  expect((await ended(start())).code).toBe(0);
});

test('missing test programs are named with what will be skipped, and do not fail the set-up', async () => {
  withGit();
  installed();
  const { code, stderr } = await ended(start('--test'));
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /chromium-headless-shell is missing \(no apt-get here\): the browser tests will be skipped/,
  );
  expect(stderr).toMatch(/skopeo is missing/);
});

test('a second setup waits for the first', async () => {
  withGit();
  installed();
  const lock = path.join(dir, '.cache', 'setup.lock');
  mkdirSync(path.dirname(lock));
  writeFileSync(lock, String(process.pid));
  const child = start();
  const end = ended(child);
  await new Promise<void>((resolve) => child.stderr.once('data', () => resolve()));
  expect(child.exitCode).toBe(null);
  rmSync(lock);
  const { code, stderr } = await end;
  expect(code).toBe(0);
  expect(stderr).toMatch(new RegExp(`another setup \\(process ${process.pid}\\) is at work`));
  expect(existsSync(lock)).toBe(false);
});

test('the lock of a setup that was killed is taken over', async () => {
  withGit();
  installed();
  const dead = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => dead.on('close', resolve));
  mkdirSync(path.join(dir, '.cache'));
  writeFileSync(path.join(dir, '.cache', 'setup.lock'), String(dead.pid));
  expect((await ended(start())).code).toBe(0);
});
