import { Tr } from '@patternfly/react-table/dist/dynamic/components/Table';
import type { ChecklistItemView, FixView } from '../../../src/core/views/fix-view.ts';
import { agoText, type Tone } from '../words.ts';
import { Cell } from './cell.tsx';
import { CopyCommand } from './copy-command.tsx';
import { ListTable } from './list-table.tsx';
import { toneClass } from './state-mark.tsx';

const LOOKS: Readonly<Record<ChecklistItemView['state'], { readonly glyph: string; readonly tone: Tone }>> = {
  open: { glyph: '○', tone: 'neutral' },
  checking: { glyph: '◔', tone: 'info' },
  shown: { glyph: '●', tone: 'success' },
  failed: { glyph: '✖\uFE0E', tone: 'danger' },
  waived: { glyph: '–', tone: 'warning' },
};

function StateCell({ state }: Pick<ChecklistItemView, 'state'>) {
  const { glyph, tone } = LOOKS[state];
  return (
    <span className="ff-nowrap">
      <span aria-hidden className={`ff-glyph ${toneClass(tone)}`}>
        {glyph}
      </span>{' '}
      {state}
    </span>
  );
}

/** A link that somebody showed. It leads elsewhere: nothing of this page goes with it. */
function Shown({ link }: { link: string }) {
  if (!/^https?:\/\//.test(link)) return <code>{link}</code>;
  return (
    <a href={link} target="_blank" rel="noreferrer noopener">
      {link}
    </a>
  );
}

function ItemRow({ item, at: now }: { item: ChecklistItemView; at: string }) {
  const { name, kind, state, because, who, by, at, link, next } = item;
  return (
    <Tr>
      <Cell label="Item">
        {name} <span className="ff-subtle">{kind}</span>
      </Cell>
      <Cell label="State">
        <StateCell state={state} />
      </Cell>
      <Cell label="Who">
        {by ?? who}
        {at === undefined ? null : <div className="ff-subtle">{agoText(at, now)}</div>}
      </Cell>
      <Cell label="Because">
        {because}
        {link === undefined ? null : (
          <div>
            <Shown link={link} />
          </div>
        )}
        {next === undefined || state === 'checking' ? null : <CopyCommand label="" command={next} />}
      </Cell>
    </Tr>
  );
}

/** What must be shown before the fix is closed. */
export function Checklist({ view }: { view: FixView }) {
  const items = view.checklist ?? [];
  const done = items.filter(({ next }) => next === undefined).length;
  return (
    <>
      <p className="ff-subtle">
        {done} of {items.length} are shown or waived. A delivered fix is closed once all are.
      </p>
      <ListTable label="Closing checklist" columns={['Item', 'State', 'Who', 'Because']}>
        {items.map((item) => (
          <ItemRow key={item.name} item={item} at={view.at} />
        ))}
      </ListTable>
    </>
  );
}
