import { Alert } from '@patternfly/react-core/dist/dynamic/components/Alert';
import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import { Form, FormGroup } from '@patternfly/react-core/dist/dynamic/components/Form';
import {
  Modal,
  ModalBody,
  ModalFooter,
  ModalHeader,
} from '@patternfly/react-core/dist/dynamic/components/Modal';
import { TextInput } from '@patternfly/react-core/dist/dynamic/components/TextInput';
import { type FormEvent, useState } from 'react';
import type { FixView } from '../../../src/core/views/fix-view.ts';
import type { Acted } from '../../../src/wire/api.ts';
import { type Asked, type Question, questionOf } from '../asked-act.ts';
import { useAct } from '../use-act.ts';
import { sentence } from '../words.ts';
import { CopyCommand } from './copy-command.tsx';
import { TroubleNote } from './trouble.tsx';

/** What was recorded, and the way back. */
function Done({ acted }: { acted: Acted }) {
  return (
    <Alert isInline variant="success" title="Recorded" component="h2" role="status">
      {acted.did.map((text) => (
        <div key={text}>{sentence(text)}</div>
      ))}
      {acted.undo.startsWith('fleetfix ') ? (
        <CopyCommand label="Undo" command={acted.undo} />
      ) : (
        <div>{sentence(acted.undo)}</div>
      )}
    </Alert>
  );
}

type Fields = { readonly reason: string; readonly typed: string };

const LACKS = { Reason: 'A reason is needed.', Note: 'A note is needed.', Address: 'An address is needed.' };

/** Why the act is not possible yet; undefined when it is. */
function missing(question: Question, { reason, typed }: Fields): string | undefined {
  const text = reason.trim();
  if (question.reason === 'needed' && text === '') return LACKS[question.label ?? 'Reason'];
  if (question.label === 'Address' && !/^https?:\/\/[^/\s]+\S*$/.test(text))
    return 'An address begins with https:// and has no space in it.';
  if (question.typed !== undefined && typed.trim() !== question.typed)
    return `Type ${question.typed} to make sure it is the one you mean.`;
  return undefined;
}

type AsksProps = {
  readonly question: Question;
  readonly fields: Fields;
  readonly onFields: (fields: Fields) => void;
  readonly onSubmit: () => void;
};

const FORM = 'act-form';

function Asks({ question, fields, onFields, onSubmit }: AsksProps) {
  const { label = 'Reason' } = question;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <Form id={FORM} onSubmit={submit} noValidate>
      <div>
        {question.tells.map((text) => (
          <p key={text}>{text}</p>
        ))}
      </div>
      {question.reason === 'none' ? null : (
        <FormGroup
          label={question.reason === 'needed' ? label : `${label} (may be left out)`}
          isRequired={question.reason === 'needed'}
          fieldId="act-reason"
        >
          <TextInput
            id="act-reason"
            value={fields.reason}
            maxLength={label === 'Address' ? 2_048 : 4_096}
            {...(label === 'Address' ? { type: 'url' as const, autoComplete: 'off' } : {})}
            isRequired={question.reason === 'needed'}
            onChange={(_, reason) => onFields({ ...fields, reason })}
          />
        </FormGroup>
      )}
      {question.typed === undefined ? null : (
        <FormGroup label={`Type ${question.typed} to confirm`} isRequired fieldId="act-typed">
          <TextInput
            id="act-typed"
            value={fields.typed}
            autoComplete="off"
            isRequired
            onChange={(_, typed) => onFields({ ...fields, typed })}
          />
        </FormGroup>
      )}
    </Form>
  );
}

type Props = { readonly view: FixView; readonly asked: Asked; readonly onClose: () => void };

/** Asks before it acts: what will happen, why, and a button that says what it does. The focus begins on Cancel. */
export function ActDialog({ view, asked, onClose }: Props) {
  const acting = useAct(view.id);
  const [fields, setFields] = useState<Fields>({ reason: '', typed: '' });
  const question = questionOf(asked, view);
  const lacks = missing(question, fields);
  const act = (): void => {
    if (lacks !== undefined) return;
    acting.press(question.request(fields.reason.trim()), question.isSafe ? undefined : view.version);
  };
  const done = acting.data;
  return (
    <Modal
      isOpen
      variant="small"
      onClose={onClose}
      elementToFocus="#act-cancel"
      aria-labelledby="act-title"
      aria-describedby="act-body"
    >
      <ModalHeader title={question.title} labelId="act-title" />
      <ModalBody id="act-body" className="ff-asks">
        {done === undefined ? (
          <Asks question={question} fields={fields} onFields={setFields} onSubmit={act} />
        ) : (
          <Done acted={done} />
        )}
        {acting.isError ? <TroubleNote error={acting.error} except={question.command} /> : null}
        {done !== undefined || lacks === undefined ? null : (
          <p id="act-lacks" className="ff-subtle">
            {lacks}
          </p>
        )}
        {done === undefined ? <CopyCommand command={question.command} /> : null}
      </ModalBody>
      <ModalFooter>
        {done === undefined ? (
          <Button
            type="submit"
            form={FORM}
            variant={question.isDanger ? 'danger' : 'primary'}
            isAriaDisabled={lacks !== undefined}
            isLoading={acting.isPending}
            isDisabled={acting.isPending}
            {...(lacks === undefined ? {} : { 'aria-describedby': 'act-lacks' })}
          >
            {question.verb}
          </Button>
        ) : null}
        <Button id="act-cancel" variant="link" onClick={onClose}>
          {done === undefined ? 'Cancel' : 'Close'}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
