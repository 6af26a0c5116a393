// Goal: the verdict of a gate with minutes says when the reports, not the lack of runs, are why no time counts.
import { expect, test } from 'vitest';
import { withinMinutes } from '../../../core/select/budget.ts';
import type { TimedChoice } from '../../test-selections.ts';
import { checkByCommand } from './command-check.ts';
import type { GateRun } from './gate-run.ts';

const unused = 'times of 3 tests are known, and none names a file';
const one = { language: 'js', id: 'a.test.js', path: 'a.test.js', command: 'node --test a.test.js' } as const;
const tests = [{ ...one, distance: 0, because: ['a.test.js'], tags: [] }];
const choice: TimedChoice = {
  known: true,
  range: { from: 'a'.repeat(40), to: 'b'.repeat(40) },
  all: 4,
  tests,
  testsLeftOut: 0,
  suites: [],
  notCovered: [],
  notCoveredLeftOut: 0,
  warnings: [unused],
  command: 'fleetfix select-tests',
  budget: withinMinutes({ tests, suites: [] }, 5).budget,
};

/** A run of which only what is asked is there: its command passes. */
function runOf(found: TimedChoice) {
  const printed: string[] = [];
  const run = {
    gate: { name: 'bvt', command: ['make'], timeout: 1, tests: 'selected', minutes: 5 },
    task: { do: 'gate', line: '4.20', commit: 'b'.repeat(40) },
    it: { fix: { id: 'FIX-7', lines: { '4.20': { line: { carries: [], base: 'a'.repeat(40) } } } } },
    component: { name: 'operator', branch: 'main', builder: { tree: [] } },
    repository: { checkout: async () => ({ dir: 'tree', dispose: async () => {} }) },
    selections: { of: async () => found },
    parts: { gates: { run: async () => ({ result: 'pass', note: 'exit 0', tookMs: 1 }) } },
    log: (text: string) => void printed.push(text),
    signal: new AbortController().signal,
  };
  return { run: run as unknown as GateRun, printed };
}

test('reports that name no file are said in the note, and once in the log', async () => {
  const { run, printed } = runOf({ ...choice, timesUnused: unused });
  const { note } = await checkByCommand(run);
  expect(note).toMatch(/^exit 0; chosen: 1 of 4 test packages and files, .*no time is known of 1/);
  expect(note).toContain(`; ${unused}`);
  expect(printed.filter((line) => line.includes(unused))).toEqual([`warning: ${unused}\n`]);
});

test('other warnings stay in the log', async () => {
  const { run, printed } = runOf(choice);
  expect((await checkByCommand(run)).note).not.toContain(unused);
  expect(printed[0]).toBe(`warning: ${unused}\n`);
});
