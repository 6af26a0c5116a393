import { splitLines } from '../../../core/assembly/line-diff.ts';
import type { ThreeTexts } from '../../../core/assembly/three-way.ts';
import type { Merged, MergeSide } from '../objects/merge.ts';
import type { Store } from '../objects/store.ts';

export type NotClean = Extract<Merged, { readonly clean: false }>;

/** What base, line (`ours`) and change (`theirs`) have at one conflicted path. */
export type Sides = { readonly base?: MergeSide; readonly ours?: MergeSide; readonly theirs?: MergeSide };

const STAGES = { base: 1, ours: 2, theirs: 3 } as const;

export function sidesAt(merged: NotClean, path: Buffer): Sides {
  const at = (stage: MergeSide['stage']) =>
    merged.sides.find((side) => side.stage === stage && side.path.equals(path));
  const [base, ours, theirs] = [at(STAGES.base), at(STAGES.ours), at(STAGES.theirs)];
  return { ...(base && { base }), ...(ours && { ours }), ...(theirs && { theirs }) };
}

/** The three texts, or why they cannot be compared by lines. Bytes are kept one to one as latin1 text. */
export type Texts =
  | { readonly texts: ThreeTexts }
  | { readonly texts?: undefined; readonly because?: string };

const FILE_MODES = ['100644', '100755'];
// More than any file a person would merge by hand.
const FILE_BYTES_MAX = 4 * 1024 * 1024;
// Where git looks for a zero byte to tell binary files.
const LOOKED_AT_BYTES = 8_000;

/** `because` is absent when a side has no file there: the kind of the conflict says that already. */
export async function readTexts(store: Store, { base, ours, theirs }: Sides): Promise<Texts> {
  if (!base || !ours || !theirs) return {};
  if (![base, ours, theirs].every((side) => FILE_MODES.includes(side.mode)))
    return { because: 'a symbolic link or submodule has no lines' };
  const found = await Promise.all([base, ours, theirs].map((side) => store.find(side.blob)));
  if (found.some((one) => one === undefined)) return { because: 'the clone lacks the content of a side' };
  if (found.some((one) => one!.size > FILE_BYTES_MAX))
    return { because: `larger than ${FILE_BYTES_MAX / 1024 / 1024} MiB` };
  const bodies = await Promise.all([base, ours, theirs].map((side) => store.read(side.blob)));
  const bytes = bodies.map((one) => one?.body ?? Buffer.alloc(0));
  if (bytes.some((one) => one.subarray(0, LOOKED_AT_BYTES).includes(0))) return { because: 'binary' };
  const [first, second, third] = bytes.map((one) => splitLines(one.toString('latin1')));
  return { texts: { base: first!, ours: second!, theirs: third! } };
}
