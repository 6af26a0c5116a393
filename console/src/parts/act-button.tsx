import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import { useState } from 'react';
import type { CommandName } from '../../../src/core/life/command.ts';
import type { ActionView, FixView } from '../../../src/core/views/fix-view.ts';
import type { Asked } from '../asked-act.ts';
import { ActDialog } from './act-dialog.tsx';
import { reasonText } from './sentences.ts';

type Props = {
  readonly view: FixView;
  /** The act of the view that says whether this person may, now; where it is not offered there is no button. */
  readonly act: CommandName;
  readonly asked: Asked;
  readonly label: string;
  /** What it is done with, for those who hear the page. */
  readonly of: string;
  /** The element that says why it is not allowed, where many buttons share one; else it stands beside the button. */
  readonly why?: string;
  /** False: it is done. An open dialog stays, for it says what was recorded. */
  readonly isOffered: boolean;
};

/** Opens the dialog of an act where what it is about stands. What is not allowed stays in sight, with the reason. */
export function ActButton(props: Props) {
  const { view, act, asked, isOffered } = props;
  // What was asked about stays what it was, whatever the page learns while the dialog is open.
  const [asking, setAsking] = useState<Asked>();
  const action = view.actions.find(({ name }) => name === act);
  if (action === undefined) return null;
  return (
    <>
      {isOffered ? <Opener {...props} action={action} onOpen={() => setAsking(asked)} /> : null}
      {asking === undefined ? null : (
        <ActDialog view={view} asked={asking} onClose={() => setAsking(undefined)} />
      )}
    </>
  );
}

type OpenerProps = Props & { readonly action: ActionView; readonly onOpen: () => void };

function Opener({ action, act, label, of, why, onOpen }: OpenerProps) {
  const reason = why ?? `why-${act}`;
  return (
    <>
      <Button
        variant="secondary"
        size="sm"
        aria-haspopup="dialog"
        isAriaDisabled={!action.allowed}
        {...(action.allowed ? {} : { 'aria-describedby': reason })}
        onClick={onOpen}
      >
        {label}…<span className="pf-v6-screen-reader"> {of}</span>
      </Button>
      {action.allowed || why !== undefined ? null : (
        <span id={reason} className="ff-subtle">
          {reasonText(action.because, action.whoCan)}
        </span>
      )}
    </>
  );
}
