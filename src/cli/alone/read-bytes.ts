import { readFileSync, statSync } from 'node:fs';
import { misuse } from '../exit.ts';

/** A file people name, as bytes. Throws a misuse: it cannot be read, or has more than `bytesMax`. */
export function readBytes(file: string, bytesMax: number): Buffer {
  try {
    const { size } = statSync(file);
    if (size > bytesMax) throw misuse(`${file} has ${size} bytes: expected at most ${bytesMax}`);
    return readFileSync(file);
  } catch (problem) {
    if (!(problem instanceof Error && 'code' in problem)) throw problem;
    throw misuse(`${file} cannot be read: ${problem.code}`);
  }
}
