import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The root of the repository. */
export const ROOT = path.resolve(import.meta.dirname, '..', '..');

/** Every file git knows or would add, as paths from the root. */
export function houseFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return listed.split('\0').filter((file) => file !== '' && existsSync(path.join(ROOT, file)));
}

/** The text of a file; undefined when it is not text. */
export function textOf(file: string): string | undefined {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  return text.includes('\0') ? undefined : text;
}

/** Files of the repository with this ending, with their text. */
export function textsOf(ending: RegExp): { readonly file: string; readonly text: string }[] {
  return houseFiles()
    .filter((file) => ending.test(file))
    .map((file) => ({ file, text: textOf(file) ?? '' }));
}
