import { type Commit, type FixId, isFixId } from '../../../core/base/ids.ts';
import { SourceProblem } from '../../../ports/repository.ts';
import { known } from '../change/change.ts';
import { printable } from '../objects/git.ts';
import type { Store } from '../objects/store.ts';
import type { Copy } from './copy.ts';
import { locked } from './lock.ts';
import { moveRef, refAt } from './refs.ts';

/** Points the fix's ref for a line at a commit. Whole or not at all; doing it twice is doing it once. */
export async function publishRef(
  store: Store,
  copy: Copy,
  work: { readonly fix: FixId; readonly line: string; readonly commit: Commit },
): Promise<void> {
  const ref = await refOf(store, work.fix, work.line);
  await known(store, work.commit);
  await store.flush();
  await locked(copy.lock, async () => {
    if ((await refAt(store.git, ref)) !== work.commit) await moveRef(store.git, ref, work.commit);
  });
}

/** `refs/heads/fleetfix/<fix>/<line>`. Two lines never share a ref: what a ref may not hold is written `%XX`. */
async function refOf(store: Store, fix: FixId, line: string): Promise<string> {
  const ref = `refs/heads/fleetfix/${fix}/${escaped(line)}`;
  const isValid = isFixId(fix) && line !== '' && ref.length <= 400;
  if (isValid && (await store.git.run(['check-ref-format', ref])).code === 0) return ref;
  throw new SourceProblem(
    `fix "${printable(fix)}", line "${printable(line).slice(0, 80)}" cannot name a ref. ` +
      `Expected FIX- and a number, and a line name of 1 to 200 characters. Next: rename the line.`,
  );
}

function escaped(line: string): string {
  const safe = Buffer.from(line, 'utf8')
    .toString('latin1')
    .replace(/[^A-Za-z0-9._@+-]/g, percent);
  return safe.replace(/^[.@-]|\.\.|\.$|\.lock$/g, (part) => [...part].map(percent).join(''));
}

const percent = (char: string) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
