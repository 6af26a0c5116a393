import { durationText, type Instant } from '../../core/base/instant.ts';
import type { FixRow, Person } from '../shapes.ts';
import { clean, ink, type Paper, screen, tint } from './paper.ts';
import { table } from './table.ts';

/** Open fixes, one a line, in the order given. */
export function renderFixes(
  list: readonly FixRow[],
  about: { readonly me?: Person | undefined; readonly now: Instant },
  paper: Paper,
): string {
  const rows = clean(list);
  if (rows.length === 0)
    return screen(
      ['No open fixes.', '  next   fleetfix declare --component NAME --commit SHA --severity critical --title TEXT --reason TEXT'],
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
      ...(paper.wide ? [{ title: 'COMPONENT' }, { title: 'INCIDENT' }, { title: 'LEAD' }, { title: 'HEADLINE' }] : []),
      { title: 'TITLE' },
    ],
    rows.map((row) => [
      row.id,
      tint(paper, row.severity),
      stateText(row, paper),
      patchedText(row),
      `${durationText(row.clock.elapsedMs)} of ${durationText(row.clock.targetMs)}`,
      row.needs.length === 0 ? 'nobody' : ink(paper, 'yellow', [...new Set(row.needs.map((n) => n.who))].join(', ')),
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
