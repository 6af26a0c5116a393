import { durationText } from '../../core/base/instant.ts';
import type { FixRow } from '../../core/views/list-view.ts';
import { needsMe } from '../mine.ts';
import type { Person } from '../shapes.ts';
import { clean, ink, type Paper, screen, tint } from './paper.ts';
import { table } from './table.ts';

/** Open fixes, one a line, in the order given. */
export function renderFixes(list: readonly FixRow[], me: Person | undefined, paper: Paper): string {
  const rows = clean(list);
  if (rows.length === 0)
    return screen(
      [
        'No open fixes.',
        '  next   fleetfix declare --component NAME --commit SHA --severity critical --title TEXT --reason TEXT',
      ],
      paper,
    );
  const lines = table(
    [
      { title: 'FIX' },
      { title: 'SEVERITY' },
      { title: 'STATE', min: 10 },
      { title: 'PATCHED' },
      { title: 'CLOCK' },
      { title: 'NEEDS' },
      ...(paper.wide
        ? [{ title: 'COMPONENT' }, { title: 'INCIDENT' }, { title: 'LEAD' }, { title: 'HEADLINE' }]
        : []),
      { title: 'TITLE' },
    ],
    rows.map((row) => [
      row.id,
      tint(paper, row.severity),
      stateText(row, paper),
      patchedText(row),
      `${durationText(row.clock.elapsedMs)} of ${durationText(row.clock.targetMs)}`,
      needsText(row, me, paper),
      ...(paper.wide ? [row.component, row.incident ?? '-', row.author, row.headline] : []),
      row.title,
    ]),
    paper,
  );
  return screen([...lines, '', `see one: fleetfix status ${rows[0]!.id}`], paper);
}

const stateText = (row: FixRow, paper: Paper): string =>
  tint(paper, row.halted ? 'halted' : row.paused ? 'paused' : row.state);

function patchedText({ coverage }: FixRow): string {
  const unknown = coverage.unknown > 0 ? `, ${coverage.unknown} unknown` : '';
  return coverage.exposed === 0
    ? 'none exposed'
    : `${coverage.patched}/${coverage.exposed} ${coverage.percent}%${unknown}`;
}

function needsText(row: FixRow, me: Person | undefined, paper: Paper): string {
  if (row.needs.length === 0) return 'nobody';
  const who = [...new Set(row.needs.map((need) => need.who))].join(', ');
  return ink(paper, 'yellow', needsMe(row, me) ? `you: ${who}` : who);
}
