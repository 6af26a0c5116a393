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
  [known({ tests: [] }), 'all were run: no test is known that the candidate can affect'],
  [
    known({ tests: [one('x/a'), one('x/b\nx/c')] }),
    'all were run: the name of a test that can be affected holds a line break or another control character',
  ],
  [
    known({ tests: [one('x/\u001b[2J')] }),
    'all were run: the name of a test that can be affected holds a line break or another control character',
  ],
  [known({ testsLeftOut: 7 }), 'all were run: 9 of 40 test packages and files can be affected'],
])('all are run where that is not known, none, too many, or not to be listed', (tests, said) => {
  expect(testsToRun(tests)).toMatchObject({ said });
  expect(testsToRun(tests)).not.toHaveProperty('list');
});
