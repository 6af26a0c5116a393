import { Modal, ModalBody, ModalHeader } from '@patternfly/react-core/dist/dynamic/components/Modal';
import { ACTS, KEYS } from '../actions.ts';

/** `?`: the keys, and every act with who may and how it is done here. */
export function Help({ onClose }: { onClose: () => void }) {
  return (
    <Modal isOpen variant="medium" onClose={onClose} aria-labelledby="help-title">
      <ModalHeader title="Keys and acts" labelId="help-title" />
      <ModalBody tabIndex={0} aria-label="Keys and acts">
        <dl className="ff-why">
          {KEYS.map(({ keys, does }) => (
            <div key={keys}>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
        <p>No key acts by itself. Acts and who may do them:</p>
        <dl className="ff-why">
          {ACTS.map((act) => (
            <div key={act.name}>
              <dt>{act.name}</dt>
              <dd>{act.whoMay}</dd>
            </div>
          ))}
        </dl>
      </ModalBody>
    </Modal>
  );
}
