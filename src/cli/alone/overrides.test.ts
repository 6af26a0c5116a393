// Goal: the old way, better made: the command fills the file's holes, loses nothing, and writes it whole or not at all.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCli } from '../../../test/worlds/hub.ts';
import { overridesFile } from '../../adapters/overrides-file/index.ts';

const image = (letter: string) => `quay.io/example/cpo@sha256:${letter.repeat(64)}`;
const FILE = `platforms:
  aws:
    overrides:
    # by hand
    - version: 4.20.1
      cpoImage: ${image('a')}
`;
let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'overrides-test-'));
  file = join(dir, 'overrides.yaml');
  writeFileSync(file, FILE);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const run = (...more: string[]) =>
  runCli(
    [
      ...['overrides', '--file', file, '--platform', 'aws', '--line', '4.20', '--graph', '4.20.1,4.20.3'],
      ...['--first', '4.20.1', '--image', image('b'), '--commit', '5cd2f01a', '--ticket', 'T-1'],
      ...['--wants', 'https://github.com/example/repo/pull/7', '--about', 'watch leak', ...more],
    ],
    {
      fetch: () => Promise.reject(new Error('no hub is asked')),
      alone: { open: () => Promise.reject(new Error('not asked')), overridesFile: async () => overridesFile },
    },
  );

test('what would be lost is refused, and nothing is written', async () => {
  const { exit, err } = await run('--write');
  expect(exit).toBe(5);
  expect(err).toContain(`nothing was changed: the new image is not known to contain ${image('a')}`);
  expect(readFileSync(file, 'utf8')).toBe(FILE);
});

test('without --write it only says what would change, the versions that the graph skips too', async () => {
  const { exit, out } = await run('--contained', image('a'));
  expect(exit).toBe(0);
  expect(out).toContain('Would be  2 added, 1 replaced in');
  expect(out).toContain('the update graph skips 4.20.2; they have it too');
  expect(out).toContain('branch: 4.20 wants: https://github.com/example/repo/pull/7');
  expect(out).toMatch(/Warning {3}4\.20\.4 has no override/);
  expect(readFileSync(file, 'utf8')).toBe(FILE);
});

test('with --write the file has it, comments stay, and the same again changes nothing', async () => {
  expect((await run('--contained', image('a'), '--write')).exit).toBe(0);
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('# by hand');
  expect([...text.matchAll(/version: (\S+)/g)].map((m) => m[1])).toEqual(['4.20.1', '4.20.2', '4.20.3']);
  expect(text).not.toContain(image('a'));
  expect((await run('--write')).out).toContain('Written   0 added, 0 replaced');
  expect(readFileSync(file, 'utf8')).toBe(text);
  expect(existsSync(`${file}.new`)).toBe(false);
});

test('a file that is not there is misuse', async () => {
  rmSync(file);
  const { exit, err } = await run();
  expect([exit, err]).toEqual([2, expect.stringContaining('no such file')]);
});
