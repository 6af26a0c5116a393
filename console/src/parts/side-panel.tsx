import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import { Skeleton } from '@patternfly/react-core/dist/dynamic/components/Skeleton';
import { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
import TimesIcon from '@patternfly/react-icons/dist/dynamic/icons/times-icon';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { api } from '../api.ts';
import { type Block, type Cell, countsText, isException } from '../charts/grid-model.ts';
import type { Opened } from '../charts/rollout-grid.tsx';
import { rowText } from '../rollout-words.ts';
import { CopyCommand } from './copy-command.tsx';
import { StateMark } from './state-mark.tsx';
import { TroubleNote } from './trouble.tsx';

function CellFacts({ fix, cell }: { fix: string; cell: Cell }) {
  const why = useQuery({
    queryKey: ['fix', fix, 'why', cell.name],
    queryFn: () => api.why(fix, cell.name),
  });
  return (
    <>
      <p>
        <StateMark state={cell.state} />, {rowText(cell.row)}, {cell.cluster}
      </p>
      {why.data === undefined ? (
        why.isError ? (
          <TroubleNote error={why.error} />
        ) : (
          <Skeleton screenreaderText="Asking why" />
        )
      ) : (
        <>
          <p>{why.data.headline}</p>
          <dl className="ff-why">
            {why.data.facts.map((fact) => (
              <div key={`${fact.label} ${fact.text}`}>
                <dt>{fact.label}</dt>
                <dd>{fact.text}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
      <CopyCommand command={`fleetfix why ${fix} --target ${cell.name}`} />
    </>
  );
}

const SHOWN = 60;

function BlockFacts({ block, onOpen }: { block: Block; onOpen: (cell: Cell) => void }) {
  const cells = [...block.cells].sort((a, b) => Number(isException(b.state)) - Number(isException(a.state)));
  return (
    <>
      <p>{countsText(block.counts)}</p>
      <ul className="ff-plain-list">
        {cells.slice(0, SHOWN).map((cell) => (
          <li key={cell.name} className="ff-row-facts">
            <StateMark state={cell.state} />
            <button type="button" className="ff-link" onClick={() => onOpen(cell)}>
              {cell.name}
            </button>
          </li>
        ))}
      </ul>
      {cells.length > SHOWN ? (
        <p className="ff-subtle">and {cells.length - SHOWN} more: see the table</p>
      ) : null}
    </>
  );
}

type Props = {
  readonly fix: string;
  readonly opened: Opened;
  readonly onOpen: (cell: Cell) => void;
  readonly onClose: () => void;
};

/** What Enter opened. It takes the focus, Esc closes it, and the focus goes back to where it was. */
export function SidePanel({ fix, opened, onOpen, onClose }: Props) {
  const panel = useRef<HTMLElement>(null);
  const title = 'cell' in opened ? opened.cell.name : `${opened.block.cluster}, ${rowText(opened.block.row)}`;
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  // The name is what makes it another panel: the focus moves with it, not with each change of state.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see the sentence above
  useEffect(() => panel.current?.focus(), [title]);
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      className="ff-panel"
      aria-label={title}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <div className="ff-head">
        <Title headingLevel="h2" size="lg">
          {title}
        </Title>
        <Button variant="plain" icon={<TimesIcon />} aria-label={`Close ${title}`} onClick={onClose} />
      </div>
      {'cell' in opened ? (
        <CellFacts fix={fix} cell={opened.cell} />
      ) : (
        <BlockFacts block={opened.block} onOpen={onOpen} />
      )}
    </aside>
  );
}
