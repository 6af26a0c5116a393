import { canonical } from '../../core/base/hash.ts';
import { type Instant, instantOf } from '../../core/base/instant.ts';
import { Unstorable } from '../../ports/storage.ts';

/**
 * The JSON text of a value, made sure to come back the same: PostgreSQL keeps neither U+0000 nor half a
 * surrogate pair, and JSON neither NaN nor functions. Throws `Unstorable` naming the place in `what`.
 */
export function storable(what: string, value: unknown): string {
  let text: string;
  try {
    text = canonical(value);
  } catch (problem) {
    throw new Unstorable(`${what} ${(problem as Error).message}`, { cause: problem });
  }
  refuseEscapes(what, text);
  return text;
}

/** The same for large values that need no canonical text, in a fraction of the time. */
export function storableJson(what: string, value: unknown): string {
  const text = JSON.stringify(value);
  refuseEscapes(what, text);
  return text;
}

/** A look at the escapes is quick; only a text that holds one is walked to find where. */
function refuseEscapes(what: string, text: string) {
  if (/\\u(0000|d[89a-f])/.test(text)) refuseText(what, JSON.parse(text));
}

function refuseText(where: string, value: unknown) {
  if (typeof value === 'string') {
    if (value.includes('\0'))
      throw new Unstorable(`${where} holds the character U+0000, which cannot be stored. Leave it out.`);
    if (!value.isWellFormed())
      throw new Unstorable(`${where} holds half of a surrogate pair, which is no character. Leave it out.`);
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) refuseText(`${where}[${i}]`, item);
  } else if (value !== null && typeof value === 'object') {
    for (const [key, member] of Object.entries(value)) {
      refuseText(`a name of ${where}`, key);
      refuseText(`${where}.${key}`, member);
    }
  }
}

/** An instant in the one spelling that comes back the same. Throws `Unstorable` otherwise. */
export function storableInstant(what: string, at: Instant): Instant {
  const ms = Date.parse(at);
  const spelled = Number.isNaN(ms) ? undefined : instantOf(ms);
  if (spelled === at && /^[1-9]\d{3}-/.test(at)) return at;
  throw new Unstorable(`${what} is not an instant: "${at}"; expected the form 2026-11-21T20:31:07.000Z.`);
}
