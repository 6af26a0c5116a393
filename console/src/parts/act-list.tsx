import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import { useState } from 'react';
import type { ActionView, FixView } from '../../../src/core/views/fix-view.ts';
import { actNamed } from '../actions.ts';
import { CopyCommand } from './copy-command.tsx';
import { reasonText } from './sentences.ts';

function ActRow({ action, view }: { action: ActionView; view: FixView }) {
  const [open, setOpen] = useState(false);
  const act = actNamed(action.name);
  const why = `why-${action.name}`;
  return (
    <li className="ff-act">
      <Button
        variant="secondary"
        size="sm"
        isAriaDisabled={!action.allowed}
        aria-describedby={why}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {action.label}…
      </Button>
      <span id={why} className="ff-subtle">
        {reasonText(action.because, action.allowed ? [] : action.whoCan)}
      </span>
      {open && action.allowed && act !== undefined ? (
        <CopyCommand label="Run" command={act.command(view)} />
      ) : null}
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
