import type { Instant } from '../../core/base/instant.ts';
import { timeText } from '../../core/base/minutes.ts';
import type { TimedTest } from '../../core/select/test-times.ts';
import type { TimedTestsAnswer } from '../../wire/test-times.ts';
import { clean, type Paper, screen } from './paper.ts';
import { type Column, table } from './table.ts';
import { atText, truncation } from './targets.ts';

type About = { readonly now: Instant; readonly component: string; readonly more: string };

/** How long tests take, and how often they failed. */
export function renderTestTimes(
  page: TimedTestsAnswer,
  { now, component, more }: About,
  paper: Paper,
): string {
  const { items, total, because } = clean(page);
  if (items.length === 0)
    return screen([`No times of tests are known: ${because ?? `${component} has none yet`}.`], paper);
  const columns = ['TIME', 'RUNS', 'FAILED', 'FLAKY', 'LAST', 'TEST', 'IN'].map(
    (title): Column => (title === 'TEST' ? { title, breaks: true } : { title }),
  );
  const rows = items.map((test) => [
    timeText(test.seconds),
    ...[test.runs, test.failed, test.flaky].map(String),
    atText(test.seenAt, now),
    test.name || '-',
    placeOf(test),
  ]);
  return screen([...table(columns, rows, paper), ...truncation(items.length, total, more)], paper);
}

/** The most telling name of what it stands in. */
const placeOf = ({ file, classname, suites }: TimedTest): string =>
  file || classname || suites.join(' > ') || '-';
