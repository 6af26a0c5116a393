import { short } from '../../core/base/ids.ts';
import { minutesText, ofMinutesText, timeText } from '../../core/base/minutes.ts';
import type { SelectedTest, Selection } from '../../core/select/selection.ts';
import { clean, ink, many, type Paper, screen, wrap } from '../render/paper.ts';
import { table } from '../render/table.ts';

const TESTS_MAX = 40;
const NOT_COVERED_MAX = 20;
const CUT_MAX = 10;
const WARNINGS_MAX = 10;

/** What to run, why, and what stays untested. */
export function renderSelection(found: Selection, paper: Paper): string {
  const answer = clean(found);
  return screen(
    [
      ...head(answer, paper),
      ...tests(answer, paper),
      ...suites(answer, paper),
      ...cut(answer, paper),
      ...notCovered(answer, paper),
      ...limited(answer.warnings, WARNINGS_MAX, (text) => wrap(`warning: ${text}`, paper.width)),
    ],
    paper,
  );
}

function head(
  { range, changed, tests: selected, suites: chosen, all, budget }: Selection,
  paper: Paper,
): string[] {
  const share = all === 0 ? '' : ` of ${all}`;
  const suitesToo = chosen.length > 0 ? ` and ${many(chosen.length, 'suite')}` : '';
  const time =
    budget === undefined
      ? ''
      : `: ${ofMinutesText(budget.used, budget.minutes)}, all would take ${minutesText(budget.whole)}`;
  return [
    wrap(
      `${ink(paper, 'bold', `${short(range.from)}..${short(range.to)}`)}: ${many(changed.length, 'changed file')}`,
      paper.width,
    ),
    wrap(`  ${selected.length}${share} tests selected${suitesToo}${time}`, paper.width),
  ];
}

function tests({ tests: all }: Selection, paper: Paper): string[] {
  if (all.length === 0) return ['', 'no test is affected'];
  const rows = all
    .slice(0, TESTS_MAX)
    .map((test) => [
      `${test.distance}`,
      test.minutes === undefined ? '-' : timeText(test.minutes * 60),
      test.path,
      tagsOf(test),
      why(test),
    ]);
  return [
    '',
    ...table(
      ['DISTANCE', 'TIME', 'TEST', 'TAGS', 'BECAUSE'].map((title) => ({ title })),
      rows,
      paper,
    ),
    ...more(all.length - TESTS_MAX, 'test'),
  ];
}

const tagsOf = ({ tags, onlyTagged }: SelectedTest): string =>
  tags.length === 0 ? '-' : `${onlyTagged ? 'only ' : ''}${tags.join(',')}`;

/** The way without the test itself; its middle is left out when it is long. */
function why({ because }: SelectedTest): string {
  const way = because.slice(1);
  if (way.length === 0) return 'changed itself';
  return (way.length > 4 ? [...way.slice(0, 2), '…', way.at(-1)!] : way).join(' → ');
}

function suites({ suites: all }: Selection, paper: Paper): string[] {
  if (all.length === 0) return [];
  const rows = all.map(({ name, labels, minutes, owner, because }) => [
    name,
    minutes === undefined ? '-' : timeText(minutes * 60),
    owner ?? '-',
    labels.join(',') || '-',
    because.length > 1 ? `${because[0]} and ${because.length - 1} more` : because[0]!,
  ]);
  return [
    '',
    ...table(
      ['SUITE', 'TIME', 'OWNER', 'LABELS', 'BECAUSE'].map((title) => ({ title })),
      rows,
      paper,
    ),
  ];
}

function cut({ budget }: Selection, paper: Paper): string[] {
  if (budget === undefined || budget.cut.length === 0) return [];
  const assumed =
    budget.assumed.tests > 0
      ? `; ${many(budget.assumed.tests, 'test')} without a measured time count ${minutesText(budget.assumed.minutes)} each`
      : '';
  const nearest = budget.cut.toSorted((a, b) => a.distance - b.distance || b.chance - a.chance);
  return [
    '',
    wrap(
      `cut: ${budget.cut.length}, which gives up ${percent(budget.cost)} of what the whole selection may be expected to find${assumed}`,
      paper.width,
    ),
    ...limited(
      nearest,
      CUT_MAX,
      ({ id, distance, minutes, chance }) =>
        `  ${id}: distance ${distance}, ${minutesText(minutes)}, ${percent(chance)}`,
    ),
  ];
}

function notCovered({ notCovered: all }: Selection, paper: Paper): string[] {
  if (all.length === 0) return ['', 'every changed file is covered by a test or suite'];
  return [
    '',
    ink(paper, 'yellow', `not covered: ${many(all.length, 'changed file')}`),
    ...limited(all, NOT_COVERED_MAX, ({ path, because }) => wrap(`  ${path}: ${because}`, paper.width)),
  ];
}

const limited = <T>(all: readonly T[], most: number, line: (one: T) => string): string[] => [
  ...all.slice(0, most).map(line),
  ...more(all.length - most, 'one'),
];

const more = (rest: number, what: string): string[] =>
  rest > 0 ? [`  and ${rest === 1 ? `one more ${what}` : `${rest} more ${what}s`}: -o json has all`] : [];

const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`;
