import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import { Skeleton } from '@patternfly/react-core/dist/dynamic/components/Skeleton';
import { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
import { Tr } from '@patternfly/react-table/dist/dynamic/components/Table';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { msBetween } from '../../../src/core/base/instant.ts';
import type { FixView, WaveView } from '../../../src/core/views/fix-view.ts';
import { api } from '../api.ts';
import { GridLegend } from '../charts/grid-legend.tsx';
import {
  blocksOf,
  cellsOf,
  isException,
  type Cell as PlaneCell,
  rank,
  type WaveBlocks,
} from '../charts/grid-model.ts';
import { type Opened, WaveGrid } from '../charts/wave-grid.tsx';
import { useKeys } from '../keys.ts';
import { Cell } from '../parts/cell.tsx';
import { CopyCommand } from '../parts/copy-command.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { SidePanel } from '../parts/side-panel.tsx';
import { StateMark } from '../parts/state-mark.tsx';
import { TargetTable } from '../parts/target-table.tsx';
import { TroubleNote } from '../parts/trouble.tsx';
import type { RolloutSearch } from '../rollout-search.ts';
import { countText, durationText } from '../words.ts';

function WaveRow({ wave, view }: { wave: WaveView; view: FixView }) {
  // A wave that has not begun has no numbers yet, and zero would be one.
  const begun = wave.since !== undefined || wave.done > 0;
  const number = (n: number) => (begun ? n.toLocaleString('en') : '');
  return (
    <Tr>
      <Cell label="Wave">{wave.wave}</Cell>
      <Cell label="Targets">{wave.targets.toLocaleString('en')}</Cell>
      <Cell label="Done">{number(wave.done)}</Cell>
      <Cell label="In flight">{number(wave.inFlight)}</Cell>
      <Cell label="Failed">
        {wave.failed > 0 ? <strong className="ff-tone-danger">{wave.failed}</strong> : number(0)}
      </Cell>
      <Cell label="Unknown">
        {wave.unknown > 0 ? <strong className="ff-tone-warning">{wave.unknown}</strong> : number(0)}
      </Cell>
      <Cell label="Rolled back">{number(wave.rolledBack)}</Cell>
      <Cell label="State">{wave.state}</Cell>
      <Cell label="Since">
        {wave.since === undefined ? '' : durationText(msBetween(wave.since, view.at))}
      </Cell>
    </Tr>
  );
}

function Waves({ view }: { view: FixView }) {
  return (
    <ListTable
      label="Waves"
      columns={['Wave', 'Targets', 'Done', 'In flight', 'Failed', 'Unknown', 'Rolled back', 'State', 'Since']}
    >
      {view.waves.map((wave) => (
        <WaveRow key={wave.wave} wave={wave} view={view} />
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
              {cell.cluster}, wave {cell.wave}
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

function findOpened(waves: readonly WaveBlocks[], search: RolloutSearch): Opened | undefined {
  const blocks = waves.flatMap((wave) => wave.blocks);
  if (search.target !== undefined) {
    const cell = blocks.flatMap((b) => b.cells).find((c) => c.name === search.target);
    return cell === undefined ? undefined : { cell };
  }
  if (search.cluster === undefined) return undefined;
  const block = blocks.find((b) => b.cluster === search.cluster && b.wave === search.wave);
  return block === undefined ? undefined : { block };
}

const without = ({ target: _, cluster: __, ...rest }: RolloutSearch): RolloutSearch => rest;

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

/** Waves, what went wrong, and every control plane of the plan as a grid or a table. */
export function FixRollout({ view, search, onSearch }: Props) {
  const grid = useQuery({ queryKey: ['fix', view.id, 'grid'], queryFn: () => api.grid(view.id) });
  const table = search.view === 'table';
  const open = (opened: Opened): void =>
    onSearch(
      'cell' in opened
        ? { ...without(search), target: opened.cell.name }
        : { ...without(search), cluster: opened.block.cluster, wave: opened.block.wave },
    );
  const toggle = useMemo(() => () => onSearch(table ? {} : { view: 'table' }), [table, onSearch]);
  useKeys(useMemo(() => ({ t: toggle }), [toggle]));
  const waves = useMemo(() => (grid.data === undefined ? [] : blocksOf(grid.data)), [grid.data]);
  const cells = useMemo(() => cellsOf(waves), [waves]);
  const opened = findOpened(waves, search);
  if (grid.isError && grid.data === undefined) return <TroubleNote error={grid.error} />;
  if (grid.data === undefined) return <Skeleton height="16rem" screenreaderText="Loading the waves" />;
  const empty = cells.length === 0;
  return (
    <>
      <Exceptions cells={cells} onOpen={(cell) => open({ cell })} />
      {view.waves.length === 0 && empty ? (
        <NotYet view={view} />
      ) : (
        <section className="ff-part" aria-label="Waves">
          <Waves view={view} />
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
              <WaveGrid fix={view.id} waves={waves} onOpen={open} />
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
