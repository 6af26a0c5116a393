// Strings (titles, links), then CSI, then the short escapes. No part can run past the next escape: a search for the end of a
// string that has none, as Node's stripVTControlCharacters makes it, takes half a minute for 80,000 of them.
const ESCAPES = new RegExp(
  [
    '\\u001b[\\]PX^_][^\\u0007\\u001b\\u009c]*(?:\\u0007|\\u001b\\\\|\\u009c)',
    '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]?',
    '\\u001b[!-/]*[0-~]',
  ].join('|'),
  'g',
);

/**
 * A text without what steers a terminal (ECMA-48): colours, titles, links, moves of the cursor. An escape that begins nothing
 * stays, for whoever takes control characters away. Takes time by the length of the text alone.
 */
export const withoutEscapes = (text: string): string => text.replace(ESCAPES, '');
