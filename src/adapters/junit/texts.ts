import { withoutEscapes } from '../../core/base/escapes.ts';
import { sha256 } from '../../core/base/hash.ts';

/** gotestsum and go-junit-report put this sign where the escape was. */
const LOST_ESCAPES = /\ufffd\[[0-9;]*m/g;
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text of a report, safe to show and to write into XML: no escape sequence, control character or half of a character. */
export function plain(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  return withoutEscapes(text).replace(LOST_ESCAPES, '').replaceAll('\r\n', '\n').replace(UNSEEN, '');
}

/** At most `charsMax` characters for people; the rest is cut. */
export const cutText = (text: string, charsMax: number): string =>
  text.length <= charsMax ? text : `${text.slice(0, charsMax - 1)}…`;

const NAME_CHARS_MAX = 1_000;

/** A name, plain and short. Names that differ stay different: of what is cut, the hash remains. */
export function nameOf(text: string): string {
  const name = plain(text).trim();
  if (name.length <= NAME_CHARS_MAX) return kept(name);
  return `${name.slice(0, NAME_CHARS_MAX - 18)}…#${sha256(name).slice(0, 16)}`;
}

/** The same text without the large one it was cut from, which would stay in memory with it. */
const kept = (text: string): string => (text.length < 13 ? text : Buffer.from(text, 'utf8').toString('utf8'));

/** A text of at most `charsMax` characters, plain, and apart from what it was cut from. */
export const shortOf = (text: string, charsMax: number): string =>
  kept(cutText(plain(text).trim(), charsMax));
