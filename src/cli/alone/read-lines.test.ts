import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Line, readLines } from './read-lines.ts';

async function* inChunks(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const read = async (text: string | Uint8Array, { size = 3, bytesMax = 20 } = {}) => {
  const lines: Line[] = [];
  for await (const line of readLines(inChunks(Buffer.from(text), size), bytesMax)) lines.push(line);
  return lines;
};

test('lines come without ends, byte order mark and empty ones, with their numbers', async () => {
  expect(await read('\ufeff{"a":1}\r\n\n  \n{"é":2}')).toEqual([
    { number: 1, text: '{"a":1}' },
    { number: 4, text: '{"é":2}' },
  ]);
  expect(await read('')).toEqual([]);
  expect(await read('\n\n')).toEqual([]);
});

test('a line that is too long is told, and the next one is read', async () => {
  const lines = await read(`${'x'.repeat(20)}\n${'y'.repeat(21)}\nz\n${'w'.repeat(21)}`);
  expect(lines).toEqual([
    { number: 1, text: 'x'.repeat(20) },
    { number: 2, problem: 'the line is longer than 20 bytes' },
    { number: 3, text: 'z' },
    { number: 4, problem: 'the line is longer than 20 bytes' },
  ]);
});

test('a line that is not UTF-8 is told, and the next one is read', async () => {
  expect(await read(Buffer.from('a\nb\xff\nc\n', 'latin1'))).toEqual([
    { number: 1, text: 'a' },
    { number: 2, problem: 'the line is not UTF-8' },
    { number: 3, text: 'c' },
  ]);
});

test('it does not matter where the chunks end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('a', 'é', '\n', '\r', '𝄞'), { maxLength: 30 }),
      fc.integer({ min: 1, max: 9 }),
      async (parts, size) => {
        expect(await read(parts.join(''), { size })).toEqual(await read(parts.join(''), { size: 1_000 }));
      },
    ),
    { seed: 3, numRuns: 200 },
  );
});
