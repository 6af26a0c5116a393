import type { Commit } from '../../../core/base/ids.ts';
import { known } from '../change/change.ts';
import type { Store } from '../objects/store.ts';
import type { Copy } from './copy.ts';
import { locked } from './lock.ts';
import { moveRef, refAt } from './refs.ts';

/** Points a ref of the own copy at a commit that belongs to no fix, so that it can be fetched by name. */
export async function keepRef(
  store: Store,
  copy: Copy,
  commit: Commit,
): Promise<{ readonly repository: string; readonly ref: string }> {
  const ref = `refs/fleetfix/alone/${(await known(store, commit)).id}`;
  await store.flush();
  await locked(copy.lock, async () => {
    if ((await refAt(store.git, ref)) !== commit) await moveRef(store.git, ref, commit);
  });
  return { repository: copy.git.dir, ref };
}
