import type { ItemRecord } from '../proof/closing-item.ts';
import type { Fix } from './fix.ts';
import type { Folds } from './fold.ts';

/** What people have shown for the closing checklist, and what was found behind it. */
export const CLOSING_FOLDS: Folds<'ItemShown' | 'LinkChecked' | 'ItemWaived'> = {
  ItemShown: (fix, { item, link, note }, { at, author }) =>
    withItem(fix, item, (known) => ({
      ...known,
      shown: { ...(link !== undefined && { link }), ...(note !== undefined && { note }), by: author, at },
    })),
  LinkChecked: (fix, { type: _, item, link, ...look }, { at }) =>
    withItem(fix, item, (known) =>
      // Another link was shown meanwhile: what was found behind the former says nothing of it.
      known.shown?.link === link ? { ...known, shown: { ...known.shown, look: { ...look, at } } } : known,
    ),
  ItemWaived: (fix, { item, reason }, { at, author }) =>
    withItem(fix, item, (known) => ({ ...known, waived: { by: author, reason, at } })),
};

function withItem(fix: Fix, item: string, change: (known: ItemRecord) => ItemRecord): Fix {
  const { checklist = {} } = fix;
  // A policy may call an item by any name, one that every object answers to as well.
  const known = Object.hasOwn(checklist, item) ? checklist[item]! : {};
  return { ...fix, checklist: { ...checklist, [item]: change(known) } };
}

/** Links that were no good are looked at again. */
export function lookedAnew(fix: Fix): Fix {
  const again = Object.entries(fix.checklist ?? {}).map(([name, known]): [string, ItemRecord] => {
    if (known.shown?.look?.result !== 'fail') return [name, known];
    const { look: _, ...shown } = known.shown;
    return [name, { ...known, shown }];
  });
  return { ...fix, ...(again.length > 0 && { checklist: Object.fromEntries(again) }) };
}
