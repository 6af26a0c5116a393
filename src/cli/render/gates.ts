import { durationText, type Instant, msBetween } from '../../core/base/instant.ts';
import type { DebtRow, GatePage, GateRow, RecallRow } from '../../core/views/gate-rows.ts';
import { clean, type Paper, screen, tint, wrap } from './paper.ts';
import { type Column, table } from './table.ts';
import { truncation } from './targets.ts';

type About = { readonly now: Instant; readonly total: number; readonly more: string };

const GATE_COLUMNS = [
  'GATE',
  'COMPONENT',
  'JUDGED',
  'STOPPED',
  'ALONE',
  'TOO LATE',
  'UNCLEAR',
  'WAIVED',
  'TAKES',
];

/** What the gates have been worth so far. */
export function renderGates(page: GatePage, about: About, paper: Paper): string {
  const { items, recall } = clean(page);
  if (items.length === 0) return screen(['No gate has judged a fix yet.'], paper);
  const rows = items.map((row) => gateRow(row));
  const said = recall.map((one) => wrap(recallText(one), paper.width, 2));
  return screen(
    [
      ...table(
        GATE_COLUMNS.map((title) => ({ title })),
        rows,
        paper,
      ),
      ...truncation(rows.length, about.total, about.more),
      '',
      ...said,
    ],
    paper,
  );
}

const gateRow = ({
  gate,
  component,
  judged,
  caught,
  alone,
  late,
  unclear,
  waived,
  tookMs,
}: GateRow): string[] => [
  gate,
  component,
  ...[judged, caught, alone, late, unclear, waived].map(String),
  tookMs === undefined ? '-' : durationText(tookMs),
];

function recallText({ component, caught, missed, recall }: RecallRow): string {
  if (recall === undefined) return `${component}: no fix is known to have been bad`;
  const share = `${component}: ${caught} of ${caught + missed.length} bad fixes stopped before delivery (recall ${recall.toFixed(2)})`;
  if (missed.length === 0) return share;
  const shown = missed.slice(0, 3).map(({ fix, by }) => `${fix} by ${by}`);
  const more = missed.length > shown.length ? `; and ${missed.length - shown.length} more` : '';
  return `${share}; found after it: ${shown.join('; ')}${more}`;
}

const DEBT_COLUMNS = ['FIX', 'GATE', 'LINE', 'STATE', 'DUE', 'OWNER', 'TITLE'];

/** What deliveries still owe. */
export function renderDebts(items: readonly DebtRow[], about: About, paper: Paper): string {
  if (items.length === 0) return screen(['Nothing is owed.'], paper);
  const rows = clean(items).map((debt) => [
    debt.fix,
    debt.gate,
    debt.line,
    tint(paper, debt.state),
    dueText(debt, about.now, paper),
    debt.owner,
    debt.title,
  ]);
  const lines = table(
    DEBT_COLUMNS.map((title): Column => (title === 'OWNER' ? { title, breaks: true } : { title })),
    rows,
    paper,
  );
  const told = lines.flatMap((line, i) => [line, ...(i === 0 ? [] : becauseLines(items[i - 1]!, paper))]);
  return screen([...told, ...truncation(rows.length, about.total, about.more)], paper);
}

/** Below its row, where it says more than the state does. */
function becauseLines({ state, because }: DebtRow, paper: Paper): string[] {
  if (state === 'missing' && because === 'no evidence yet') return [];
  return [wrap(`    because: ${clean(because)}`, paper.width, 6)];
}

const dueText = ({ overdue, dueAt }: DebtRow, now: Instant, paper: Paper): string =>
  overdue
    ? tint(paper, `OVERDUE by ${durationText(msBetween(dueAt, now))}`)
    : `in ${durationText(msBetween(now, dueAt))}`;
