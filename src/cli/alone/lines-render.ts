import { short } from '../../core/base/ids.ts';
import { clean, ink, many, type Paper, screen, wrap } from '../render/paper.ts';
import { table } from '../render/table.ts';
import type { LinesAnswer } from './lines-answer.ts';

const COLUMNS = (titles: string) => titles.split(' ').map((title) => ({ title }));

/** What to build on and who rides along, then what other budgets would give. */
export function renderLines(found: LinesAnswer, paper: Paper): string {
  const answer = clean(found);
  return screen(
    [
      ...head(answer, paper),
      '',
      ...(answer.total === null ? apart(answer, paper) : bases(answer, paper)),
      '',
      ...trades(answer, paper),
      ...answer.warnings.map((text) => wrap(`warning: ${text}`, paper.width)),
    ],
    paper,
  );
}

function head({ component, relevant, needed, budget, bases, total }: LinesAnswer, paper: Paper): string[] {
  const own = relevant.packages - relevant.vendored;
  const from =
    relevant.packages === 0
      ? 'no Go there: only its paths count'
      : `built from ${many(relevant.packages, 'Go package')}, ${relevant.vendored} of them vendored, ${own} not`;
  const plan =
    total === null
      ? `budget ${budget} is too small: ${many(needed.builds, 'build')} needed`
      : `${many(bases.length, 'build')} of at most ${budget} for ${many(total.planes, 'control plane')}`;
  return [
    wrap(`${ink(paper, 'bold', component.join(', '))}: ${plan}`, paper.width),
    wrap(`  ${from}`, paper.width),
  ];
}

function bases({ bases: all, total, exact, within }: LinesAnswer, paper: Paper): string[] {
  const rows = all.flatMap(({ base, names, serves }) =>
    serves.map((line, i) => [
      i === 0 ? called(base, names) : '',
      called(line.commit, line.names),
      `${line.planes}`,
      `${line.passengers.commits}`,
      `${line.passengers.files}`,
      `${line.passengers.lines}`,
    ]),
  );
  const { perPlaneMean, perPlaneMax } = total!;
  const proof = exact
    ? 'no choice of so many builds gives fewer'
    : `${factor(within)} the fewest that so many builds can give`;
  return [
    ...table(COLUMNS('BASE SERVES PLANES PASSENGERS FILES LINES'), rows, paper),
    '',
    wrap(
      `a control plane gets ${mean(perPlaneMean)} passengers on average, ${perPlaneMax} at most; ${proof}`,
      paper.width,
    ),
  ];
}

/** The lines that each need a build, and what the nearest other base would take from them. */
function apart({ apart: all }: LinesAnswer, paper: Paper): string[] {
  const rows = all.map(({ commit, names, planes, closest }) => [
    called(commit, names),
    `${planes}`,
    closest ? short(closest.base) : '-',
    closest ? many(closest.lost.commits, 'commit') : '-',
    closest?.lost.list[0]?.subject ?? '',
  ]);
  return table(COLUMNS('LINE PLANES ON WOULD-LOSE SUCH-AS'), rows, paper);
}

function trades({ table: all, budget }: LinesAnswer, paper: Paper): string[] {
  const first = all.findIndex(({ total }) => total === 0);
  const shown = first < 0 ? all : all.slice(0, first + 1);
  const last = shown.at(-1);
  const rows = shown.map((row) => [
    `${row.k}${row.k === Math.min(budget, last!.k) ? ' *' : ''}`,
    mean(row.perPlaneMean),
    `${row.perPlaneMax}`,
    `${row.total}`,
    row.exact ? 'exact' : factor(row.within),
  ]);
  const rest = all.length - shown.length;
  return [
    ...table(COLUMNS('BUILDS MEAN MOST IN-ALL PROOF'), rows, paper),
    ...(rest > 0 ? [`more than ${last!.k} builds save nothing`] : []),
  ];
}

const called = (commit: string, names: readonly string[]): string =>
  names.length === 0 ? short(commit) : `${short(commit)} ${names.join(' ')}`;

const mean = (value: number): string => value.toFixed(value < 10 ? 2 : 1);

const factor = (within: number | null): string =>
  within === null ? 'no factor is known of' : `at most ${within} times`;
