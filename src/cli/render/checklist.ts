import { clockText } from '../../core/base/instant.ts';
import type { ChecklistItemView, FixView } from '../../core/views/fix-view.ts';
import { clean, type Paper, screen, tint } from './paper.ts';
import { type Column, table } from './table.ts';

const COLUMNS = ['ITEM', 'KIND', 'STATE', 'WHO', 'BECAUSE'].map(
  (title): Column => (title === 'WHO' ? { title, breaks: true } : { title }),
);

/** The closing checklist as a table, and the commands that bring it further. */
export function renderChecklist(view: FixView, paper: Paper): string {
  const { id, at, checklist: items = [], state } = clean(view);
  if (items.length === 0)
    return screen([`${id} has no checklist: its policy asks for nothing when it is closed.`], paper);
  const rows = items.map((item) => [
    item.name,
    item.kind,
    tint(paper, item.state),
    item.by ?? item.who,
    becauseText(item, at),
  ]);
  const open = items.filter(({ next }) => next !== undefined);
  const done = `${items.length - open.length} of ${items.length} items of ${id}`;
  const nexts = [
    ...new Set(open.filter((item) => item.state !== 'checking').map(({ next }) => `  next   ${next}`)),
  ];
  const close = state === 'retired' && open.length === 0 ? [`  next   fleetfix close ${id} --as done`] : [];
  return screen([...table(COLUMNS, rows, paper), '', done, ...nexts, ...close], paper);
}

const becauseText = ({ because, link, at: since }: ChecklistItemView, now: string): string =>
  [
    because,
    ...(link === undefined ? [] : [link]),
    ...(since === undefined ? [] : [clockText(since, now)]),
  ].join(' · ');
