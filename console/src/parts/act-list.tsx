import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ActionView, FixView } from '../../../src/core/views/fix-view.ts';
import { actNamed } from '../actions.ts';
import type { Asked } from '../asked-act.ts';
import { openStage } from '../rollout-words.ts';
import { ActDialog } from './act-dialog.tsx';
import { CopyCommand } from './copy-command.tsx';
import { reasonText } from './sentences.ts';

/** What the dialog of an act asks about; undefined when it has none, or not now. */
function askedOf({ name }: ActionView, view: FixView): Asked | undefined {
  if (name === 'rollback') return { act: 'rollback' };
  if (name === 'acknowledge' && view.handOff !== undefined)
    return { act: 'acknowledge', handOff: view.handOff };
  const stage = openStage(view.rollout);
  return name === 'advance' && stage !== undefined ? { act: 'advance', stage } : undefined;
}

function CommandOf({ action, view }: { action: ActionView; view: FixView }) {
  const act = actNamed(action.name);
  if (act === undefined) return null;
  return (
    <>
      {act.confirm === 'plan' ? (
        <Link to="/fixes/$id/$tab" params={{ id: view.id, tab: 'plan' }}>
          See the plan, and do it there
        </Link>
      ) : null}
      {act.confirm === 'checklist' ? (
        <span>Do it in the row of the item, above under “Before it is closed”, or</span>
      ) : null}
      <CopyCommand label={act.confirm === 'checklist' ? 'run' : 'Run'} command={act.command(view)} />
    </>
  );
}

function ActRow({ action, view }: { action: ActionView; view: FixView }) {
  const [open, setOpen] = useState(false);
  // What was asked about stays what it was, whatever the page learns while the dialog is open.
  const [asking, setAsking] = useState<Asked>();
  const why = `why-${action.name}`;
  const asked = askedOf(action, view);
  return (
    <li className="ff-act">
      <Button
        variant="secondary"
        size="sm"
        isAriaDisabled={!action.allowed}
        aria-describedby={why}
        {...(asked === undefined ? { 'aria-expanded': open } : { 'aria-haspopup': 'dialog' as const })}
        onClick={() => (asked === undefined ? setOpen(!open) : setAsking(asked))}
      >
        {action.label}…
      </Button>
      <span id={why} className="ff-subtle">
        {reasonText(action.because, action.allowed ? [] : action.whoCan)}
      </span>
      {open && action.allowed && asked === undefined ? <CommandOf action={action} view={view} /> : null}
      {asking === undefined ? null : (
        <ActDialog view={view} asked={asking} onClose={() => setAsking(undefined)} />
      )}
    </li>
  );
}

/** Every act but pause, as the hub judged it for this person: what is not allowed stays in sight, with the reason. */
export function ActList({ view }: { view: FixView }) {
  const actions = view.actions.filter((a) => a.name !== 'pause' && a.name !== 'declare');
  if (actions.length === 0) return <p className="ff-subtle">There is nothing to do on this fix any more.</p>;
  const order = [...actions.filter((a) => a.allowed), ...actions.filter((a) => !a.allowed)];
  return (
    <ul className="ff-plain-list">
      {order.map((action) => (
        <ActRow key={action.name} action={action} view={view} />
      ))}
    </ul>
  );
}
