/** How the bytes of a report become text. */
export type Encoding = {
  readonly label: string;
  /** What is odd about it, for people. */
  readonly note?: string;
};

/** The encodings that may be declared, as `TextDecoder` calls them. */
const READ = /^(utf-?8|us-ascii|ascii|iso-?8859-(1|15)|latin-?1|windows-125[0-9]|utf-?16(le|be)?)$/i;

/**
 * Finds the encoding of a report by its first bytes (some hundred are enough): the byte order mark, then the shape of
 * UTF-16, then what the XML declares. `unknown`: what it declares, when that is not read.
 */
export function encodingOf(head: Uint8Array): Encoding | { readonly unknown: string } {
  const [first, second, third] = head;
  if (first === 0xff && second === 0xfe) return { label: 'utf-16le' };
  if (first === 0xfe && second === 0xff) return { label: 'utf-16be' };
  if (first === 0xef && second === 0xbb && third === 0xbf) return { label: 'utf-8' };
  if (first === 0x3c && second === 0) return { label: 'utf-16le' };
  if (first === 0 && second === 0x3c) return { label: 'utf-16be' };
  const declared = /^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(
    Buffer.from(head.subarray(0, 512)).toString('latin1'),
  )?.[1];
  if (declared === undefined) return { label: 'utf-8' };
  if (!READ.test(declared)) return { unknown: declared };
  // Programs that build the text in memory declare its encoding there, and write another.
  if (/^utf-?16/i.test(declared)) return { label: 'utf-8', note: 'it declares UTF-16 and is not' };
  if (/^utf-?8$/i.test(declared)) return { label: 'utf-8' };
  if (/^(us-)?ascii$/i.test(declared)) return { label: 'utf-8' };
  if (/^(latin-?1|iso-?8859-1)$/i.test(declared)) return { label: 'iso-8859-1' };
  return { label: declared.toLowerCase().replace(/^iso8859/, 'iso-8859') };
}
