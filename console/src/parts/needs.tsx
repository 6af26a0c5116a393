import { Alert } from '@patternfly/react-core/dist/dynamic/components/Alert';
import type { Instant } from '../../../src/core/base/instant.ts';
import type { Need } from '../../../src/core/views/fix-view.ts';
import { agoText } from '../words.ts';
import { CopyCommand } from './copy-command.tsx';

/** One thing only a person can do: who, what, since when, and the command that does it. */
export function NeedNote({ need, at, of }: { need: Need; at: Instant; of?: string }) {
  const title = `${of === undefined ? '' : `${of}: `}${need.who} must act: ${need.what}`;
  return (
    <Alert isInline variant="warning" title={title} component="h3">
      <div>Waiting since {agoText(need.since, at)}</div>
      <CopyCommand label="" command={need.command} />
    </Alert>
  );
}
