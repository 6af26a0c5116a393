import { Alert } from '@patternfly/react-core/dist/dynamic/components/Alert';
import { type Instant, msBetween } from '../../../src/core/base/instant.ts';
import type { Need } from '../../../src/core/views/fix-view.ts';
import { clockText, durationText, sentence } from '../words.ts';
import { CopyCommand } from './copy-command.tsx';

/** One thing only a person can do: who, what, since when, and the command that does it. */
export function NeedNote({ need, at, of }: { need: Need; at: Instant; of?: string }) {
  const title = `${of === undefined ? '' : `${of}: `}${of === undefined ? sentence(need.what) : need.what}`;
  return (
    <Alert isInline variant="warning" title={title} component="h3">
      <div>
        Who: {need.who}. Waiting for {durationText(msBetween(need.since, at))}, since{' '}
        {clockText(need.since, at)}.
      </div>
      <CopyCommand label="" command={need.command} />
    </Alert>
  );
}
