import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLogs } from './index.ts';

let home: string;
let dir: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'logs-test-'));
  dir = join(home, 'logs');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const files = () =>
  (readdirSync(dir, { recursive: true }) as string[]).filter((f) => statSync(join(dir, f)).isFile()).sort();

it('what is written can be read at once, and after a restart', async () => {
  const writer = openLogs(dir).writer('FIX-12/build/4.19');
  writer.write('first ü\n');
  expect(await openLogs(dir).read('FIX-12/build/4.19')).toBe('first ü\n');
  writer.write('second\n');
  await writer.close();
  expect(await openLogs(dir).read('FIX-12/build/4.19')).toBe('first ü\nsecond\n');
  expect(files()).toEqual(['FIX-12/build/4.19.log']);
});

it('gates that share a log lose nothing of each other', async () => {
  const logs = openLogs(dir);
  const [one, two] = [logs.writer('proof'), logs.writer('proof')];
  one.write('one\n');
  two.write('two\n');
  await one.close();
  two.write('two again\n');
  await two.close();
  const later = logs.writer('proof');
  later.write('later\n');
  expect(await logs.read('proof')).toBe('one\ntwo\ntwo again\nlater\n');
});

it('there is no log before the first was opened', async () => {
  expect(await openLogs(dir).read('FIX-1/build/4.19')).toBeUndefined();
});

it('of a long log the end is read, from the beginning of a line', async () => {
  const logs = openLogs(dir, { readBytesMax: 28 });
  const writer = logs.writer('a');
  for (let line = 1; line <= 9; line += 1) writer.write(`zeile ☂ ${line}\n`);
  expect(await logs.read('a')).toBe('zeile ☂ 8\nzeile ☂ 9\n');
  writer.write('x'.repeat(100));
  expect(await logs.read('a')).toBe('x'.repeat(28));
});

it('a log takes only so much of the disk, and keeps its end', async () => {
  const logs = openLogs(dir, { fileBytesMax: 100 });
  const writer = logs.writer('a');
  for (let line = 100; line < 200; line += 1) writer.write(`line ${line}\n`);
  expect(files()).toEqual(['a.log', 'a.log.older']);
  for (const file of files()) expect(statSync(join(dir, file)).size).toBeLessThanOrEqual(100);
  expect(await logs.read('a')).toMatch(/^line 18\d\n(line 1[89]\d\n)+$/);
  expect(await logs.read('a')).toMatch(/line 199\n$/);
});

describe('a name', () => {
  it.each([
    ['../../outside', '%2e.'],
    ['a/../../b', 'a'],
    ['.hidden', '%2ehidden.log'],
    ['\0\n', '%00%0a.log'],
    ['C:\\x', 'C%3a%5cx.log'],
    ['größe', 'gr%c3%b6%c3%9fe.log'],
  ])('such as %j stays in the folder', async (name, entry) => {
    const logs = openLogs(dir);
    logs.writer(name).write('text');
    expect(await logs.read(name)).toBe('text');
    expect(readdirSync(home)).toEqual(['logs']);
    expect(readdirSync(dir)).toEqual([entry]);
  });

  it('as long as a line can be is one log, and not another one', async () => {
    const logs = openLogs(dir);
    logs.writer(`FIX-1/build/${'ü'.repeat(255)}`).write('one');
    logs.writer(`FIX-1/build/${'ü'.repeat(254)}`).write('other');
    expect(await logs.read(`FIX-1/build/${'ü'.repeat(255)}`)).toBe('one');
  });

  it.each(['', '/', 'a//b', 'a/', `${'x/'.repeat(8)}x`, 'x'.repeat(2_000)])('cannot be %j', (name) => {
    expect(() => openLogs(dir).writer(name)).toThrow('not the name of a log');
    expect(existsSync(dir)).toBe(false);
  });
});

it('a log that cannot be written does not fail what it is about', async () => {
  writeFileSync(dir, 'a file where the folder should be');
  const logs = openLogs(dir);
  const writer = logs.writer('a');
  writer.write('lost');
  await writer.close();
  writer.write('after the end');
  expect(readFileSync(dir, 'utf8')).toBe('a file where the folder should be');
  expect(await logs.read('a')).toBeUndefined();
});
