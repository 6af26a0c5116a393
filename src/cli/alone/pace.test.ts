// Goal: other programs can ask the planner line by line, and no bad line does half of what it says.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { instantOf } from '../../core/base/instant.ts';
import { run } from '../run.ts';

type Answer = Record<string, unknown> & {
  readonly start: readonly string[];
  readonly rollback: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly error?: string;
};

/** Answers, and the exit code, to lines; values are written as JSON, texts as they are. */
async function paceBy(lines: readonly unknown[]): Promise<{ exit: number; answers: Answer[] }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  const exit = await run(['pace', '--jsonl'], {
    stdout,
    stderr,
    stdin: Readable.from([Buffer.from(`${text}\n`)]),
    env: {},
    isTty: false,
    fetch: () => Promise.reject(new Error('no hub is asked')),
    now: () => instantOf(0),
  });
  const answers = (stdout.read() ?? '').toString().split('\n').filter(Boolean);
  return { exit, answers: answers.map((line: string) => JSON.parse(line) as Answer) };
}

type Plane = Record<string, unknown> & { readonly uid: string };
const plane = (i: number, more: Record<string, unknown> = {}): Plane => ({
  uid: `cp-${i}`,
  region: 'eu',
  managementCluster: `mc-${i % 10}`,
  platform: 'aws',
  version: '4.19.3',
  ...more,
});
const planes = (count: number) => Array.from({ length: count }, (_, i) => plane(i));
const first = (fleet: unknown = planes(40), more: Record<string, unknown> = {}) => ({
  minute: 0,
  fleet,
  pace: { harmBudget: 100 },
  ...more,
});
const now = (minute: number, ...changes: readonly (readonly [string, string])[]) => ({
  minute,
  changes: changes.map(([uid, news]) => ({ uid, now: news })),
});

/** Plays a good fix on a fleet: what starts runs it six minutes later. */
async function started(fleet: readonly Plane[], minutes: number, more: Record<string, unknown> = {}) {
  let lines: unknown[] = [first(fleet, more), now(0)];
  for (let minute = 6; minute <= minutes; minute += 6) {
    const { answers } = await paceBy(lines);
    const ran = answers.at(-1)!.start.map((uid) => [uid, 'running'] as const);
    lines = [...lines, now(minute, ...ran)];
  }
  return (await paceBy(lines)).answers.slice(1);
}

describe('fleetfix pace --jsonl', () => {
  test('answers the example of its document as the document says', async () => {
    const page = readFileSync(path.join(import.meta.dirname, '../../../docs/pace.md'), 'utf8');
    const block = (kind: string) =>
      new RegExp(`^\`\`\`jsonl ${kind}\n([\\s\\S]*?)^\`\`\``, 'm').exec(page)![1]!.trim().split('\n');
    const { exit, answers } = await paceBy(block('pace'));
    const shown = block('answers').map((line) => JSON.parse(line) as Answer);
    expect(exit).toBe(2);
    expect(answers).toHaveLength(shown.length);
    answers.forEach((answer, i) => {
      expect(answer).toMatchObject(shown[i]!);
      const { counts: _, pace: __, ...rest } = answer;
      expect(Object.keys(rest)).toEqual(Object.keys(shown[i]!));
    });
  });

  test('says what it goes by first, then whom to start, and ends with 0', async () => {
    const { exit, answers } = await paceBy([first(), now(0)]);
    expect(exit).toBe(0);
    expect(answers[0]).toMatchObject({
      ready: true,
      targets: 40,
      controls: 0,
      pace: { harmBudget: 100, oneBox: 12 },
    });
    expect(answers[1]!.start).toHaveLength(12);
    expect(answers[1]).toMatchObject({ minute: 0, done: false, counts: { e: 1, oneBox: true } });
  });

  test('is asked with times as well as with minutes', async () => {
    const at = (minute: number) => `2026-03-01T10:${String(minute).padStart(2, '0')}:00Z`;
    const { exit, answers } = await paceBy([
      { ...first(), minute: undefined, at: at(0) },
      { at: at(0) },
      { at: at(30) },
      { at: at(20) },
    ]);
    expect(exit).toBe(2);
    expect(answers[2]).toMatchObject({ at: at(30) });
    expect(answers[3]!.error).toContain('not before the last line');
  });

  test('does not depend on names of places, nor on the order of the fleet', async () => {
    const fleet = Array.from({ length: 60 }, (_, i) =>
      plane(i, { region: i % 2 ? 'eu' : 'us', version: `4.${18 + (i % 3)}.1`, customer: `c${i % 7}` }),
    );
    const renamed = fleet.map((p) => ({
      ...p,
      region: `zz-${p.region}`,
      managementCluster: `${p.managementCluster}-aa`,
      customer: `${p.customer}!`,
      platform: 'other',
      name: 'x',
    }));
    const plain = await started(fleet, 60);
    expect(plain.flatMap((a) => a.start)).toHaveLength(60);
    expect(await started([...fleet].reverse(), 60)).toEqual(plain);
    expect(await started(renamed, 60)).toEqual(plain);
  });

  test('says which stratum is halted by its name', async () => {
    const fleet = Array.from({ length: 200 }, (_, i) => plane(i, { version: i % 2 ? '4.18.1' : '4.19.1' }));
    const odd = (uid: string) => Number(uid.slice(3)) % 2 === 1;
    const one = await paceBy([first(fleet), now(0)]);
    const ran = one.answers[1]!.start;
    const { answers } = await paceBy([
      first(fleet),
      now(0),
      now(6, ...ran.map((uid) => [uid, 'running'] as const)),
      now(8, ...ran.filter(odd).map((uid) => [uid, 'unhealthy'] as const)),
    ]);
    expect(answers.at(-1)).toMatchObject({ halt: { stratum: 'aws 4.18' } });
    expect(new Set(answers.at(-1)!.rollback)).toEqual(new Set(ran.filter(odd)));
  });

  test('stops those that burn and do not recover with a reason', async () => {
    const fleet = planes(60).map((p, i) => ({ ...p, burning: i < 15 }));
    const start = (await paceBy([first(fleet), now(0)])).answers[1]!.start;
    const ran = start.map((uid) => [uid, 'running'] as const);
    const { answers } = await paceBy([
      first(fleet, { pace: { harmBudget: 12 } }),
      now(0),
      now(6, ...ran),
      now(60),
    ]);
    expect(answers.at(-1)).toMatchObject({ pause: 'the fix does not fix', start: [] });
  });
});

describe('a line that cannot be read', () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['is no JSON', '{"minute": 1,', 'not JSON'],
    ['is no object', '[1]', 'expected an object'],
    ['has no time', { changes: [] }, 'expected "at"'],
    ['has a negative time', { minute: -1 }, 'expected "at"'],
    ['has an endless time', '{"minute": 1e308}', 'expected "at"'],
    ['goes back in time', now(2), 'not before the last line'],
    [
      'names one that is not there',
      now(5, ['cp-1', 'unhealthy'], ['nobody', 'running']),
      'nobody is not of this fleet',
    ],
    [
      'says what cannot be said',
      now(5, ['cp-1', 'unhealthy'], ['cp-2', 'exploded']),
      'expected one of running, failed',
    ],
    ['has changes that are no list', { minute: 5, changes: {} }, 'changes: expected a list'],
    ['names the fleet again', { ...first(), minute: 5 }, 'on the first line only'],
  ];

  test.each(cases)('since it %s is answered, and changes nothing', async (_what, line, error) => {
    const before = [first(), now(0), now(3)];
    const after = [now(6), now(7)];
    const good = await paceBy([...before, ...after]);
    const bad = await paceBy([...before, line, ...after]);
    expect([good.exit, bad.exit]).toEqual([0, 2]);
    expect(bad.answers[3]).toEqual({ line: 4, error: expect.stringContaining(error) });
    expect(bad.answers.toSpliced(3, 1)).toEqual(good.answers);
  });

  test.each<[string, unknown, string]>([
    ['has no fleet', { minute: 0 }, 'the first line: expected'],
    ['has an empty fleet', first([]), 'the first line: expected'],
    [
      'has one without a place',
      first([plane(1, { region: undefined })]),
      'fleet[0]: region: expected a text',
    ],
    ['has one uid twice', first([plane(1), plane(1)]), 'expected every uid once'],
    [
      'has a weight of nothing',
      first([plane(1, { weight: 0 })]),
      'fleet[0]: weight: expected a number above 0',
    ],
    ['has a doubtful mark', first([plane(1, { burning: 'yes' })]), 'burning: expected true or false'],
    ['has no budget of that name', first(planes(2), { pace: { harmBudget: 'huge' } }), 'pace.harmBudget'],
    ['has a setting that is none', first(planes(2), { pace: { maxConcurrency: 5 } }), 'pace'],
    ['widens by nothing', first(planes(2), { pace: { harmBudget: 0 } }), 'pace.harmBudget'],
  ])('as the first since it %s leaves the next to be the first', async (_what, line, error) => {
    const { exit, answers } = await paceBy([line, first(planes(3)), now(0)]);
    expect(exit).toBe(2);
    expect(answers[0]).toEqual({ line: 1, error: expect.stringContaining(error) });
    expect(answers[1]).toMatchObject({ ready: true, targets: 3 });
    expect(answers[2]!.start).toHaveLength(3);
  });
});

test('without a budget it is the smallest there is', async () => {
  const { answers } = await paceBy([first(planes(40), { pace: undefined }), now(0)]);
  expect(answers[0]).toMatchObject({ pace: { harmBudget: 1 } });
});
