// The one import from outside core: a pure function of its input (ADR 0003).
import { createHash } from 'node:crypto';

/**
 * JSON with sorted keys, no spaces, and no undefined members: equal values give equal text whatever
 * order they were built in. Throws TypeError on what JSON cannot say (NaN, Infinity, functions).
 */
export function canonical(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item)).join(',')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`cannot be written canonically: ${String(value)} (${typeof value})`);
}

/** SHA-256 of UTF-8 text as 64 hex digits. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** SHA-256 of a value's canonical text. */
export const hashOf = (value: unknown): string => sha256(canonical(value));
