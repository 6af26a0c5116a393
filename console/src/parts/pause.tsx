import { Alert } from '@patternfly/react-core/dist/dynamic/components/Alert';
import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import {
  Modal,
  ModalBody,
  ModalFooter,
  ModalHeader,
} from '@patternfly/react-core/dist/dynamic/components/Modal';
import PauseIcon from '@patternfly/react-icons/dist/dynamic/icons/pause-icon';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { FixView } from '../../../src/core/views/fix-view.ts';
import { actNamed } from '../actions.ts';
import { HubSilent } from '../api.ts';
import { CopyCommand } from './copy-command.tsx';
import { reasonText } from './sentences.ts';
import { TroubleNote } from './trouble.tsx';

const PAUSE = actNamed('pause')!;
const RESUME = actNamed('resume')!;

/**
 * The brake of one fix. One press is one command under one key: a press that got no answer is sent again
 * under the same key, and until the page shows what became of it, further presses are the same press.
 */
export function usePause(fix: string, view: FixView | undefined) {
  const client = useQueryClient();
  const key = useRef<string>(undefined);
  const { mutate, reset, ...pausing } = useMutation({
    mutationFn: (pressed: string) => PAUSE.perform!(fix, pressed),
    retry: (count, error) => error instanceof HubSilent && count < 2,
    retryDelay: 500,
    networkMode: 'always',
    onError: () => {
      key.current = undefined;
    },
    // Not awaited: the answer is shown at once, whatever the view takes to come.
    onSettled: () => void client.invalidateQueries({ queryKey: ['fix', fix] }),
  });
  const answered = pausing.data?.version;
  const goesOn = answered !== undefined && view !== undefined && view.version > answered && !view.paused;
  useEffect(() => {
    if (!goesOn) return;
    key.current = undefined;
    reset();
  }, [goesOn, reset]);
  const press = (): void => {
    if (key.current !== undefined) return;
    key.current = crypto.randomUUID();
    mutate(key.current);
  };
  return { ...pausing, press };
}
export type Pausing = ReturnType<typeof usePause>;

/** Shown before anything else has loaded: the way to stop does not wait for the view. */
export function PauseButton({ view, pausing }: { view: FixView | undefined; pausing: Pausing }) {
  const act = view?.actions.find((a) => a.name === 'pause');
  const blocked = view !== undefined && act?.allowed !== true;
  const paused = view?.paused === true || pausing.isSuccess;
  const label = paused ? 'Paused' : (act?.label ?? 'Pause');
  return (
    <div className="ff-pause">
      <Button
        variant={paused ? 'secondary' : 'danger'}
        icon={<PauseIcon />}
        isAriaDisabled={blocked || paused}
        isLoading={pausing.isPending}
        isDisabled={pausing.isPending}
        {...(blocked && !paused ? { 'aria-describedby': 'why-no-pause' } : {})}
        onClick={pausing.press}
      >
        {label}
      </Button>
      {blocked && !paused ? (
        <span id="why-no-pause" className="ff-subtle ff-small">
          {act === undefined ? 'Nothing moves that could be paused.' : reasonText(act.because, act.whoCan)}
        </span>
      ) : null}
    </div>
  );
}

/** What became of the press, and how to go on. */
export function PauseAnswer({
  fix,
  view,
  pausing,
}: {
  fix: string;
  view: FixView | undefined;
  pausing: Pausing;
}) {
  const on = view ?? { id: fix as FixView['id'] };
  if (pausing.isError && view?.paused !== true) {
    return (
      <TroubleNote
        error={pausing.error}
        more={<CopyCommand label="Not paused from here. By terminal" command={PAUSE.command(on)} />}
      />
    );
  }
  if (view?.paused !== true && !pausing.isSuccess) return null;
  const resume = view?.actions.find((a) => a.name === 'resume');
  return (
    <Alert isInline variant="warning" title="Paused. Nothing new starts." component="h2" role="status">
      {pausing.data?.did.map((sentence) => (
        <div key={sentence}>{sentence}</div>
      ))}
      {resume !== undefined && !resume.allowed ? (
        <div>Resume: {reasonText(resume.because, resume.whoCan)}</div>
      ) : (
        <CopyCommand label="Resume…" command={pausing.data?.undo || RESUME.command(on)} />
      )}
    </Alert>
  );
}

/** The key `h` asks before it acts; the button does not. */
export function PauseDialog({
  fix,
  onPause,
  onClose,
}: {
  fix: string;
  onPause: () => void;
  onClose: () => void;
}) {
  return (
    <Modal
      isOpen
      variant="small"
      onClose={onClose}
      aria-labelledby="pause-title"
      aria-describedby="pause-body"
    >
      <ModalHeader title={`Pause ${fix}`} labelId="pause-title" />
      <ModalBody id="pause-body">
        No control plane is told to start any more; those that are starting finish. It can be resumed.
      </ModalBody>
      <ModalFooter>
        <Button
          variant="danger"
          icon={<PauseIcon />}
          onClick={() => {
            onPause();
            onClose();
          }}
        >
          Pause {fix}
        </Button>
        <Button variant="link" onClick={onClose}>
          Cancel
        </Button>
      </ModalFooter>
    </Modal>
  );
}
