import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { readText } from './read-text.ts';

const dir = mkdtempSync(join(tmpdir(), 'fleetfix-text-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const nothing = () => Readable.from([]);

test('a text is read from a file or from stdin, without its byte order mark', async () => {
  const file = join(dir, 'a.txt');
  writeFileSync(file, '\ufeffgrüße\n');
  expect(await readText(file, nothing(), 100)).toBe('grüße\n');
  expect(await readText('-', Readable.from(['gr', Buffer.from('üße')]), 100)).toBe('grüße');
});

test('what cannot be read is said with its code', async () => {
  await expect(readText(join(dir, 'none'), nothing(), 10)).rejects.toThrow('cannot be read: ENOENT');
  await expect(readText(dir, nothing(), 10)).rejects.toThrow('cannot be read: EISDIR');
});

test('what is too long is refused, and stdin is read no further than that', async () => {
  const file = join(dir, 'long.txt');
  writeFileSync(file, 'x'.repeat(11));
  await expect(readText(file, nothing(), 10)).rejects.toThrow('has 11 bytes: expected at most 10');
  let chunks = 0;
  const endless = Readable.from(
    (function* () {
      for (;;) {
        chunks += 1;
        yield Buffer.alloc(4);
      }
    })(),
    { highWaterMark: 1 },
  );
  await expect(readText('-', endless, 10)).rejects.toThrow('expected at most 10');
  expect(chunks).toBeLessThan(10);
});

test('what is not UTF-8 is refused', async () => {
  await expect(readText('-', Readable.from([Buffer.from([0xc3, 0x28])]), 10)).rejects.toThrow(
    '- is not UTF-8',
  );
});
