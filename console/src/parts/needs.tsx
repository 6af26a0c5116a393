import { Alert } from '@patternfly/react-core/dist/dynamic/components/Alert';
import { type Instant, msBetween } from '../../../src/core/base/instant.ts';
import type { Need } from '../../../src/core/views/fix-view.ts';
import { clockText, durationText, sentence } from '../words.ts';
import { CopyCommand } from './copy-command.tsx';
import { reasonText } from './sentences.ts';

/** What is to be decided or done, and, after a colon, why. */
function partsOf(what: string): { readonly act: string; readonly because: string } {
  const colon = what.indexOf(': ');
  return colon < 0
    ? { act: what, because: '' }
    : { act: what.slice(0, colon), because: what.slice(colon + 2) };
}

/** One thing only a person can do: who, what, since when, and the command that does it. */
export function NeedNote({ need, at, of }: { need: Need; at: Instant; of?: string }) {
  const { act, because } = partsOf(need.what);
  const title = of === undefined ? sentence(act) : `${of}: ${act}`;
  return (
    <Alert isInline variant="warning" title={title} component="h3">
      {because === '' ? null : <div>{sentence(reasonText(because, []))}</div>}
      <div>
        Who: {need.who}. Waiting for {durationText(msBetween(need.since, at))}, since{' '}
        {clockText(need.since, at)}.
      </div>
      <CopyCommand label="" command={need.command} />
    </Alert>
  );
}
