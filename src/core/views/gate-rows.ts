import type { Fix } from '../life/fix.ts';
import { type GateRecord, gateRecords, type Recall, recallOf } from '../life/gate-record.ts';
import type { DebtView, FixView } from './fix-view.ts';

/** What a gate of a component came to over its fixes. */
export type GateRow = GateRecord & { readonly component: string };
/** How much of what was bad was stopped before delivery. */
export type RecallRow = Recall & { readonly component: string };
export type GatePage = { readonly items: readonly GateRow[]; readonly recall: readonly RecallRow[] };

/** A debt of any fix. */
export type DebtRow = DebtView & Pick<FixView, 'title' | 'severity'> & { readonly fix: string };

/** Of all fixes, component by component. */
export function gatePage(fixes: readonly Fix[]): GatePage {
  const byComponent = [...Map.groupBy(fixes, ({ component }) => component)].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return {
    items: byComponent.flatMap(([component, all]) => gateRecords(all).map((row) => ({ component, ...row }))),
    recall: byComponent.map(([component, all]) => ({ component, ...recallOf(all) })),
  };
}

/** The most urgent first. */
export const debtRows = (views: readonly Pick<FixView, 'id' | 'title' | 'severity' | 'debts'>[]): DebtRow[] =>
  views
    .flatMap(({ id, title, severity, debts = [] }) =>
      debts.map((debt) => ({ fix: id, title, severity, ...debt })),
    )
    .sort((a, b) => (a.dueAt < b.dueAt ? -1 : a.dueAt > b.dueAt ? 1 : 0));
