const SURROGATE = 0xdc00;

/**
 * The bytes of a path as text. A byte that is no UTF-8 becomes a lone surrogate, U+DC00 and its value, so that two
 * different paths never read the same and folders can be told; `shownPath` writes it for people.
 */
export function pathText(path: Buffer): string {
  const text = path.toString('utf8');
  if (!text.includes('\ufffd') || Buffer.from(text, 'utf8').equals(path)) return text;
  let whole = '';
  for (let at = 0; at < path.length; ) {
    const length = lengthAt(path, at);
    whole += length > 0 ? path.toString('utf8', at, at + length) : String.fromCharCode(SURROGATE + path[at]!);
    at += Math.max(1, length);
  }
  return whole;
}

/** How many bytes the character at a place has; 0 when none is there. */
function lengthAt(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length += 1) {
    const part = bytes.subarray(at, at + length);
    if (Buffer.from(part.toString('utf8'), 'utf8').equals(part)) return length;
  }
  return 0;
}
