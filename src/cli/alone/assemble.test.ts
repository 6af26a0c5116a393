import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRepositories } from '../../adapters/git/index.ts';
import { createTestSource } from '../../adapters/git/test-source.ts';
import { instantOf } from '../../core/base/instant.ts';
import { run } from '../run.ts';

let source: Awaited<ReturnType<typeof createTestSource>>;
let dir: string;
let release: string;
let line: string;
let fix: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fleetfix-assemble-'));
  source = await createTestSource();
  release = await source.commit({ on: 'main', message: 'Begin', files: { 'a.txt': 'a\n', 'b.txt': 'b\n' } });
  line = await source.commit({ on: 'line', from: release, message: 'Line', files: { 'a.txt': 'ours\n' } });
  fix = await source.commit({ on: 'main', message: 'Fix', files: { 'a.txt': 'theirs\n' } });
});

afterAll(async () => {
  await source.dispose();
  rmSync(dir, { recursive: true, force: true });
});

async function assemble(more: readonly string[], stdin = '') {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const exit = await run(['assemble', '--repo', source.location, '--no-signs', ...more], {
    stdout,
    stderr,
    stdin: Readable.from([Buffer.from(stdin)]),
    env: { HOME: dir, XDG_CACHE_HOME: join(dir, 'cache') },
    isTty: false,
    fetch: () => Promise.reject(new Error('no hub is asked')),
    now: () => instantOf(0),
    alone: { open: (location, copies) => createRepositories({ dir: copies }).open(location) },
  });
  const text = (stream: PassThrough) => (stream.read() ?? '').toString();
  return { exit, out: text(stdout), err: text(stderr) };
}

describe('a batch', () => {
  const asked = (onto: string) => JSON.stringify({ change: [fix], onto });
  const batch = (lines: readonly string[], format: string) =>
    assemble(['--batch', '-', '-o', format], lines.map((one) => `${one}\n`).join(''));

  test.each(['json', 'table'])(
    'as %s ends with a count of its outcomes, beside the results',
    async (format) => {
      const lines = [asked(release), asked(fix), asked(line), 'no JSON', asked(release)];
      const { exit, out, err } = await batch(lines, format);
      expect(exit).toBe(2);
      expect(out.trim().split('\n')).toHaveLength(5);
      expect(err).toBe('2 clean, 1 contained, 1 conflict, 1 refused\n');
    },
  );

  test('without a line says so', async () => {
    expect(await batch([], 'json')).toEqual({ exit: 0, out: '', err: 'no line to assemble\n' });
  });
});

describe('-o name', () => {
  const onto = (...commits: readonly string[]) =>
    assemble([...commits.flatMap((one) => ['--onto', one]), '--change', fix, '-o', 'name']);

  test('prints the candidate and nothing else when there is one', async () => {
    const { exit, out, err } = await onto(release);
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(/^[0-9a-f]{40}\n$/);
  });

  test('names the conflict beside it when there is none', async () => {
    const { exit, out, err } = await onto('line');
    expect([exit, out]).toEqual([5, '']);
    expect(err).toMatch(/^line: conflict: [0-9a-f]{12} conflicts in a\.txt on [0-9a-f]{12}\n$/);
  });

  test('of several says for each that has no candidate why', async () => {
    const { exit, out, err } = await onto('line', release, fix, 'no-such-branch');
    expect(exit).toBe(2);
    expect(out).toMatch(/^[0-9a-f]{40}\n$/);
    expect(err.trim().split('\n')).toEqual([
      expect.stringMatching(/^line: conflict: /),
      expect.stringMatching(/^[0-9a-f]{40}: contained: /),
      expect.stringMatching(/^no-such-branch: refused: .* does not exist/),
    ]);
  });
});
