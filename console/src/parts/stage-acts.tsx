import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import { useState } from 'react';
import type { FixView, RolloutRow } from '../../../src/core/views/fix-view.ts';
import type { Asked } from '../asked-act.ts';
import { isStage, openStage } from '../rollout-words.ts';
import { ActDialog } from './act-dialog.tsx';

const isAllowed = (view: FixView, name: 'advance' | 'rollback'): boolean =>
  view.actions.some((action) => action.name === name && action.allowed);

/** Something of it was changed and is not back. */
const isOut = ({ done, inFlight, unknown }: RolloutRow): boolean => done + inFlight + unknown > 0;

/** What can be done with one stage: end its wait when it is the open one, roll it back when there are others. */
function actsOf(row: RolloutRow, view: FixView): { readonly label: string; readonly asked: Asked }[] {
  if (!isStage(row.name)) return [];
  const stage = row.name;
  const waits =
    /^soaking/.test(row.state) || view.needs.some(({ command }) => command.includes(`--from ${stage} `));
  const stages = view.rollout.filter(({ name }) => isStage(name)).length;
  return [
    ...(waits && openStage(view.rollout) === stage && isAllowed(view, 'advance')
      ? [{ label: 'Go on…', asked: { act: 'advance', stage } as const }]
      : []),
    ...(stages > 1 && isOut(row) && isAllowed(view, 'rollback')
      ? [{ label: 'Roll back…', asked: { act: 'rollback', stage } as const }]
      : []),
  ];
}

/** The acts on one row of the rollout; nothing where there is none. */
export function StageActs({ row, view }: { row: RolloutRow; view: FixView }) {
  const [asking, setAsking] = useState<Asked>();
  const acts = actsOf(row, view);
  if (acts.length === 0 && asking === undefined) return null;
  return (
    <span className="ff-act">
      {acts.map(({ label, asked }) => (
        <Button
          key={label}
          variant="secondary"
          size="sm"
          aria-haspopup="dialog"
          onClick={() => setAsking(asked)}
        >
          {label}
          <span className="pf-v6-screen-reader"> stage {row.name}</span>
        </Button>
      ))}
      {asking === undefined ? null : (
        <ActDialog view={view} asked={asking} onClose={() => setAsking(undefined)} />
      )}
    </span>
  );
}
