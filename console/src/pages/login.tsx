import { Alert } from '@patternfly/react-core/dist/dynamic/components/Alert';
import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import { Form, FormGroup } from '@patternfly/react-core/dist/dynamic/components/Form';
import { TextInput } from '@patternfly/react-core/dist/dynamic/components/TextInput';
import { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
import { type FormEvent, useState } from 'react';
import { api, Refused } from '../api.ts';
import { useTitle } from '../parts/title.ts';
import { beginSession, whyEnded } from '../session.ts';

const because = (error: unknown): string =>
  error instanceof Refused && error.problem.status === 401
    ? `The hub does not know this token. ${error.problem.detail}`
    : error instanceof Error
      ? error.message
      : String(error);

/** Asks for a token, tries it on the hub, and keeps it in this tab only. */
export function LoginPage({ onDone }: { onDone: () => void }) {
  useTitle('Log in');
  const [typed, setTyped] = useState('');
  const [trying, setTrying] = useState(false);
  const [error, setError] = useState(whyEnded());
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const token = typed.trim();
    if (token === '') return setError('Paste a token first.');
    setTrying(true);
    try {
      await api.whoami(token);
      beginSession(token);
      onDone();
    } catch (cause) {
      setError(because(cause));
      setTrying(false);
    }
  };
  return (
    <section className="ff-login" aria-labelledby="login-title">
      <Title headingLevel="h1" id="login-title">
        Log in to Fleetfix
      </Title>
      {error === undefined ? null : (
        <Alert isInline variant="danger" title={error} component="h2" role="alert" />
      )}
      <Form onSubmit={submit}>
        <FormGroup label="Token" fieldId="token" isRequired>
          <TextInput
            id="token"
            type="password"
            autoComplete="off"
            autoFocus
            isRequired
            value={typed}
            onChange={(_, value) => setTyped(value)}
          />
        </FormGroup>
        <p className="ff-subtle">
          The token you use with <code>fleetfix login</code>. It stays in this tab and is forgotten when the
          tab closes.
        </p>
        <Button type="submit" isLoading={trying} isDisabled={trying}>
          Log in
        </Button>
      </Form>
    </section>
  );
}
