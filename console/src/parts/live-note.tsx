import { durationText } from '../../../src/core/base/instant.ts';
import { type Live, useSecondsSince } from '../live.ts';

/**
 * Says whether the numbers on the page are live. `loadedMs`: when they were last read by other means.
 * What is announced changes only with the phase; the counting seconds are for the eye.
 */
export function LiveNote({ live, loadedMs }: { live: Live; loadedMs: number }) {
  const cut = live.phase === 'reconnecting';
  const seconds = useSecondsSince({ sinceMs: Math.max(live.heardMs, loadedMs), counting: cut });
  return (
    <span className={`ff-live ${cut ? 'ff-tone-warning' : 'ff-subtle'}`}>
      <span role="status" className="pf-v6-screen-reader">
        {cut ? 'Live updates are cut off. Reconnecting; the numbers may be old.' : ''}
      </span>
      {cut ? (
        <span aria-hidden>
          {'? '}Last update {durationText(seconds * 1_000)} ago, reconnecting
        </span>
      ) : (
        <span>
          <span aria-hidden>{live.phase === 'live' ? '● ' : '○ '}</span>
          <span>{live.phase === 'live' ? 'Live' : 'Connecting'}</span>
        </span>
      )}
    </span>
  );
}
