import { type GoHead, readGoHead } from '../../core/code/go-head.ts';
import { type JsFile, readJsFile } from '../../core/code/js-file.ts';
import { type PyFile, readPyFile } from '../../core/code/py-file.ts';
import type { Wanted } from '../../core/select/reading.ts';
import type { Facts, Reading } from '../../core/select/sources.ts';
import { type Blob, readBlobs } from './blobs.ts';
import type { Git } from './git.ts';
import type { Memo } from './memo.ts';

/** What blobs say. Those that are missing, or too large to be read, are in `unread` and left out. */
export type Read = {
  readonly facts: Facts;
  readonly unread: ReadonlyMap<string, 'missing' | 'too large'>;
};

/** Imports stand at the beginning of a Go file; of most no more is needed. */
const HEAD_BYTES = 16 * 1024;
/** Of most even this much is enough. */
const FIRST_BYTES = 3 * 1024;
/** What is longer was written by a program, and is not worth the time. */
const WHOLE_BYTES = 4 * 1024 * 1024;

/** Reads what blobs say; what the memo knows is not read again. */
export async function readWanted(git: Git, wanted: Wanted, memo: Memo): Promise<Read> {
  const found = {
    go: new Map<string, GoHead>(),
    js: new Map<string, JsFile>(),
    py: new Map<string, PyFile>(),
    text: new Map<string, string>(),
  };
  const unread = new Map<string, 'missing' | 'too large'>();
  const keep = (kind: Reading, id: string, fact: unknown) => {
    // The kinds and their facts belong together; only this place puts them in.
    (found[kind] as Map<string, unknown>).set(id, fact);
    if (kind !== 'text') memo.put(kind, id, fact);
  };
  const heads: string[] = [];
  const whole: string[] = [];
  for (const [id, kind] of wanted) {
    const known = kind === 'text' ? undefined : memo.get(kind, id);
    if (known !== undefined) (found[kind] as Map<string, unknown>).set(id, known);
    else (kind === 'go' ? heads : whole).push(id);
  }
  await readBlobs(git, heads, HEAD_BYTES, (id, blob) => {
    if (!blob) return void unread.set(id, 'missing');
    const { bytes, size } = blob;
    const first = size > FIRST_BYTES ? readGoHead(bytes.toString('utf8', 0, FIRST_BYTES), false) : undefined;
    const head = first ?? readGoHead(bytes.toString('utf8'), size <= HEAD_BYTES);
    if (head) keep('go', id, head);
    else whole.push(id);
  });
  await readBlobs(git, whole, WHOLE_BYTES, (id, blob) => {
    if (!blob) return void unread.set(id, 'missing');
    const kind = wanted.get(id)!;
    if (blob.size > WHOLE_BYTES && kind !== 'go') unread.set(id, 'too large');
    else keep(kind, id, factOf(kind, blob));
  });
  return { facts: found, unread };
}

function factOf(kind: Reading, { bytes }: Blob): unknown {
  const text = bytes.toString('utf8');
  if (kind === 'go') return readGoHead(text, true);
  if (kind === 'js') return readJsFile(text);
  return kind === 'py' ? readPyFile(text) : text;
}
