/**
 * A path for people and JSON. Plain when it is clean UTF-8; otherwise quoted as git quotes (`"caf\351.txt"`), so that
 * two different paths never read the same.
 */
export function pathText(path: Buffer): string {
  const text = path.toString('utf8');
  const isPlain = !/\p{Cc}/u.test(text) && !text.startsWith('"');
  if (isPlain && (!text.includes('\ufffd') || Buffer.from(text, 'utf8').equals(path))) return text;
  return `"${[...path].map(quotedByte).join('')}"`;
}

const NAMED: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r', 34: '\\"', 92: '\\\\' };

function quotedByte(byte: number): string {
  const named = NAMED[byte];
  if (named !== undefined) return named;
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
}
