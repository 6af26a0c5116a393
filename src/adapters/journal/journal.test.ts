// Goal: what an agent began and ended is known after a crash at any moment, and nothing is made up.
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Journal, JournalEntry } from '../../ports/journal.ts';
import { mayMount, mountDisk } from '../postgres/small-disk.ts';
import { openJournal } from './index.ts';

let dir: string;
let file: string;
const opened: Journal[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-test-'));
  file = join(dir, 'state', 'journal.jsonl');
});
afterEach(async () => {
  for (const journal of opened.splice(0)) await journal.close();
  rmSync(dir, { recursive: true, force: true });
});

const open = async () => {
  const journal = await openJournal(file);
  opened.push(journal);
  return journal;
};
const entry = (n: number, state: JournalEntry['state'], more: Partial<JournalEntry> = {}): JournalEntry => ({
  key: `FIX-1/u-1/${n}`,
  uid: 'u-1',
  sequence: n,
  state,
  ...more,
});

test('what was begun and what ended is known after opening it again', async () => {
  const first = await open();
  await first.write(entry(1, 'begun'));
  await first.write(entry(1, 'done'));
  await first.write(entry(2, 'refused', { because: 'paused' }));
  await first.write(entry(3, 'begun'));
  await first.remember(new Map([['u-1', { before: 'x' }]]));
  // Not closed: as after a crash.
  const again = await open();
  expect(again.entry('FIX-1/u-1/3')).toEqual(entry(3, 'begun'));
  expect(again.unsettled()).toEqual([entry(1, 'done'), entry(2, 'refused', { because: 'paused' })]);
  expect(again.sequenceOf('u-1')).toBe(2);
  expect(again.memory('u-1')).toEqual({ before: 'x' });
  expect(again.entry('FIX-1/u-9/9')).toBeUndefined();
});

test('what the hub knows of is dropped, and its sequence is not', async () => {
  const first = await open();
  for (let n = 1; n <= 50; n += 1) await first.write(entry(n, 'done'));
  await first.settle(Array.from({ length: 50 }, (_, i) => `FIX-1/u-1/${i + 1}`));
  await first.settle(['FIX-1/u-1/7', 'FIX-9/nobody/1']);
  await first.remember(new Map([['u-1', 1]]));
  await first.remember(new Map([['u-1', undefined]]));
  const again = await open();
  expect([again.unsettled(), again.sequenceOf('u-1'), again.memory('u-1')]).toEqual([[], 50, undefined]);
  expect(readFileSync(file, 'utf8').split('\n').length).toBe(2);
});

test('a line that a crash cut off anywhere is as if it had not been begun', async () => {
  const first = await open();
  await first.write(entry(1, 'done'));
  const whole = statSync(file).size;
  await first.write(entry(2, 'done'));
  const size = statSync(file).size;
  const text = readFileSync(file);
  for (let cut = whole; cut < size; cut += 1) {
    writeFileSync(file, text);
    truncateSync(file, cut);
    const again = await open();
    expect([again.unsettled().length, again.sequenceOf('u-1')]).toEqual([1, 1]);
    await again.write(entry(2, 'done'));
    expect((await open()).sequenceOf('u-1')).toBe(2);
  }
});

test.each(['{"is":"en\u0000', 'null', '7', '{"is":"other"}', '[]'])(
  'other damage is told and nothing is guessed: %j',
  async (line) => {
    const first = await open();
    await first.write(entry(1, 'done'));
    appendFileSync(file, `${line}\n`);
    await first.write(entry(2, 'done'));
    await expect(open()).rejects.toThrow(/is damaged in line 2.*Next: restore it/s);
    expect(readFileSync(file, 'utf8')).toContain('FIX-1/u-1/2');
  },
);

test('is its owner’s alone, and many writes at once are whole lines', async () => {
  const journal = await open();
  await Promise.all(Array.from({ length: 200 }, (_, i) => journal.write(entry(i + 1, 'done'))));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await open()).unsettled().length).toBe(200);
});

test('of many writes at once each is in the file by the time it is said to be written', async () => {
  const journal = await open();
  await Promise.all(
    Array.from({ length: 50 }, async (_, i) => {
      // Some come while others are being written.
      for (let wait = 0; wait < i % 5; wait += 1) await journal.settle([]);
      await new Promise((resolve) => setImmediate(resolve));
      await journal.write(entry(i + 1, 'done'));
      expect(readFileSync(file, 'utf8')).toContain(`"FIX-1/u-1/${i + 1}"`);
      expect(journal.entry(`FIX-1/u-1/${i + 1}`)?.state).toBe('done');
    }),
  );
  expect((await open()).unsettled().length).toBe(50);
});

test('does not grow for ever while it is open', async () => {
  const journal = await open();
  for (let n = 1; n <= 20; n += 1) {
    const keys = Array.from({ length: 1_000 }, (_, i) => n * 1_000 + i);
    await Promise.all(keys.map((k) => journal.write(entry(k, 'done'))));
    await journal.settle(keys.map((k) => `FIX-1/u-1/${k}`));
  }
  expect(readFileSync(file, 'utf8').split('\n').length).toBeLessThan(11_000);
  await journal.write(entry(99_999, 'begun'));
  expect((await open()).entry('FIX-1/u-1/99999')?.state).toBe('begun');
});

describe.skipIf(!mayMount())('on a disk that is full for a while', () => {
  let disk: ReturnType<typeof mountDisk>;
  beforeEach(() => {
    disk = mountDisk(join(dir, 'state'), '1m');
  });
  afterEach(async () => {
    for (const journal of opened.splice(0)) await journal.close();
    disk.unmount();
  });
  const ballast = () => join(dir, 'state', 'ballast');
  const fill = () => writeFileSync(ballast(), 'x'.repeat(disk.freeBytes()));

  test('what could not be written is refused, and what is written later can be read', async () => {
    const first = await open();
    await first.write(entry(1, 'done'));
    fill();
    const because = 'x'.repeat(10_000);
    await expect(first.write(entry(2, 'refused', { because }))).rejects.toThrow('ENOSPC');
    await expect(first.write(entry(2, 'refused', { because }))).rejects.toThrow('ENOSPC');
    rmSync(ballast());
    await first.write(entry(3, 'done'));
    expect((await open()).unsettled().map((e) => e.sequence)).toEqual([1, 3]);
  });

  test('it goes on with what it has where it cannot be written anew', async () => {
    const first = await open();
    const memories = (count: number, of: string) =>
      new Map(Array.from({ length: count }, (_, i) => [`${i % 1_000}`, of] as const));
    // Ten times a thousand lines: the last one is where the journal is written anew, for which there is no room.
    for (let n = 1; n <= 9; n += 1) await first.remember(memories(1_000, `${n}`));
    writeFileSync(ballast(), 'x'.repeat(disk.freeBytes() - 48 * 1_024));
    await first.remember(memories(1_000, 'ten'));
    await first.write(entry(1, 'done'));
    expect(readFileSync(file, 'utf8').split('\n').length).toBeGreaterThan(10_000);
    rmSync(ballast());
    expect((await open()).memory('999')).toBe('ten');
  });
});
