/** A line of a stream, or why it cannot be read. `number` counts from 1. */
export type Line =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly problem: string };

const LF = 10;

/**
 * The lines of a stream of bytes, one at a time, without line ends and without a byte order mark at the start.
 * A line of more than `bytesMax` or that is not UTF-8 comes as a problem, and reading goes on after it: no more
 * than a line and a chunk are ever held. Empty lines are left out.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array | string>,
  bytesMax: number,
): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let size = 0;
  let number = 0;
  const take = (part: Uint8Array) => {
    size += part.length;
    if (size <= bytesMax) parts.push(part);
    else parts = [];
  };
  const end = (): Line | undefined => {
    number += 1;
    const line = size > bytesMax ? tooLong(number, bytesMax) : lineOf(number, parts);
    parts = [];
    size = 0;
    return line;
  };
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    let from = 0;
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, from)) {
      take(bytes.subarray(from, at));
      from = at + 1;
      const line = end();
      if (line) yield line;
    }
    if (from < bytes.length) take(bytes.subarray(from));
  }
  const last = size > 0 ? end() : undefined;
  if (last) yield last;
}

const tooLong = (number: number, bytesMax: number): Line => ({
  number,
  problem: `the line is longer than ${bytesMax} bytes`,
});

function lineOf(number: number, parts: readonly Uint8Array[]): Line | undefined {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: number > 1 });
    const text = decoder.decode(Buffer.concat(parts)).trim();
    return text === '' ? undefined : { number, text };
  } catch {
    return { number, problem: 'the line is not UTF-8' };
  }
}
