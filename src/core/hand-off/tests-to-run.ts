import { minutesText, ofMinutesText } from '../base/minutes.ts';
import type { Finding } from '../proof/proof.ts';
import { someFindings } from '../proof/proof.ts';
import type { Budget } from '../select/selection.ts';
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

/** With `budget` the tests are those that fit into so many minutes. */
export type ChosenTests = HandOffTests & { readonly budget?: Budget };

/** What a list of one name a line cannot hold, or whoever reads it may take for the end of a line. */
const UNLISTED = /[\p{Cc}\u2028\u2029]/u;

export function testsToRun(tests: ChosenTests): TestsToRun {
  if (!tests.known) return { said: `all were run: ${tests.because}`, findings: [] };
  const { budget } = tests;
  const findings = someFindings([
    ...(budget ? givenUp(budget) : []),
    ...tests.notCovered.map(({ path, because }) => ({ path, text: `no test covers it: ${because}` })),
  ]);
  const ids = tests.tests.map(({ id }) => id);
  if (ids.length === 0)
    return { said: 'all were run: no test is known that the candidate can affect', findings };
  if (ids.some((id) => UNLISTED.test(id)))
    return {
      said: 'all were run: the name of a test that can be affected holds a line break or another control character',
      findings,
    };
  const count = ids.length + tests.testsLeftOut;
  if (tests.testsLeftOut > 0)
    return {
      said: `all were run: ${count} of ${tests.all} test packages and files can be affected`,
      findings,
    };
  return {
    list: ids.map((id) => `${id}\n`).join(''),
    said: `chosen: ${count} of ${tests.all} test packages and files${budget ? budgetText(budget, ids.length) : ''}`,
    findings,
  };
}

const CUT_SHOWN = 5;

function budgetText({ minutes, used, cut, cost, assumed }: Budget, kept: number): string {
  const time =
    used > minutes
      ? `, ${minutesText(used)} in place of ${minutesText(minutes)}, since the nearest are never given up`
      : `, ${ofMinutesText(used, minutes)}`;
  const unknown =
    assumed.tests === 0
      ? ''
      : ` (no time is known of ${assumed.tests}: ${
          assumed.tests === kept + cut.length
            ? 'a minute'
            : `the middle of the others, ${minutesText(assumed.minutes)},`
        } was taken for each)`;
  const lost = cut.length;
  const given =
    lost === 0
      ? ''
      : `; ${lost} more can be affected and ${lost === 1 ? 'was' : 'were'} given up, ${share(cost)} of what all are expected to find`;
  return `${time}${unknown}${given}`;
}

/** The nearest of those that did not fit, and how many more there are. */
function givenUp({ cut }: Budget): Finding[] {
  const shown = cut.slice(0, CUT_SHOWN).map(({ id, minutes, distance, chance }) => ({
    text: `did not fit into the minutes: ${id}, ${minutesText(minutes)}, ${distance === 1 ? '1 import' : `${distance} imports`} away, ${share(chance)} of what all are expected to find`,
  }));
  const more = cut.length - shown.length;
  return more > 0 ? [...shown, { text: `did not fit into the minutes: ${more} more` }] : shown;
}

const share = (of: number): string => (of > 0 && of < 0.01 ? 'less than 1 %' : `${Math.round(of * 100)} %`);
