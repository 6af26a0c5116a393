// Goal: the scope gate answers from a repository alone, says why, follows the policy it is given, and refuses what it cannot read.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createChangeSource } from '../../adapters/git/index.ts';
import { createTestSource } from '../../adapters/git/test-source.ts';
import { instantOf } from '../../core/base/instant.ts';
import { run } from '../run.ts';
import type { ScopeAnswer } from './scope-answer.ts';

let source: Awaited<ReturnType<typeof createTestSource>>;
let dir: string;
let base: string;
let fix: string;

const api = (...fields: string[]) =>
  `package v1\n\ntype Spec struct {\n${['Name string `json:"name"`', ...fields].map((one) => `\t${one}\n`).join('')}}\n`;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fleetfix-scope-'));
  source = await createTestSource();
  const code = 'package a\n\nfunc F() {\n\ta()\n}\n';
  base = await source.commit({
    on: 'main',
    message: 'Begin',
    files: { 'a/a.go': code, 'api/v1/types.go': api() },
  });
  fix = await source.commit({
    on: 'fix',
    from: base,
    message: 'OCPBUGS-1: close it',
    files: { 'a/a.go': code.replace('a()', 'b()') },
  });
  await source.commit({
    on: 'field',
    from: base,
    message: 'Add a field',
    files: { 'api/v1/types.go': api('MTU int `json:"mtu"`') },
  });
});

afterAll(async () => {
  await source.dispose();
  rmSync(dir, { recursive: true, force: true });
});

async function scope(...args: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const exit = await run(['scope', '--repo', source.location, ...args], {
    stdout,
    stderr,
    stdin: Readable.from([]),
    env: { HOME: dir, XDG_CACHE_HOME: join(dir, 'cache') },
    isTty: false,
    fetch: () => Promise.reject(new Error('no hub is asked')),
    now: () => instantOf(0),
    alone: {
      open: () => Promise.reject(new Error('only ranges are read')),
      changes: async (copies) => createChangeSource({ dir: copies }),
    },
  });
  const text = (stream: PassThrough) => (stream.read() ?? '').toString() as string;
  return { exit, out: text(stdout), err: text(stderr) };
}

const asJson = async (...args: readonly string[]) => {
  const { exit, out } = await scope(...args, '-o', 'json');
  return { exit, answer: JSON.parse(out) as ScopeAnswer };
};

test('a fix passes', async () => {
  const { exit, answer } = await asJson('--range', `${base}..${fix}`);
  expect(exit).toBe(0);
  expect(answer).toMatchObject({
    verdict: 'fix',
    standing: 'passes',
    title: 'OCPBUGS-1: close it',
    signals: [],
  });
  expect(answer.tests.uncovered).toEqual([{ path: 'a/a.go', name: 'F' }]);
});

test('a new field of the API is blocked, with its place', async () => {
  const { exit, answer } = await asJson('--range', 'main..field');
  expect(exit).toBe(4);
  expect(answer).toMatchObject({ standing: 'blocked', blocking: ['api-field'] });
  expect(answer.signals[0]).toMatchObject({
    signal: 'api-field',
    path: 'api/v1/types.go',
    line: 5,
    what: 'new field Spec.MTU',
  });
});

test('a policy says what blocks and where the thresholds are', async () => {
  const file = join(dir, 'policy.yaml');
  writeFileSync(file, 'scope: { blocks: [], fixBelow: 0.9, featureFrom: 0.95 }\n');
  const { exit, answer } = await asJson('--range', 'main..field', '--policy', file);
  expect([exit, answer.standing, answer.verdict]).toEqual([0, 'passes', 'fix']);
  writeFileSync(file, 'scope: { blocks: [everything] }\n');
  const refused = await scope('--range', 'main..field', '--policy', file);
  expect(refused.exit).toBe(2);
  expect(refused.err).toContain('scope.blocks.0');
  writeFileSync(file, 'scope: { fixBelow: 0.8, featureFrom: 0.2 }\n');
  expect((await scope('--range', 'main..field', '--policy', file)).err).toContain('expected fixBelow');
});

test('a title can be given, or none', async () => {
  const titled = await asJson('--range', 'main..field', '--title', 'GCP-1: feat: a field');
  const none = await asJson('--range', 'main..field', '--title', '');
  expect(titled.answer.score).toBeGreaterThan(none.answer.score);
  expect(none.answer.score).toBe(none.answer.codeScore);
});

test('on a screen the verdict, its parts and the places are told', async () => {
  const { out } = await scope('--range', 'main..field');
  expect(out).toContain('blocked: the policy lets no api-field pass without an exception');
  expect(out).toMatch(/api-field +api\/v1\/types\.go:5 +new field Spec\.MTU/);
  expect(out).toMatch(/api-package +code +it changes an API package/);
});

test.each([
  ['main', 'expected A..B'],
  ['..field', 'expected A..B'],
  ['main....field', 'expected'],
  ['--upload-pack=x..field', 'expected'],
  ['main..gone', 'commit gone does not exist'],
])('--range %s is refused', async (range, said) => {
  const { exit, err } = await scope(`--range=${range}`);
  expect(exit).toBe(2);
  expect(err).toContain(said);
});
