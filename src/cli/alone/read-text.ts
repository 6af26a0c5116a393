import { readFileSync } from 'node:fs';
import { misuse } from '../exit.ts';

/**
 * A file people name, as text; `-` reads standard input. Throws a misuse: it cannot be read, has more than `bytesMax`,
 * or is not UTF-8.
 */
export async function readText(
  file: string,
  stdin: NodeJS.ReadableStream,
  bytesMax: number,
): Promise<string> {
  const bytes = file === '-' ? await allOf(stdin, bytesMax) : readWhole(file);
  if (bytes.length > bytesMax)
    throw misuse(`${file} has ${bytes.length} bytes: expected at most ${bytesMax}`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/^\ufeff/, '');
  } catch {
    throw misuse(`${file} is not UTF-8`);
  }
}

function readWhole(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (problem) {
    if (!(problem instanceof Error && 'code' in problem)) throw problem;
    throw misuse(`${file} cannot be read: ${problem.code}`);
  }
}

async function allOf(stdin: NodeJS.ReadableStream, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > bytesMax) break;
  }
  return Buffer.concat(chunks);
}
