import { hashOf } from '../base/hash.ts';
import type { Recorded } from './event.ts';

/** What the first row of a fix names as the row before it: 64 zeros, no hash of anything. */
export const ORIGIN: string = '0'.repeat(64);

/** A row as its author knows it, before the chain and the order over the whole ledger are added. */
export type Unlinked = Omit<Recorded, 'hash' | 'previous' | 'seq'>;

/**
 * The hash of a row that follows the row with hash `previous` (`ORIGIN` for the first).
 *
 * SHA-256 over the canonical text of fix, version, at, author, surface, seen, event and previous.
 * `seq` is left out because the store gives it, after the hash is made. Throws TypeError on an event
 * that JSON cannot say.
 */
export function link(previous: string, row: Unlinked): string {
  const { fix, version, at, author, surface, seen, event } = row;
  return hashOf({ fix, version, at, author, surface, seen, event, previous });
}

export type ChainVerdict =
  | { readonly verified: true; readonly events: number }
  | {
      readonly verified: false;
      readonly broken: { readonly seq: number; readonly version: number; readonly because: string };
    };

/**
 * Whether the rows of one fix, in the order they were read, are an unbroken chain from its first event.
 *
 * Names the first row that does not hold and why: another fix, a version missing or out of order, a
 * `seq` that does not rise, a wrong link to the row before, or content that is not what was hashed.
 * Rows cut off at the end leave a shorter chain that is whole; only the version known elsewhere tells.
 */
export function verifyChain(rows: readonly Recorded[]): ChainVerdict {
  let before: Recorded | undefined;
  for (const row of rows) {
    const because = faultOf(row, before);
    if (because) return { verified: false, broken: { seq: row.seq, version: row.version, because } };
    before = row;
  }
  return { verified: true, events: rows.length };
}

function faultOf(row: Recorded, before: Recorded | undefined): string | undefined {
  const version = (before?.version ?? 0) + 1;
  if (before && row.fix !== before.fix) return `belongs to ${row.fix}, not to ${before.fix}`;
  if (row.version > version) return `version ${version} is missing before it`;
  if (row.version < version) return `out of order: version ${version} was expected`;
  if (before && row.seq <= before.seq)
    return `out of order: sequence ${row.seq} does not follow ${before.seq}`;
  if (row.previous !== (before?.hash ?? ORIGIN)) return 'does not name the hash of the row before it';
  if (row.hash !== link(row.previous, row)) return 'content does not match its hash';
  return undefined;
}
