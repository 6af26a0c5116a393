/** Longer lines are cut: they are of minified or generated files, and nobody reads them to the end. */
const LINE_LENGTH_MAX = 1_000;

/**
 * Lines of a file or patch as text that people can read and a terminal can be given. Bytes that are no UTF-8 are
 * written `\xe9`, control characters `\x1b`, signs that turn the direction of text `\u202e`. Tabs stay.
 */
export function visibleLines(bytes: Buffer): string[] {
  const lines: string[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(10, from);
    const until = end < 0 ? bytes.length : end;
    lines.push(visibleLine(bytes.subarray(from, until)));
    from = until + 1;
  }
  return lines;
}

const WHOLE = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** One line, its end left out, as `visibleLines` writes it. */
export function visibleLine(bytes: Buffer): string {
  const text = visibleSigns(decoded(bytes));
  return text.length > LINE_LENGTH_MAX ? `${text.slice(0, LINE_LENGTH_MAX)}…` : text;
}

function decoded(bytes: Buffer): string {
  try {
    return WHOLE.decode(bytes);
  } catch {
    // One wrong byte says that the file is of another encoding: then no byte past ASCII is a sign of UTF-8.
    return bytes.toString('latin1').replace(/[\x80-\xff]/g, (byte) => `\\x${hex(byte, 2)}`);
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const visibleSigns = (text: string): string =>
  text.replace(UNSEEN, (sign) => (sign < '\u0100' ? `\\x${hex(sign, 2)}` : `\\u${hex(sign, 4)}`));

const hex = (sign: string, digits: number): string => sign.charCodeAt(0).toString(16).padStart(digits, '0');
