// Goal: a forecast can be asked for without a hub, says the same twice, and refuses what it cannot read.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { instantOf } from '../../core/base/instant.ts';
import type { Forecast } from '../../core/forecast/forecast.ts';
import { run } from '../run.ts';

const dir = mkdtempSync(join(tmpdir(), 'fleetfix-forecast-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const fileOf = (name: string, text: string) => {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
};

async function forecast(args: readonly string[], stdin = '') {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const exit = await run(['forecast', ...args], {
    stdout,
    stderr,
    stdin: Readable.from([Buffer.from(stdin)]),
    env: {},
    isTty: false,
    fetch: () => Promise.reject(new Error('no hub is asked')),
    now: () => instantOf(0),
  });
  const text = (stream: PassThrough) => (stream.read() ?? '').toString() as string;
  return { exit, out: text(stdout), err: text(stderr) };
}

const QUICK = ['--runs', '2', '--p', '1', '--latency', '10'];
const asJson = async (args: readonly string[], stdin?: string) => {
  const { exit, out, err } = await forecast([...args, ...QUICK, '-o', 'json'], stdin);
  expect([exit, err]).toEqual([0, '']);
  return JSON.parse(out) as Forecast;
};

const row = (i: number, more: Record<string, unknown> = {}) => ({
  uid: `u${i}`,
  name: `cp-${i}`,
  managementCluster: `mc-${i % 6}`,
  region: i % 2 ? 'eu' : 'us',
  platform: 'aws',
  version: `4.${18 + (i % 3)}.2`,
  ...more,
});
const rows = Array.from({ length: 90 }, (_, i) => row(i));
const linesOf = (rows: readonly unknown[]) => rows.map((r) => JSON.stringify(r)).join('\n');

describe('fleetfix forecast', () => {
  test('answers with all that is promised, and nothing else', async () => {
    const found = await asJson(['--planes', '120', '--budget', 'standard']);
    expect(found).toEqual({
      planes: 120,
      burning: 0,
      budget: 25,
      runs: 2,
      good: {
        t50Min: expect.any(Number),
        t95Min: expect.any(Number),
        t100Min: expect.any(Number),
        falseHaltShare: 0,
      },
      bad: [
        {
          p: 1,
          latencyMin: 10,
          brokenMean: expect.any(Number),
          brokenP95: expect.any(Number),
          bound: expect.any(Number),
          brokenHours: expect.any(Number),
        },
      ],
    });
  });

  test('without shares and latencies plays five of one and three of the other', async () => {
    const { out } = await forecast(['--planes', '30', '--runs', '1', '-o', 'json']);
    const cells = (JSON.parse(out) as Forecast).bad.map(({ p, latencyMin }) => [p, latencyMin]);
    expect(cells).toHaveLength(15);
    expect(cells.slice(0, 4)).toEqual([
      [0.005, 1],
      [0.005, 10],
      [0.005, 30],
      [0.01, 1],
    ]);
  });

  test('says the same twice, and something else under another seed', async () => {
    const ask = ['--planes', '150', '--budget', '12'];
    expect(await asJson(ask)).toEqual(await asJson(ask));
    expect(await asJson([...ask, '--seed', '7'])).not.toEqual(await asJson(ask));
  });

  test('of a file is the same for renamed and reordered rows, for lines and for an array', async () => {
    const plain = await asJson(['--fleet', fileOf('plain.jsonl', linesOf(rows))]);
    const renamed = [...rows].reverse().map((r, i) => ({ ...r, uid: `z${i}`, name: `other-${i}` }));
    expect(await asJson(['--fleet', fileOf('renamed.jsonl', linesOf(renamed))])).toEqual(plain);
    expect(await asJson(['--fleet', fileOf('array.json', JSON.stringify(rows))])).toEqual(plain);
    expect(await asJson(['--fleet', '-'], `\ufeff${linesOf(rows)}\n\n`)).toEqual(plain);
  });

  test('counts the rows that burn, or the share of a made-up fleet', async () => {
    const burning = rows.map((r, i) => ({ ...r, burning: i < 9 }));
    expect(await asJson(['--fleet', fileOf('burning.jsonl', linesOf(burning))])).toMatchObject({
      burning: 9,
    });
    expect(await asJson(['--planes', '200', '--burning', '0.1'])).toMatchObject({ burning: 20 });
  });

  test('takes the pace of a policy, and another budget beside it', async () => {
    const policy = fileOf('policy.yaml', 'pace: { harmBudget: 7, oneBox: 3 }\n');
    expect(await asJson(['--planes', '60', '--policy', policy])).toMatchObject({ budget: 7 });
    expect(await asJson(['--planes', '60', '--policy', policy, '--budget', 'urgent'])).toMatchObject({
      budget: 100,
    });
  });

  test('is a screen for people', async () => {
    const { exit, out } = await forecast(['--planes', '120', ...QUICK]);
    expect(exit).toBe(0);
    expect(out).toContain('120 control planes');
    expect(out).toMatch(/BREAKS\s+SHOWN AFTER\s+BROKEN\s+95 %\s+BOUND\s+HOURS/);
  });
});

describe('what is refused, with what is allowed', () => {
  test.each<[readonly string[], string]>([
    [[], 'expected either --fleet FILE or --planes N'],
    [['--fleet', 'x', '--planes', '5'], 'expected either --fleet FILE or --planes N'],
    [['--planes', '0'], '--planes'],
    [['--planes', '-5'], '--planes'],
    [['--planes', 'many'], '--planes'],
    [['--planes', '1000001'], '--planes 1000001: expected 1 to 1000000'],
    [['--planes', '10', '--budget', '0'], '--budget 0: expected 1 to 100000 control planes, or routine'],
    [['--planes', '10', '--budget', 'all'], '--budget all: expected 1 to 100000'],
    [['--planes', '10', '--budget', '-5'], '--budget -5: expected 1 to 100000'],
    [['--planes', '10', '--budget', 'NaN'], '--budget NaN: expected 1 to 100000'],
    [['--planes', '10', '--budget', ''], 'expected 1 to 100000'],
    [['--planes', '10', '--budget', '__proto__'], '--budget __proto__: expected 1 to 100000'],
    [['--planes', '10', '--burning', '2'], '--burning 2: expected a share from 0 to 1'],
    [['--planes', '10', '--day', 'sunny'], '--day sunny: expected quiet, noisy, storms'],
    [['--planes', '10', '--day', 'constructor'], '--day constructor: expected quiet'],
    [['--planes', '10', '--runs', '0'], '--runs'],
    [['--planes', '10', '--runs', '10001'], '--runs 10001: expected 1 to 10000'],
    [['--planes', '10', '--p', '0'], '--p 0: expected shares above 0 up to 1'],
    [['--planes', '10', '--p', '0.1,,1'], '--p : expected shares above 0'],
    [['--planes', '10', '--p', '5%'], '--p 5%: expected shares above 0'],
    [['--planes', '10', '--latency', '0'], '--latency 0: expected minutes from 1'],
    [['--planes', '10', '--latency', '1e9'], '--latency 1e9: expected minutes from 1'],
    [['--planes', '10', '--seed', 'x'], '--seed'],
    [['--fleet', '/nowhere/fleet.jsonl'], '/nowhere/fleet.jsonl cannot be read: ENOENT'],
    [['--planes', '10', '--policy', '/nowhere/policy.yaml'], '/nowhere/policy.yaml cannot be read: ENOENT'],
  ])('%j', async (args, message) => {
    const { exit, out, err } = await forecast(args);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });

  test('--burning beside --fleet', async () => {
    const fleet = fileOf('few.jsonl', linesOf(rows));
    const { exit, err } = await forecast(['--fleet', fleet, '--burning', '0.1']);
    expect(exit).toBe(2);
    expect(err).toContain('rows of a file say "burning": true themselves');
  });
});
