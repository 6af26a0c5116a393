import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import { Form, FormGroup, FormHelperText } from '@patternfly/react-core/dist/dynamic/components/Form';
import { FormSelect, FormSelectOption } from '@patternfly/react-core/dist/dynamic/components/FormSelect';
import { PageSection } from '@patternfly/react-core/dist/dynamic/components/Page';
import { TextArea } from '@patternfly/react-core/dist/dynamic/components/TextArea';
import { TextInput } from '@patternfly/react-core/dist/dynamic/components/TextInput';
import { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import type { Severity } from '../../../src/core/life/policy.ts';
import { api, HubSilent } from '../api.ts';
import { BLANK, CHANGES, type Declaration, declarationOf, type Fields } from '../declaration.ts';
import { CopyCommand } from '../parts/copy-command.tsx';
import { useTitle } from '../parts/title.ts';
import { TroubleNote } from '../parts/trouble.tsx';

const SEVERITIES: readonly Severity[] = ['critical', 'high', 'moderate'];

type FieldProps = {
  readonly id: keyof Fields;
  readonly label: string;
  readonly help?: string;
  readonly isRequired?: boolean;
  readonly children: ReactNode;
};

function Field({ id, label, help, isRequired = false, children }: FieldProps) {
  return (
    <FormGroup label={label} fieldId={id} isRequired={isRequired}>
      {children}
      {help === undefined ? null : (
        <FormHelperText>
          <span id={`${id}-help`} className="ff-subtle ff-small">
            {help}
          </span>
        </FormHelperText>
      )}
    </FormGroup>
  );
}

type Typing = {
  readonly fields: Fields;
  readonly onFields: (changes: Partial<Fields>) => void;
};

type TextProps = Typing & Omit<FieldProps, 'children'>;

function TextField({ fields, onFields, ...field }: TextProps) {
  return (
    <Field {...field}>
      <TextInput
        id={field.id}
        value={fields[field.id]}
        isRequired={field.isRequired ?? false}
        {...(field.help === undefined ? {} : { 'aria-describedby': `${field.id}-help` })}
        onChange={(_, value) => onFields({ [field.id]: value })}
      />
    </Field>
  );
}

type ChoiceProps = TextProps & {
  readonly options: readonly { readonly value: string; readonly label: string }[];
};

function ChoiceField({ fields, onFields, options, ...field }: ChoiceProps) {
  return (
    <Field {...field}>
      <FormSelect
        id={field.id}
        value={fields[field.id]}
        {...(field.help === undefined ? {} : { 'aria-describedby': `${field.id}-help` })}
        onChange={(_, value) => onFields({ [field.id]: value })}
      >
        {options.map(({ value, label }) => (
          <FormSelectOption key={value} value={value} label={label} />
        ))}
      </FormSelect>
    </Field>
  );
}

function ChangeFields({ fields, onFields }: Typing) {
  const { asks } = CHANGES.find(({ kind }) => kind === fields.kind)!;
  return (
    <>
      <ChoiceField
        id="kind"
        label="The change is a"
        fields={fields}
        onFields={onFields}
        options={CHANGES.map(({ kind, label }) => ({ value: kind, label }))}
      />
      {fields.kind === 'patch' ? (
        <Field id="change" label={asks} isRequired>
          <TextArea
            id="change"
            value={fields.change}
            rows={8}
            isRequired
            onChange={(_, change) => onFields({ change })}
          />
        </Field>
      ) : (
        <TextField id="change" label={asks} isRequired fields={fields} onFields={onFields} />
      )}
    </>
  );
}

/** What the hub can deliver, and by which rules. */
function useOffers() {
  const components = useQuery({ queryKey: ['components'], queryFn: api.components });
  const policies = useQuery({ queryKey: ['policies'], queryFn: api.policies });
  return { components: components.data ?? [], policies: policies.data ?? [], error: components.error };
}

/** One press is one declaration under one key: a press that got no answer is sent again under the same key. */
function useDeclare(onDone: (fix: string) => void) {
  const client = useQueryClient();
  const key = useRef<string>(undefined);
  const { mutate, ...declaring } = useMutation({
    mutationFn: (sent: { declaration: Declaration; key: string }) => api.declare(sent.declaration, sent.key),
    retry: (count, error) => error instanceof HubSilent && count < 2,
    retryDelay: 500,
    networkMode: 'always',
    onError: () => {
      key.current = undefined;
    },
    onSuccess: ({ fix }) => {
      void client.invalidateQueries({ queryKey: ['fixes'] });
      onDone(fix);
    },
  });
  const press = (declaration: Declaration): void => {
    if (key.current !== undefined) return;
    key.current = crypto.randomUUID();
    mutate({ declaration, key: key.current });
  };
  return { ...declaring, press };
}

/** Says that an incident needs a fix everywhere. Assembly and build begin at once; nothing is delivered by it. */
export function DeclarePage({ onDone }: { onDone: (fix: string) => void }) {
  useTitle('Declare a fix');
  const { components, policies, error } = useOffers();
  const [typed, setTyped] = useState(BLANK);
  const declaring = useDeclare(onDone);
  // Where there is only one component there is nothing to choose.
  const fields =
    typed.component === '' && components.length === 1 ? { ...typed, component: components[0]! } : typed;
  const onFields = (changes: Partial<Fields>): void => setTyped({ ...fields, ...changes });
  const read = declarationOf(fields);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (read.ok) declaring.press(read.declaration);
  };
  const typing = { fields, onFields };
  return (
    <PageSection className="ff-page" hasBodyWrapper={false}>
      <div className="ff-head">
        <Title headingLevel="h1">Declare a fix</Title>
        <CopyCommand command="fleetfix declare --pr URL --severity critical --reason TEXT --symptom TEXT" />
      </div>
      <p className="ff-subtle">
        Assembly and build begin at once. Nothing is delivered before a plan of it is approved.
      </p>
      {error === null ? null : <TroubleNote error={error} />}
      <Form onSubmit={submit} className="ff-form">
        <TextField id="title" label="Title" isRequired help="What the fix does, in a few words" {...typing} />
        <ChoiceField
          id="severity"
          label="Severity"
          isRequired
          options={[
            { value: '', label: 'Choose one' },
            ...SEVERITIES.map((value) => ({ value, label: value })),
          ]}
          {...typing}
        />
        <TextField id="reason" label="Reason" isRequired help="Why it cannot wait" {...typing} />
        <TextField
          id="incident"
          label="Incident"
          help="Its number, such as INC-4471; may be left out"
          {...typing}
        />
        <TextField
          id="symptom"
          label="Symptom"
          help="Words that a control plane the incident broke is reported with, such as OOMKilled; may be left out. Those that show them get the fix first, tell whether it helps, and how urgent it is."
          {...typing}
        />
        <ChoiceField
          id="component"
          label="Component"
          isRequired
          options={[
            ...(fields.component === '' ? [{ value: '', label: 'Choose one' }] : []),
            ...components.map((name) => ({ value: name, label: name })),
          ]}
          {...typing}
        />
        <ChangeFields {...typing} />
        {policies.length < 2 ? null : (
          <ChoiceField
            id="policy"
            label="Policy"
            help="Who must approve, what blocks, how fast it may go"
            options={[
              { value: '', label: 'The usual one' },
              ...policies.map((name) => ({ value: name, label: name })),
            ]}
            {...typing}
          />
        )}
        {declaring.isError ? <TroubleNote error={declaring.error} /> : null}
        <div className="ff-act">
          <Button
            type="submit"
            isAriaDisabled={!read.ok}
            isLoading={declaring.isPending}
            isDisabled={declaring.isPending}
            {...(read.ok ? {} : { 'aria-describedby': 'declare-lacks' })}
          >
            Declare the fix
          </Button>
          {read.ok ? null : (
            <span id="declare-lacks" className="ff-subtle">
              {read.lacks}
            </span>
          )}
        </div>
      </Form>
    </PageSection>
  );
}
