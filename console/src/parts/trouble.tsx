import { Alert } from '@patternfly/react-core/dist/dynamic/components/Alert';
import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import {
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
} from '@patternfly/react-core/dist/dynamic/components/EmptyState';
import DisconnectedIcon from '@patternfly/react-icons/dist/dynamic/icons/disconnected-icon';
import LockIcon from '@patternfly/react-icons/dist/dynamic/icons/lock-icon';
import SearchIcon from '@patternfly/react-icons/dist/dynamic/icons/search-icon';
import type { ReactNode } from 'react';
import { whoElse } from '../../../src/core/views/who-can.ts';
import type { Problem } from '../../../src/wire/api.ts';
import { Refused } from '../api.ts';
import { CopyCommand } from './copy-command.tsx';

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Who can, and the commands the hub proposes. */
function NextSteps({ error, except }: { error: unknown; except?: string | undefined }) {
  if (!(error instanceof Refused)) return null;
  const { detail, next } = error.problem;
  const whoCan = whoElse(detail, error.problem.whoCan ?? []);
  return (
    <>
      {whoCan.length === 0 ? null : <div>Who can: {whoCan.join(', ')}</div>}
      {next
        .filter(({ command }) => command !== except)
        .map((step) => (
          <div key={step.command}>
            <CopyCommand label={labelOf(step)} command={step.command} />
          </div>
        ))}
    </>
  );
}

/** The hub's label is often the command itself, without the program's name: that says nothing beside it. */
const labelOf = ({ label, command }: Problem['next'][number]): string =>
  label === command || `fleetfix ${label}` === command ? 'Next' : label;

const titleOf = (error: unknown): string =>
  error instanceof Refused ? error.problem.title : 'The hub cannot be reached';

type Note = {
  readonly error: unknown;
  /** What went wrong for the reader; the hub's own title where nothing is said. */
  readonly title?: string;
  /** `warning` where nothing the person did was lost. */
  readonly variant?: 'danger' | 'warning';
  readonly more?: ReactNode;
  /** A command that stands beside the note already, and is not told again as what is next. */
  readonly except?: string;
};

/** Why an act was refused or did not arrive, in its place on the page. */
export function TroubleNote({ error, title = titleOf(error), variant = 'danger', more, except }: Note) {
  return (
    <Alert isInline variant={variant} title={title} component="h2" role="alert">
      <div>{textOf(error)}</div>
      <NextSteps error={error} except={except} />
      {more}
    </Alert>
  );
}

/** What stands in place of a page that cannot be shown at all. */
export function TroublePage({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const status = error instanceof Refused ? error.problem.status : 0;
  if (status === 403) return <NoRight error={error} />;
  if (status === 404) return <NotHere error={error} />;
  return (
    <EmptyState
      titleText={status === 0 ? 'The hub cannot be reached' : 'The hub could not answer'}
      headingLevel="h1"
      icon={DisconnectedIcon}
      status="danger"
    >
      <EmptyStateBody>
        <p>{textOf(error)}</p>
        <p>What already runs goes on. This page tries again by itself.</p>
        <NextSteps error={error} />
      </EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          <Button onClick={onRetry}>Try now</Button>
        </EmptyStateActions>
        <EmptyStateActions>
          <CopyCommand label="Find the fault" command="fleetfix doctor" />
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}

function NoRight({ error }: { error: unknown }) {
  return (
    <EmptyState titleText="Access permissions needed" headingLevel="h1" icon={LockIcon}>
      <EmptyStateBody>
        <p>{textOf(error)}</p>
        <NextSteps error={error} />
      </EmptyStateBody>
    </EmptyState>
  );
}

export function NotHere({ error }: { error?: unknown }) {
  return (
    <EmptyState
      titleText={error instanceof Refused ? error.problem.title : 'Nothing here'}
      headingLevel="h1"
      icon={SearchIcon}
    >
      <EmptyStateBody>
        <p>{error === undefined ? 'No page has this address.' : textOf(error)}</p>
        <NextSteps error={error} />
      </EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          <a href="/">See the open fixes</a>
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}
