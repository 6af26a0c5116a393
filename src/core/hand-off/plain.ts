// Explicit directions can reorder what a person reads, and controls move terminals and break tables.
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e00ff}]+/gu;

/** A subject or a title that is longer is no line that is read. */
export const TITLE_MAX = 300;
/** What people write in more than a line: reasons, symptoms, findings. */
export const WORDS_MAX = 4_000;

/** A text of at most `max` characters: a longer one ends in `…`, and no character is cut in two. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = text.slice(0, max - 1);
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}

/** Text of people and programs on one line, without characters that cannot be seen. */
export const plainText = (text: string): string => text.replace(UNSEEN, ' ').trim();

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text in HTML, also within a quoted attribute. */
export const htmlText = (text: string): string => plainText(text).replace(/[&<>"']/g, (sign) => HTML[sign]!);

/**
 * Text in Markdown that stays text: no markup, no HTML, no list or heading where it begins a line, and no address or
 * mention that a reader makes a link of by itself.
 */
export const markdownText = (text: string): string =>
  plainText(text)
    .replace(/[\\`*_{}[\]|~]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/!(?=\\\[)/g, '\\!')
    .replace(/:\/\//g, ':&#47;&#47;')
    .replace(/www\./gi, (found) => `${found.slice(0, -1)}&#46;`)
    .replace(/@(?=\w)/g, '&#64;')
    .replace(/^([-+=#])/, '\\$1')
    .replace(/^(\d{1,9})([.)])(?=\s|$)/, '$1\\$2');

/** Code in Markdown on one line, whatever backticks are in it. */
export function markdownCode(code: string): string {
  const text = plainText(code);
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = /^`|`$|^ .* $/.test(text) ? ' ' : '';
  return text === '' ? '' : `${fence}${pad}${text}${pad}${fence}`;
}

/** A word of a command line as a shell takes it for one, whatever is in it. */
export function shellWord(text: string): string {
  const word = plainText(text);
  return /^[\w.@%+=:,/-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
