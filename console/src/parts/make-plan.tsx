import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import { Form, FormGroup } from '@patternfly/react-core/dist/dynamic/components/Form';
import { FormSelect, FormSelectOption } from '@patternfly/react-core/dist/dynamic/components/FormSelect';
import { TextInput } from '@patternfly/react-core/dist/dynamic/components/TextInput';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../api.ts';
import { BUDGET_MAX, budgetOf, PROFILES } from '../budgets.ts';
import { CopyCommand } from './copy-command.tsx';
import { TroubleNote } from './trouble.tsx';

const COMPUTED = 'computed';
const OWN = 'own';

/** What is asked for: nothing, a profile by name, or a number; `false` when a number is none. */
function asked(choice: string, own: string): { readonly budget?: number | string } | false {
  if (choice === COMPUTED) return {};
  if (choice !== OWN) return { budget: choice };
  const budget = budgetOf(own);
  return budget === undefined ? false : { budget };
}

function useMakePlan(fix: string, onMade: (plan: string) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: { readonly budget?: number | string }) => api.makePlan(fix, input),
    networkMode: 'always',
    onSuccess: (plan) => {
      client.setQueryData(['fix', fix, 'plan', plan.id], plan);
      onMade(plan.id);
    },
  });
}

/** Makes a plan of the fleet as it is now, with the harm budget a person chooses. */
export function MakePlan({ fix, onMade }: { fix: string; onMade: (plan: string) => void }) {
  const [choice, setChoice] = useState<string>(COMPUTED);
  const [own, setOwn] = useState('');
  const making = useMakePlan(fix, onMade);
  const input = asked(choice, own);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (input !== false && !making.isPending) making.mutate(input);
  };
  const flag = input !== false && input.budget !== undefined ? ` --budget ${input.budget}` : '';
  return (
    <Form onSubmit={submit} className="ff-form">
      <p className="ff-subtle">
        It changes nothing: a plan is only kept so that it can be approved and started. The harm budget is how
        many control planes may be expected to break at any moment while their outcome is not known. More is
        faster; above what the incident asks for, more people must approve.
      </p>
      <FormGroup label="Harm budget" fieldId="plan-budget">
        <FormSelect id="plan-budget" value={choice} onChange={(_, value) => setChoice(value)}>
          <FormSelectOption value={COMPUTED} label="As the policy says, else as the incident asks" />
          {PROFILES.map(({ name, budget }) => (
            <FormSelectOption key={name} value={name} label={`${name}: ${budget}`} />
          ))}
          <FormSelectOption value={OWN} label="Another number" />
        </FormSelect>
      </FormGroup>
      {choice === OWN ? (
        <FormGroup
          label={`Control planes, 1 to ${BUDGET_MAX.toLocaleString('en')}`}
          isRequired
          fieldId="plan-own"
        >
          <TextInput
            id="plan-own"
            inputMode="numeric"
            value={own}
            validated={own !== '' && input === false ? 'error' : 'default'}
            onChange={(_, value) => setOwn(value)}
          />
        </FormGroup>
      ) : null}
      <div className="ff-act">
        <Button
          type="submit"
          variant="secondary"
          isAriaDisabled={input === false}
          isLoading={making.isPending}
        >
          Make the plan
        </Button>
        <CopyCommand command={`fleetfix plan ${fix}${flag}`} />
      </div>
      {making.isError ? <TroubleNote error={making.error} /> : null}
    </Form>
  );
}
