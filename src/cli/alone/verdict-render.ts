import type { Cut, Verdict } from '../../core/verdict/verdict.ts';
import { clean, ink, many, type Paper, screen, wrap } from '../render/paper.ts';
import { table } from '../render/table.ts';

const SHOWN_MAX = 30;
const WHY_CHARS_MAX = 160;
const STYLES = { pass: 'green', fail: 'red', none: 'yellow' } as const;

/** The verdict and why, then what failed, what was flaky, what was left out, and what is odd about the reports. */
export function renderVerdict(given: Verdict, paper: Paper): string {
  const verdict = clean(given);
  const { result, because, counts, reports, seconds } = verdict;
  return screen(
    [
      wrap(`${ink(paper, STYLES[result], result)}: ${because}`, paper.width),
      `  ${many(reports.of, 'report')}, ${many(counts.runs, 'run')} of ${many(counts.tests, 'test')}, ${seconds} s`,
      ...failed(verdict, paper),
      ...flaky(verdict, paper),
      ...skipped(verdict, paper),
      ...odd(verdict, paper),
      ...attachments(verdict, paper),
    ],
    paper,
  );
}

const why = (reason: string | undefined): string => {
  const text = (reason ?? '').replace(/ {2,}/g, ' ');
  return text.length <= WHY_CHARS_MAX ? text : `${text.slice(0, WHY_CHARS_MAX - 1)}…`;
};

function rows<T>(titles: string, list: Cut<T>, rowOf: (one: T) => readonly string[], paper: Paper): string[] {
  if (list.of === 0) return [];
  const columns = titles.split('|').map((title) => ({ title }));
  const left = list.of > SHOWN_MAX ? [`showing ${SHOWN_MAX} of ${list.of}; -o json has more`] : [];
  return ['', ...table(columns, list.first.slice(0, SHOWN_MAX).map(rowOf), paper), ...left];
}

const failed = ({ failed: list }: Verdict, paper: Paper) =>
  rows('FAILED|REPORT|WHY', list, ({ test, report, reason }) => [test, report, why(reason)], paper);

const flaky = ({ flaky: list }: Verdict, paper: Paper) =>
  rows(
    'FLAKY|FAILED BEFORE|REPORT|WHY',
    list,
    ({ test, failedRuns, report, reason }) => [test, String(failedRuns), report, why(reason)],
    paper,
  );

const skipped = ({ skipped: list }: Verdict, paper: Paper) =>
  rows('SKIPPED|WHY', list, ({ test, reason }) => [test, why(reason)], paper);

const attachments = ({ attachments: list }: Verdict, paper: Paper) =>
  rows('FILE|STANDING|TEST', list, ({ path, standing, test }) => [path, standing, test], paper);

function odd({ unread, disagreements, reports, passedOver }: Verdict, paper: Paper): string[] {
  const said = [
    ...unread.first.map(({ report, because }) => `${report} cannot be read: ${because}`),
    ...disagreements.first.map(({ report, suite, of, claimed, counted }) => {
      const place = suite === '' ? report : `${report}, suite ${suite}`;
      return `${place}: claims ${claimed} ${of}, its cases show ${counted}`;
    }),
    ...reports.first.flatMap(({ report, notes }) => notes.map((note) => `${report}: ${note}`)),
    ...reports.first.filter(({ runs }) => runs === 0).map(({ report }) => `${report} holds no test`),
  ];
  const left = said.length > SHOWN_MAX ? [`and ${said.length - SHOWN_MAX} more; -o json has them`] : [];
  const other =
    passedOver.of === 0
      ? []
      : [
          '',
          wrap(
            `no report: ${passedOver.first.slice(0, 5).join(', ')}${passedOver.of > 5 ? ', …' : ''}`,
            paper.width,
          ),
        ];
  if (said.length === 0) return other;
  return [
    '',
    ...said.slice(0, SHOWN_MAX).map((text) => wrap(`warning: ${text}`, paper.width)),
    ...left,
    ...other,
  ];
}
