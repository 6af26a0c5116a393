// Goal: a gate that chooses by what a candidate can affect runs less only where that is known.
import { expect, test } from 'vitest';
import type { HandOffTests } from './hand-off.ts';
import { testsToRun } from './tests-to-run.ts';

const [from, to] = ['a'.repeat(40), 'b'.repeat(40)];
const one = (id: string) =>
  ({ language: 'go', id, path: id, command: 'go test', distance: 0, because: [id], tags: [] }) as const;
const known = (over: Partial<Extract<HandOffTests, { known: true }>> = {}): HandOffTests => ({
  known: true,
  range: { from, to },
  all: 40,
  tests: [one('x/a'), one('x/b')],
  testsLeftOut: 0,
  suites: [],
  notCovered: [{ path: 'c.go', because: 'no test imports it' }],
  notCoveredLeftOut: 0,
  warnings: [],
  command: 'fleetfix select-tests',
  ...over,
});

test('the tests that can be affected are listed, nearest first, and what none covers is told', () => {
  expect(testsToRun(known())).toEqual({
    list: 'x/a\nx/b\n',
    said: 'chosen: 2 of 40 test packages and files',
    findings: [{ path: 'c.go', text: 'no test covers it: no test imports it' }],
  });
});

test.each([
  [{ known: false, because: 'it took longer than 20 s' } as const, 'all were run: it took longer than 20 s'],
  [known({ testsLeftOut: 7 }), 'all were run: 9 of 40 test packages and files can be affected'],
])('all are run where that is not known, or too many', (tests, said) => {
  expect(testsToRun(tests)).toMatchObject({ said });
  expect(testsToRun(tests)).not.toHaveProperty('list');
});
