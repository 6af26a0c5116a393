import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readFleet } from './read-fleet.ts';

const read = (text: string) => readFleet('-', Readable.from([Buffer.from(text)]));
const ROW = { uid: 'u1', managementCluster: 'm', region: 'r', platform: 'aws', version: '4.19.1' };
const lines = (...rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');

describe('a fleet file', () => {
  test('may leave out name, customer and burning, and may say more', async () => {
    expect(await read(lines({ ...ROW, colour: 'red' }))).toEqual([{ ...ROW, name: 'u1', customer: 'u1' }]);
    const all = { ...ROW, name: 'n', customer: 'c', burning: true };
    expect(await read(lines(all))).toEqual([all]);
  });

  test('may be lines with empty ones between, or an array', async () => {
    const two = [ROW, { ...ROW, uid: 'u2' }];
    expect(await read(`\n${lines(...two)}\n\n`)).toEqual(await read(`  ${JSON.stringify(two)}`));
  });

  test.each<[string, string, string]>([
    ['is empty', '', 'stdin holds no control plane: expected one object a line'],
    ['is an empty array', '[]', 'stdin holds no control plane'],
    ['breaks off', '[{"uid": "u1"', 'stdin is not JSON'],
    ['has a line that is no JSON', `${lines(ROW)}\n{`, 'stdin:2 is not JSON'],
    ['has a line that is a number', '5', 'stdin:1: expected an object with uid, managementCluster'],
    ['has a row that is nothing', '[null]', 'stdin[0]: expected an object'],
    [
      'lacks a region',
      lines({ ...ROW, region: undefined }),
      'stdin:1: region: expected a text of 1 to 255 signs, not nothing',
    ],
    [
      'has an empty uid',
      lines({ ...ROW, uid: '' }),
      'stdin:1: uid: expected a text of 1 to 255 signs, not ""',
    ],
    [
      'has a version that is a number',
      lines({ ...ROW, version: 4.19 }),
      'stdin:1: version: expected a text of 1 to 255 signs, not 4.19',
    ],
    ['has an endless name', lines({ ...ROW, name: 'x'.repeat(256) }), 'stdin:1: name: expected a text'],
    [
      'burns a little',
      lines({ ...ROW, burning: 'yes' }),
      'stdin:1: burning: expected true or false, not "yes"',
    ],
    ['has one uid twice', lines(ROW, ROW), 'uid u1 is there twice: expected every control plane once'],
  ])('that %s is refused with place and field', async (_what, text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });

  test('that is not UTF-8 is refused', async () => {
    await expect(readFleet('-', Readable.from([Buffer.from([0xff, 0xfe, 0x7b])]))).rejects.toThrow(
      '- is not UTF-8',
    );
  });
});
