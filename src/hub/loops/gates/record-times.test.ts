// Goal: the times of a gate's tests are kept under the run that they are of, and nothing that happens on the way touches the gate.
import { expect, test } from 'vitest';
import { StorageDown } from '../../../ports/storage.ts';
import type { ReportTimes } from '../../../ports/test-report.ts';
import type { TimedRun } from '../../../ports/test-times.ts';
import type { GateRun } from './gate-run.ts';
import { recordTimes } from './record-times.ts';

const digest = `sha256:${'a'.repeat(64)}` as const;
const at = '2026-11-21T20:00:00.000Z';
const named = { suites: [], file: 'a.test.mjs', classname: '', name: 'a' };
const times: ReportTimes = { tests: [{ ...named, seconds: 1, result: 'passed' }], leftOut: 0 };

/** A run of which only what is asked is there. */
function runOf(record: (run: TimedRun) => Promise<void>, stopped = false) {
  const printed: string[] = [];
  const on = { gate: 'bvt', line: '4.20', digest };
  const verdict = { ...on, result: 'fail', by: 'fleetfix', at } as const;
  const evidence = [verdict, { ...verdict, retried: true }, { ...verdict, line: '4.21' }];
  const run = {
    parts: { testTimes: { record }, clock: { now: () => at } },
    it: { fix: { id: 'FIX-7', evidence } },
    component: { name: 'operator' },
    task: { do: 'gate', commit: 'c', ...on },
    log: (text: string) => void printed.push(text),
    signal: stopped ? AbortSignal.abort() : new AbortController().signal,
  };
  return { run: run as unknown as GateRun, printed };
}

test('a run is named by its fix, line, gate and image, and by how often that was judged before', async () => {
  const told: TimedRun[] = [];
  const { run, printed } = runOf(async (one) => void told.push(one));
  await recordTimes(run, times);
  expect(told).toEqual([
    {
      ...{ component: 'operator', fix: 'FIX-7', line: '4.20', gate: 'bvt', digest, attempt: 2, at },
      tests: times.tests,
    },
  ]);
  expect(printed).toEqual([]);
});

test('what cannot be kept is a warning in the log, and no more', async () => {
  const { run, printed } = runOf(() => Promise.reject(new StorageDown('The database is away.')));
  await recordTimes(run, times);
  expect(printed).toEqual(['warning: the times of its tests are not kept: The database is away.\n']);
});

test('tests past the most that are kept are told of, a run that was stopped is not kept, and none is none', async () => {
  const told: TimedRun[] = [];
  const keep = async (one: TimedRun) => void told.push(one);
  const whole = runOf(keep);
  await recordTimes(whole.run, { ...times, leftOut: 3 });
  expect(whole.printed).toEqual(['warning: the report has 3 tests more than the 1 whose times are kept\n']);
  await recordTimes(runOf(keep, true).run, times);
  await recordTimes(runOf(keep).run, undefined);
  expect(told).toHaveLength(1);
});
