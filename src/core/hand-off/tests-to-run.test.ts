// Goal: a gate that chooses by what a candidate can affect runs less only where that is known.
import { expect, test } from 'vitest';
import { type ChosenTests, testsToRun } from './tests-to-run.ts';

const [from, to] = ['a'.repeat(40), 'b'.repeat(40)];
const one = (id: string) =>
  ({ language: 'go', id, path: id, command: 'go test', distance: 0, because: [id], tags: [] }) as const;
const known = (over: Partial<Extract<ChosenTests, { known: true }>> = {}): ChosenTests => ({
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

const cut = (id: string, minutes = 30) => ({ id, kind: 'test' as const, distance: 1, minutes, chance: 0.05 });
const budget = { minutes: 20, used: 12.5, whole: 42.5, assumed: { tests: 0, minutes: 5 }, cost: 0.1 };

test('within minutes, what did not fit is counted and named', () => {
  const six = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => cut(`x/cut-${id}`));
  const chosen = testsToRun(known({ budget: { ...budget, cut: six }, notCovered: [] }));
  expect(chosen).toMatchObject({
    list: 'x/a\nx/b\n',
    said: 'chosen: 2 of 40 test packages and files, 13 of 20 minutes; 6 more can be affected and were given up, 10 % of what all are expected to find',
  });
  expect(chosen.findings.map(({ text }) => text)).toEqual([
    ...['a', 'b', 'c', 'd', 'e'].map(
      (id) =>
        `did not fit into the minutes: x/cut-${id}, 30 minutes, 1 import away, 5 % of what all are expected to find`,
    ),
    'did not fit into the minutes: 1 more',
  ]);
});

test('times that are not known are said to be taken for granted', () => {
  const with3 = (assumed: number) =>
    testsToRun(
      known({
        budget: { ...budget, cut: [cut('x/c')], assumed: { tests: assumed, minutes: assumed === 3 ? 1 : 5 } },
      }),
    ).said;
  expect(with3(3)).toContain(
    '(no time is known of 3: a minute was taken for each); 1 more can be affected and was',
  );
  expect(with3(1)).toContain(
    '(no time is known of 1: the middle of the others, 5 minutes, was taken for each)',
  );
  expect(testsToRun(known({ budget: { ...budget, cut: [] } })).said).toBe(
    'chosen: 2 of 40 test packages and files, 13 of 20 minutes',
  );
});

test('where the nearest alone take more than the minutes, they are run, and what that took is told', () => {
  const over = known({ tests: [one('x/near')], budget: { ...budget, used: 47.25, cut: [cut('x/far')] } });
  expect(testsToRun(over)).toMatchObject({
    list: 'x/near\n',
    said: 'chosen: 1 of 40 test packages and files, 47 minutes in place of 20 minutes, since the nearest are never given up; 1 more can be affected and was given up, 10 % of what all are expected to find',
  });
});
