import type { Grid } from '../../../src/core/views/list-view.ts';
import { StateMark } from '../parts/state-mark.tsx';
import { blocksOf, countStates, sortedCounts } from './grid-model.ts';

/** The states that occur, each with how many; a number opens the list behind it. */
export function GridLegend({ grid, onShow }: { grid: Grid; onShow: (state: string) => void }) {
  const counts = countStates(blocksOf(grid).flatMap((w) => w.blocks.flatMap((b) => b.cells)));
  return (
    <ul className="ff-plain-list ff-legend" aria-label="States in this plan">
      {sortedCounts(counts).map(([state, count]) => (
        <li key={state}>
          <StateMark state={state} />{' '}
          <button
            type="button"
            className="ff-link"
            onClick={() => onShow(state)}
            aria-label={`${count.toLocaleString('en')} ${state}: list them`}
          >
            {count.toLocaleString('en')}
          </button>
        </li>
      ))}
    </ul>
  );
}
