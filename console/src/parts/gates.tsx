import { Tr } from '@patternfly/react-table/dist/dynamic/components/Table';
import { Link } from '@tanstack/react-router';
import type { DebtView, FixView, HandOffView, LineView } from '../../../src/core/views/fix-view.ts';
import { agoText, type Tone } from '../words.ts';
import { ActButton } from './act-button.tsx';
import { Cell } from './cell.tsx';
import { FindingList } from './finding-list.tsx';
import { ListTable } from './list-table.tsx';
import { toneClass } from './state-mark.tsx';

type GateView = LineView['gates'][number];

const LOOKS: Readonly<Record<GateView['state'], { readonly glyph: string; readonly tone: Tone }>> = {
  met: { glyph: '●', tone: 'success' },
  failed: { glyph: '✖\uFE0E', tone: 'danger' },
  unclear: { glyph: '?', tone: 'warning' },
  missing: { glyph: '○', tone: 'neutral' },
  waived: { glyph: '–', tone: 'warning' },
};

const LANE_TEXT: Readonly<Record<GateView['lane'], string>> = {
  before: 'before delivery',
  after: 'may follow delivery',
  shadow: 'only watches',
};

function Findings({ of: { findings = [] } }: { of: GateView }) {
  if (findings.length === 0) return null;
  return (
    <details>
      <summary>What was found ({findings.length})</summary>
      <FindingList findings={findings} />
    </details>
  );
}

function Owed({ debt, now }: { debt: DebtView | undefined; now: string }) {
  if (debt === undefined) return null;
  return (
    <div className={debt.overdue ? toneClass('danger') : 'ff-subtle'}>
      {debt.overdue ? 'OVERDUE, ' : ''}
      {debt.owner} owes it, due {agoText(debt.dueAt, now)}
    </div>
  );
}

function GateRow({ view, line, gate }: { view: FixView; line: string; gate: GateView }) {
  const { glyph, tone } = LOOKS[gate.state];
  const debt = view.debts?.find((one) => one.gate === gate.gate && one.line === line);
  return (
    <Tr>
      <Cell label="Gate">
        {gate.gate} <span className="ff-subtle">{LANE_TEXT[gate.lane]}</span>
      </Cell>
      <Cell label="Line">{line}</Cell>
      <Cell label="State">
        <span className="ff-nowrap">
          <span aria-hidden className={`ff-glyph ${toneClass(tone)}`}>
            {glyph}
          </span>{' '}
          {gate.state}
        </span>
        <Owed debt={debt} now={view.at} />
      </Cell>
      <Cell label="Because">
        {gate.because}
        {gate.cut === undefined ? null : <div className="ff-subtle">{gate.cut}</div>}
        <Findings of={gate} />
      </Cell>
    </Tr>
  );
}

/** Who has the images that wait for people, and the button that takes them. */
function HandOffLine({ view, handOff }: { view: FixView; handOff: HandOffView }) {
  return (
    <div className="ff-act">
      <span className={/^NOBODY/.test(handOff.text) ? toneClass('danger') : ''}>
        Hand-off: {handOff.text}
      </span>
      <ActButton
        view={view}
        act="acknowledge"
        asked={{ act: 'acknowledge', handOff }}
        label="Acknowledge"
        of="the hand-off"
        isOffered={handOff.acknowledged === undefined}
      />
      <Link to="/roster">Who is on duty</Link>
    </div>
  );
}

/** Gates that are not met yet, or only waived, and who has the images that wait for people. */
export function Gates({ view }: { view: FixView }) {
  const all = view.lines.flatMap(({ line, gates }) => gates.map((gate) => ({ line, gate })));
  const open = all.filter(({ gate }) => gate.state !== 'met');
  return (
    <>
      {view.handOff === undefined ? null : <HandOffLine view={view} handOff={view.handOff} />}
      <p className="ff-subtle">
        {all.length - open.length} of {all.length} are met.
      </p>
      {open.length === 0 ? null : (
        <ListTable label="Gates that are not met" columns={['Gate', 'Line', 'State', 'Because']}>
          {open.map(({ line, gate }) => (
            <GateRow key={`${line} ${gate.gate}`} view={view} line={line} gate={gate} />
          ))}
        </ListTable>
      )}
    </>
  );
}
