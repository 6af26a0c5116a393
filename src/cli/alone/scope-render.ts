import { short } from '../../core/base/ids.ts';
import { clean, ink, many, type Paper, screen, wrap } from '../render/paper.ts';
import { table } from '../render/table.ts';
import type { ScopeAnswer } from './scope-answer.ts';

const SHOWN_MAX = 40;
const COLUMNS = (titles: string) => titles.split(' ').map((title) => ({ title }));

/** The verdict and what it rests on, then the places, then tests. */
export function renderScope(found: ScopeAnswer, paper: Paper): string {
  const answer = clean(found);
  return screen(
    [
      ...head(answer, paper),
      ...weights(answer, paper),
      ...places(answer, paper),
      ...tests(answer, paper),
      ...answer.warnings.map((text) => wrap(`warning: ${text}`, paper.width)),
    ],
    paper,
  );
}

function head(answer: ScopeAnswer, paper: Paper): string[] {
  const { from, to, title, verdict, score, codeScore, because, standing, next } = answer;
  const named = title === '' ? '' : `: ${title}`;
  return [
    wrap(`${short(from)}..${short(to)}${named}`, paper.width),
    wrap(
      `${ink(paper, 'bold', verdict)}: score ${score} (0 a fix, 1 a feature), ${codeScore} by the code alone`,
      paper.width,
    ),
    wrap(`  ${because}`, paper.width),
    wrap(`${standing}: ${next}`, paper.width),
  ];
}

function weights({ contributions }: ScopeAnswer, paper: Paper): string[] {
  if (contributions.length === 0) return [];
  const signed = (value: number) => `${value < 0 ? '' : '+'}${value.toFixed(2)}`;
  const rows = contributions.map(({ adds, measure, from, said }) => [signed(adds), measure, from, said]);
  return ['', ...table(COLUMNS('ADDS MEASURE FROM WHAT'), rows, paper)];
}

function places({ signals }: ScopeAnswer, paper: Paper): string[] {
  if (signals.length === 0) return [];
  const rows = signals
    .slice(0, SHOWN_MAX)
    .map(({ signal, path, line, what }) => [signal, line === undefined ? path : `${path}:${line}`, what]);
  const left =
    signals.length > SHOWN_MAX ? [`showing ${SHOWN_MAX} of ${signals.length}; -o json has all`] : [];
  return ['', ...table(COLUMNS('SIGNAL PLACE WHAT'), rows, paper), ...left];
}

function tests({ tests: { added, covered, uncovered } }: ScopeAnswer, paper: Paper): string[] {
  const all = covered.length + uncovered.length;
  const own = covered.filter(({ inChange }) => inChange).length;
  const named = uncovered.slice(0, 5).map(({ name }) => name);
  const more = uncovered.length > named.length ? ` and ${uncovered.length - named.length} more` : '';
  const said = [
    added === 0 ? 'tests: the change adds none' : `tests: ${many(added, 'line')} added`,
    ...(all > 0
      ? [
          `${covered.length} of ${many(all, 'Go function')} reached by tests of its package, ${own} by tests of the change`,
        ]
      : []),
    ...(named.length > 0 ? [`none reaches ${named.join(', ')}${more}`] : []),
  ];
  return ['', wrap(said.join('; '), paper.width)];
}
