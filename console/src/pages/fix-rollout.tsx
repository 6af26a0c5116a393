import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import { Skeleton } from '@patternfly/react-core/dist/dynamic/components/Skeleton';
import { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
import { Tr } from '@patternfly/react-table/dist/dynamic/components/Table';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { msBetween } from '../../../src/core/base/instant.ts';
import type { FixView, RolloutRow } from '../../../src/core/views/fix-view.ts';
import { api } from '../api.ts';
import { GridLegend } from '../charts/grid-legend.tsx';
import {
  blocksOf,
  cellsOf,
  isException,
  type Cell as PlaneCell,
  type RowBlocks,
  rank,
} from '../charts/grid-model.ts';
import { PacePanel } from '../charts/pace-panel.tsx';
import { type Opened, RolloutGrid } from '../charts/rollout-grid.tsx';
import { useKeys } from '../keys.ts';
import { Cell } from '../parts/cell.tsx';
import { CopyCommand } from '../parts/copy-command.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { SidePanel } from '../parts/side-panel.tsx';
import { StageActs } from '../parts/stage-acts.tsx';
import { StateMark, toneClass } from '../parts/state-mark.tsx';
import { TargetTable } from '../parts/target-table.tsx';
import { TroubleNote } from '../parts/trouble.tsx';
import type { RolloutSearch } from '../rollout-search.ts';
import { isStage, rowLook, rowMeaning, rowText } from '../rollout-words.ts';
import { countText, durationText } from '../words.ts';

function RowLine({ row, view, onShow }: { row: RolloutRow; view: FixView; onShow: () => void }) {
  // A row that has not begun has no numbers yet, and zero would be one.
  const begun = row.since !== undefined || row.done > 0;
  const number = (n: number) => (begun ? n.toLocaleString('en') : '');
  const stages = view.rollout.filter(({ name }) => isStage(name)).length;
  const look = rowLook(row.state);
  return (
    <Tr>
      <Cell label="Stage">
        <button type="button" className="ff-link" onClick={onShow}>
          {row.name}
        </button>
        <div className="ff-subtle ff-small">{rowMeaning(row.name, stages)}</div>
      </Cell>
      <Cell label="Targets">{row.targets.toLocaleString('en')}</Cell>
      <Cell label="Done">{number(row.done)}</Cell>
      <Cell label="In flight">{number(row.inFlight)}</Cell>
      <Cell label="Failed">
        {row.failed > 0 ? <strong className="ff-tone-danger">{row.failed}</strong> : number(0)}
      </Cell>
      <Cell label="Unknown">
        {row.unknown > 0 ? <strong className="ff-tone-warning">{row.unknown}</strong> : number(0)}
      </Cell>
      <Cell label="Rolled back">{number(row.rolledBack)}</Cell>
      <Cell label="State">
        <span className="ff-nowrap">
          <span aria-hidden className={`ff-glyph ${toneClass(look.tone)}`}>
            {look.glyph}
          </span>{' '}
          {look.word}
        </span>
      </Cell>
      <Cell label="Since">{row.since === undefined ? '' : durationText(msBetween(row.since, view.at))}</Cell>
      <Cell label="Acts">
        <StageActs row={row} view={view} />
      </Cell>
    </Tr>
  );
}

const COLUMNS = [
  'Stage',
  'Targets',
  'Done',
  'In flight',
  'Failed',
  'Unknown',
  'Rolled back',
  'State',
  'Since',
  'Acts',
];

function Rows({ view, onShow }: { view: FixView; onShow: (row: string) => void }) {
  return (
    <ListTable label="Stages of the rollout" narrow="lg" columns={COLUMNS}>
      {view.rollout.map((row) => (
        <RowLine key={row.name} row={row} view={view} onShow={() => onShow(row.name)} />
      ))}
    </ListTable>
  );
}

const EXCEPTIONS_SHOWN = 12;

/** What went wrong, before everything that went well. */
function Exceptions({ cells, onOpen }: { cells: readonly PlaneCell[]; onOpen: (cell: PlaneCell) => void }) {
  const odd = cells.filter((cell) => isException(cell.state)).sort((a, b) => rank(a.state) - rank(b.state));
  if (odd.length === 0) return null;
  return (
    <section className="ff-part" aria-label="Exceptions">
      <Title headingLevel="h2">{countText(odd.length, 'exception')}</Title>
      <ul className="ff-plain-list ff-columns">
        {odd.slice(0, EXCEPTIONS_SHOWN).map((cell) => (
          <li key={cell.name} className="ff-row-facts">
            <StateMark state={cell.state} />
            <button type="button" className="ff-link" onClick={() => onOpen(cell)}>
              {cell.name}
            </button>
            <span className="ff-subtle">
              {cell.cluster}, {rowText(cell.row)}
            </span>
          </li>
        ))}
      </ul>
      {odd.length > EXCEPTIONS_SHOWN ? (
        <p className="ff-subtle">
          and {odd.length - EXCEPTIONS_SHOWN} more: choose a state below to list them
        </p>
      ) : null}
    </section>
  );
}

function findOpened(rows: readonly RowBlocks[], search: RolloutSearch): Opened | undefined {
  const blocks = rows.flatMap((row) => row.blocks);
  if (search.target !== undefined) {
    const cell = blocks.flatMap((b) => b.cells).find((c) => c.name === search.target);
    return cell === undefined ? undefined : { cell };
  }
  if (search.cluster === undefined) return undefined;
  const block = blocks.find((b) => b.cluster === search.cluster && b.row === search.stage);
  return block === undefined ? undefined : { block };
}

/** The same without what is open; a stage without a cluster is a filter of the table, and stays. */
const without = ({ target: _, cluster, stage, ...rest }: RolloutSearch): RolloutSearch =>
  cluster === undefined && stage !== undefined ? { ...rest, stage } : rest;

type Props = {
  readonly view: FixView;
  readonly search: RolloutSearch;
  readonly onSearch: (search: RolloutSearch) => void;
};

function NotYet({ view }: { view: FixView }) {
  return (
    <div className="ff-part">
      <p>Nothing is delivered yet: {view.headline}.</p>
      <p className="ff-subtle">A plan says who gets the fix, in which order, and what stops it.</p>
      <CopyCommand label="Preview it" command={`fleetfix plan ${view.id}`} />
    </div>
  );
}

function GridHead({ table, onToggle }: { table: boolean; onToggle: () => void }) {
  return (
    <div className="ff-head">
      <Title headingLevel="h2">Control planes</Title>
      <Button variant="secondary" size="sm" onClick={onToggle}>
        {table ? 'Show the grid' : 'Show the table'} <kbd>t</kbd>
      </Button>
      {table ? null : (
        <span className="ff-subtle ff-small">Arrows move, Enter opens, f goes to the next exception</span>
      )}
    </div>
  );
}

/** The evidence, what went wrong, the stages, and every control plane of the plan as a grid or a table. */
export function FixRollout({ view, search, onSearch }: Props) {
  const grid = useQuery({ queryKey: ['fix', view.id, 'grid'], queryFn: () => api.grid(view.id) });
  const table = search.view === 'table';
  const open = (opened: Opened): void =>
    onSearch(
      'cell' in opened
        ? { ...without(search), target: opened.cell.name }
        : { ...without(search), cluster: opened.block.cluster, stage: opened.block.row },
    );
  const toggle = useMemo(() => () => onSearch(table ? {} : { view: 'table' }), [table, onSearch]);
  useKeys(useMemo(() => ({ t: toggle }), [toggle]));
  const rows = useMemo(() => (grid.data === undefined ? [] : blocksOf(grid.data)), [grid.data]);
  const cells = useMemo(() => cellsOf(rows), [rows]);
  const opened = findOpened(rows, search);
  if (grid.isError && grid.data === undefined) return <TroubleNote error={grid.error} />;
  if (grid.data === undefined) return <Skeleton height="16rem" screenreaderText="Loading the rollout" />;
  const empty = cells.length === 0;
  return (
    <>
      <Exceptions cells={cells} onOpen={(cell) => open({ cell })} />
      {view.pace === undefined ? null : (
        <section className="ff-part" aria-label="Evidence and pace">
          <Title headingLevel="h2">Evidence and pace</Title>
          <PacePanel pace={view.pace} goesOn={view.state === 'delivering' && !view.paused && !view.halted} />
        </section>
      )}
      {view.rollout.length === 0 && empty ? (
        <NotYet view={view} />
      ) : (
        <section className="ff-part" aria-label="Stages of the rollout">
          <Title headingLevel="h2">Stages</Title>
          <Rows view={view} onShow={(stage) => onSearch({ view: 'table', stage })} />
        </section>
      )}
      {empty && !table ? null : (
        <section className="ff-part" aria-label="Control planes">
          <GridHead table={table} onToggle={toggle} />
          {table ? (
            <TargetTable view={view} search={search} onSearch={onSearch} />
          ) : (
            <>
              <GridLegend cells={cells} onShow={(state) => onSearch({ view: 'table', state })} />
              <RolloutGrid fix={view.id} rows={rows} onOpen={open} />
            </>
          )}
        </section>
      )}
      {opened === undefined ? null : (
        <SidePanel
          fix={view.id}
          opened={opened}
          onOpen={(cell) => open({ cell })}
          onClose={() => onSearch(without(search))}
        />
      )}
    </>
  );
}
