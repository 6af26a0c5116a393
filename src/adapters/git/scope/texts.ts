import type { Unread } from '../../../core/scope/change.ts';
import type { Git } from '../objects/git.ts';

/** Blobs by id, or why one is not read. */
export type Texts = ReadonlyMap<string, { readonly text: string } | { readonly unread: Unread }>;

const TEXT_BYTES_MAX = 1024 * 1024;
const ALL_BYTES_MAX = 48 * 1024 * 1024;
/** As git looks for a zero byte. */
const LOOKED_AT_BYTES = 8_000;

/** Reads blobs, each once, as UTF-8; bytes that are none are replaced. Sizes are asked first. */
export async function createTexts(git: Git, ids: readonly string[]): Promise<Texts> {
  const texts = new Map<string, { text: string } | { unread: Unread }>();
  const asked = [...new Set(ids)];
  if (asked.length === 0) return texts;
  const sizes = (await git.read(['cat-file', '--batch-check'], { input: lines(asked) })).toString('latin1');
  const small: string[] = [];
  let all = 0;
  for (const line of sizes.split('\n')) {
    const [id = '', type, bytes] = line.split(' ');
    const size = Number(bytes);
    if (type !== 'blob') texts.set(id, { unread: 'missing' });
    else if (size <= TEXT_BYTES_MAX && all + size <= ALL_BYTES_MAX) {
      small.push(id);
      all += size;
    } else texts.set(id, { unread: 'large' });
  }
  if (small.length === 0) return texts;
  const bytes = await git.read(['cat-file', '--batch'], { input: lines(small) });
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at);
    const [id = '', , size] = bytes.toString('latin1', at, end).split(' ');
    const body = bytes.subarray(end + 1, end + 1 + Number(size));
    const isBinary = body.subarray(0, LOOKED_AT_BYTES).includes(0);
    texts.set(id, isBinary ? { unread: 'binary' } : { text: body.toString('utf8') });
    at = end + 1 + Number(size) + 1;
  }
  return texts;
}

const lines = (ids: readonly string[]): string => `${ids.join('\n')}\n`;
