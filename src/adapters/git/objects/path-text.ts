/**
 * A path for people and JSON. Plain when it is clean UTF-8; otherwise quoted as git quotes
 * (`"caf\351.txt"`), so that two different paths never read the same.
 */
export function pathText(path: Buffer): string {
  const text = path.toString('utf8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what needs quoting.
  const plain = !/[\u0000-\u001f\u007f]/.test(text) && !text.startsWith('"');
  if (plain && Buffer.from(text, 'utf8').equals(path)) return text;
  return `"${[...path].map(quotedByte).join('')}"`;
}

const NAMED: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r', 34: '\\"', 92: '\\\\' };

function quotedByte(byte: number): string {
  const named = NAMED[byte];
  if (named !== undefined) return named;
  if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
  return `\\${byte.toString(8).padStart(3, '0')}`;
}

/** The parts of a NUL-separated output, without the empty one after the last NUL. */
export function nulParts(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, from)) {
    parts.push(bytes.subarray(from, at));
    from = at + 1;
  }
  if (from < bytes.length) parts.push(bytes.subarray(from));
  return parts;
}
