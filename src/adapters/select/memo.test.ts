import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openMemo } from './memo.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleetfix-memo-'));
  file = join(dir, 'below', 'memo.txt');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const FACT = { imports: ['a "b"', 'c\nd'] };

function written() {
  const memo = openMemo(file);
  memo.put('go', 'a1', FACT);
  memo.save();
}

test('what was read is known again, by kind and id', () => {
  written();
  const memo = openMemo(file);
  expect([memo.get('go', 'a1'), memo.get('js', 'a1'), memo.get('go', 'a2')]).toEqual([
    FACT,
    undefined,
    undefined,
  ]);
});

test.each([
  ['one sign is another', (text: string) => text.replace('a \\"b', 'a \\"x')],
  ['it ends too early', (text: string) => text.slice(0, -3)],
  ['it is empty', () => ''],
  ['it is of another format', (text: string) => text.replace('imports 1', 'imports 0')],
])('a damaged file is none: %s', (_, damage) => {
  written();
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, damage(before));
  expect(damage(before)).not.toBe(before);
  expect(openMemo(file).get('go', 'a1')).toBeUndefined();
  written();
  expect(openMemo(file).get('go', 'a1')).toEqual(FACT);
});

test('of two that write at once one stays whole, and nothing else is left', () => {
  const [one, other] = [openMemo(file), openMemo(file)];
  one.put('go', 'a1', FACT);
  other.put('go', 'a2', FACT);
  one.save();
  other.save();
  const memo = openMemo(file);
  expect([memo.get('go', 'a1'), memo.get('go', 'a2')]).toEqual([undefined, FACT]);
  expect(readdirSync(join(dir, 'below'))).toEqual(['memo.txt']);
});

test('a folder that cannot be written does not stop anything', () => {
  writeFileSync(join(dir, 'below'), 'a file stands where the folder should');
  expect(written).not.toThrow();
  expect(openMemo(file).get('go', 'a1')).toBeUndefined();
});
