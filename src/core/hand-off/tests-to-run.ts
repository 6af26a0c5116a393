import type { Finding } from '../proof/proof.ts';
import { someFindings } from '../proof/proof.ts';
import type { HandOffTests } from './hand-off.ts';

/**
 * What a gate is to run. `list`: tests by their ids, one a line, nearest first; absent: all of them, since what the candidate
 * can affect is not known, or is too much to be named.
 */
export type TestsToRun = {
  readonly list?: string;
  readonly said: string;
  readonly findings: readonly Finding[];
};

/** What a list of one name a line cannot hold, or whoever reads it may take for the end of a line. */
const UNLISTED = /[\p{Cc}\u2028\u2029]/u;

export function testsToRun(tests: HandOffTests): TestsToRun {
  if (!tests.known) return { said: `all were run: ${tests.because}`, findings: [] };
  const findings = someFindings(
    tests.notCovered.map(({ path, because }) => ({ path, text: `no test covers it: ${because}` })),
  );
  if (tests.tests.length === 0)
    return { said: 'all were run: no test is known that the candidate can affect', findings };
  if (tests.tests.some(({ id }) => UNLISTED.test(id)))
    return {
      said: 'all were run: the name of a test that can be affected holds a line break or another control character',
      findings,
    };
  const count = tests.tests.length + tests.testsLeftOut;
  if (tests.testsLeftOut > 0)
    return {
      said: `all were run: ${count} of ${tests.all} test packages and files can be affected`,
      findings,
    };
  return {
    list: tests.tests.map(({ id }) => `${id}\n`).join(''),
    said: `chosen: ${count} of ${tests.all} test packages and files`,
    findings,
  };
}
