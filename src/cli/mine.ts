import type { FixRow } from '../core/views/list-view.ts';
import type { Person } from './shapes.ts';

const SEVERITY_ORDER = ['critical', 'high', 'moderate'];

/** Those that need this person first, then those that need anybody, then by severity and age. */
export function sortRows(rows: readonly FixRow[], me: Person | undefined): FixRow[] {
  const rank = (row: FixRow) => (needsMe(row, me) ? 0 : row.needs.length > 0 ? 1 : 2);
  return [...rows].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity) ||
      (a.clock.declaredAt < b.clock.declaredAt ? -1 : 1),
  );
}

/** Whether a need names this person or a role they hold. */
export function needsMe(row: Pick<FixRow, 'needs'>, me: Person | undefined): boolean {
  if (!me) return false;
  const mine = [me.name, ...me.roles];
  return row.needs.some((need) => need.who.split(/[^\w.-]+/).some((word) => mine.includes(word)));
}
