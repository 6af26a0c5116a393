import { StateMark } from '../parts/state-mark.tsx';
import { type Cell, countStates, sortedCounts } from './grid-model.ts';

/** The states that occur, each with how many; a number opens the list behind it. */
export function GridLegend({ cells, onShow }: { cells: readonly Cell[]; onShow: (state: string) => void }) {
  const counts = countStates(cells);
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
