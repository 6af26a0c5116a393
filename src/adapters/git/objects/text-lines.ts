import { splitLines } from '../../../core/assembly/line-diff.ts';
import type { Store } from './store.ts';

const BYTES_MAX = 512 * 1024;
const TELLING_CHARS_MIN = 8;

/** The lines of a file, bytes as latin1; undefined for what is no text, or too much of it. */
export async function textLines(store: Store, id: string): Promise<string[] | undefined> {
  const found = await store.find(id);
  if (found?.type !== 'blob' || found.size > BYTES_MAX) return undefined;
  const text = (await store.read(id))?.body?.toString('latin1');
  return text === undefined || text.includes('\0') ? undefined : splitLines(text);
}

/** Shorter lines (`}`, `return`) stand everywhere and say nothing. */
export const isTelling = (line: string): boolean => line.trim().length >= TELLING_CHARS_MIN;
