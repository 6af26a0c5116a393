/**
 * The bytes of base64 text, or undefined when it is not exactly that: Node skips what it does not know and drops a
 * junk ending, so that two texts could carry one signature. Line ends at the end are allowed.
 */
export function strictBase64(text: unknown): Buffer | undefined {
  if (typeof text !== 'string') return undefined;
  const bare = text.replace(/[\r\n]+$/, '');
  const bytes = Buffer.from(bare, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === bare ? bytes : undefined;
}
