import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../postgres/testing.ts';
import { thisProcess } from './process-identity.ts';
import { FolderTaken, takeFolder } from './take-folder.ts';

const HUB = { who: 'hub', next: 'Stop that one.' };

let folder: ReturnType<typeof temporaryFolder>;
let dir: string;
beforeEach(() => {
  folder = temporaryFolder();
  dir = folder.dir;
});
afterEach(() => folder.remove());

const locks = () => fs.readdirSync(dir).sort();
const leave = (n: number, text: string) => fs.writeFileSync(path.join(dir, `hub.lock.${n}`), text);

test('a data directory is taken once, and the refusal says who, where and what to do', () => {
  const lock = takeFolder(dir, HUB);
  expect(() => takeFolder(dir, HUB)).toThrow(FolderTaken);
  expect(() => takeFolder(dir, HUB)).toThrow(
    new RegExp(
      `${dir} is in use by the hub with process id ${process.pid} since .*hub\\.lock\\.1.*Stop that one`,
    ),
  );
  lock.release();
  takeFolder(dir, HUB).release();
  expect(locks()).toEqual(['hub.lock.2']);
});

test.each([
  ['that has ended', { pid: 2 ** 22 + 1 }],
  ['whose id another process has now', { ...thisProcess(), ticks: '1' }],
  ['from before the machine was started again', { ...thisProcess(), boot: 'another' }],
])('the lock of a hub %s is taken over', (_what, holder) => {
  leave(7, JSON.stringify(holder));
  takeFolder(dir, HUB);
  expect(locks()).toEqual(['hub.lock.8']);
});

test('half a lock, cut short by a crash of the machine, is taken over', () => {
  leave(1, '{"pid":');
  takeFolder(dir, HUB);
  expect(locks()).toEqual(['hub.lock.2']);
});

test('a hub that looked before another took over does not take an old lock beside the new one', () => {
  leave(5, JSON.stringify(thisProcess()));
  const looked = vi.spyOn(fs, 'readdirSync').mockReturnValueOnce(['hub.lock.3'] as never);
  try {
    expect(() => takeFolder(dir, HUB)).toThrow(FolderTaken);
  } finally {
    looked.mockRestore();
  }
  expect(locks()).toEqual(['hub.lock.5']);
});

test('of many processes that find a dead lock at the same moment one takes it', async () => {
  leave(3, JSON.stringify({ pid: 2 ** 22 + 1 }));
  const lockModule = JSON.stringify(path.join(import.meta.dirname, 'take-folder.ts'));
  // Each waits for the word to go, takes what it can, says what came of it, and lives on until told to end.
  const program = `
    import { takeFolder } from ${lockModule};
    process.stdout.write('ready\\n');
    await new Promise((resolve) => process.stdin.once('data', resolve));
    let word = 'taken';
    try { takeFolder(${JSON.stringify(dir)}, ${JSON.stringify(HUB)}); } catch (problem) { word = problem.name; }
    process.stdout.write(word + '\\n');
    process.stdin.once('data', () => process.exit());`;
  const runners = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
  try {
    const word = async (runner: (typeof runners)[0]) => String((await once(runner.stdout, 'data'))[0]).trim();
    await Promise.all(runners.map(word));
    const words = Promise.all(runners.map(word));
    for (const runner of runners) runner.stdin.write('go');
    expect((await words).sort()).toEqual([...Array(5).fill('FolderTaken'), 'taken']);
    expect(locks()).toEqual(['hub.lock.4']);
  } finally {
    const ends = runners.map((runner) => once(runner, 'exit'));
    for (const runner of runners) runner.kill('SIGKILL');
    await Promise.all(ends);
  }
});
