import { short } from '../base/ids.ts';
import type { Selection } from '../select/selection.ts';
import type { HandOffTests } from './hand-off.ts';

/** What one page may hold; the rest is counted, and the command shows it. */
const TESTS_MAX = 300;
const NOT_COVERED_MAX = 200;
const WARNINGS_MAX = 50;

/** The part of a selection that a hand-off names. `map`: where the suites were read, where they were. */
export function handOffTests(found: Selection, map: string | undefined, testsMax = TESTS_MAX): HandOffTests {
  const { range, all, tests, suites, notCovered, warnings } = found;
  return {
    known: true,
    range,
    all,
    tests: tests.slice(0, testsMax),
    testsLeftOut: Math.max(0, tests.length - testsMax),
    suites,
    ...(map !== undefined && { map }),
    notCovered: notCovered.slice(0, NOT_COVERED_MAX),
    notCoveredLeftOut: Math.max(0, notCovered.length - NOT_COVERED_MAX),
    warnings: warnings.slice(0, WARNINGS_MAX),
    command: `fleetfix select-tests --repo . --range ${short(range.from)}..${short(range.to)}`,
  };
}
