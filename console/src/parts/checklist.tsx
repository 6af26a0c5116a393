import { Tr } from '@patternfly/react-table/dist/dynamic/components/Table';
import type { ChecklistItemView, FixView } from '../../../src/core/views/fix-view.ts';
import { agoText, type Tone } from '../words.ts';
import { ActButton } from './act-button.tsx';
import { Cell } from './cell.tsx';
import { CopyCommand } from './copy-command.tsx';
import { ListTable } from './list-table.tsx';
import { reasonText } from './sentences.ts';
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

const WHY = { show: 'why-item-show', 'waive-item': 'why-item-waive' } as const;

/** What follows from the gates nobody shows; while a machine looks at a link, nobody is needed. */
function ItemActs({ item, view }: { item: ChecklistItemView; view: FixView }) {
  const isOffered = item.next !== undefined && item.state !== 'checking';
  return (
    <div className="ff-act">
      <ActButton
        view={view}
        act="show"
        asked={{ act: 'show', item }}
        label="Show"
        of={item.name}
        why={WHY.show}
        isOffered={isOffered && item.kind !== 'gates'}
      />
      <ActButton
        view={view}
        act="waive-item"
        asked={{ act: 'waive-item', item }}
        label="Waive"
        of={item.name}
        why={WHY['waive-item']}
        isOffered={isOffered}
      />
    </div>
  );
}

/** Why the buttons of the list cannot be pressed, said once for all of them. */
function NotAllowed({ view }: { view: FixView }) {
  const acts = view.actions.filter(({ name, allowed }) => Object.hasOwn(WHY, name) && !allowed);
  return acts.map(({ name, because, whoCan }) => (
    <p key={name} id={WHY[name as keyof typeof WHY]} className="ff-subtle">
      {name === 'show' ? 'Show' : 'Waive'}: {reasonText(because, whoCan)}
    </p>
  ));
}

function ItemRow({ item, view }: { item: ChecklistItemView; view: FixView }) {
  const now = view.at;
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
        <ItemActs item={item} view={view} />
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
      <NotAllowed view={view} />
      <ListTable label="Closing checklist" columns={['Item', 'State', 'Who', 'Because']}>
        {items.map((item) => (
          <ItemRow key={item.name} item={item} view={view} />
        ))}
      </ListTable>
    </>
  );
}
