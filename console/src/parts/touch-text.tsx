import type { Touch } from '../../../src/core/assembly/assembly.ts';
import { short } from '../../../src/core/base/ids.ts';

/** `#1234 split defrag`, or by its commit when no pull request is known. */
export function TouchText({ touch }: { touch: Touch }) {
  return (
    <span title={`${touch.commit} by ${touch.author}, ${touch.at}`}>
      {touch.pullRequest === undefined ? <code>{short(touch.commit)}</code> : `#${touch.pullRequest}`}{' '}
      {touch.subject}
    </span>
  );
}
