import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

const ROOT = import.meta.dirname;

/** Names of all recorded worlds. */
export const worlds = (): string[] =>
  readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);

/** One answer of the hub in a recorded world; undefined when the world has none of that name. */
export function recorded<T>(world: string, name: string): T | undefined {
  const path = join(ROOT, world, `${name}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;
}

/** The same, where a missing recording is a mistake of the test. */
export function mustBeRecorded<T>(world: string, name: string): T {
  const value = recorded<T>(world, name);
  if (value === undefined) throw new Error(`world ${world} has no ${name}.json`);
  return value;
}

/** Compares a screen with its golden file; `UPDATE=1` writes the file instead, and its diff is reviewed. */
export function expectGolden(world: string, file: string, text: string): void {
  const path = join(ROOT, world, file);
  if (process.env.UPDATE === '1') writeFileSync(path, text);
  expect(text, `${world}/${file}: UPDATE=1 rewrites it`).toBe(
    existsSync(path) ? readFileSync(path, 'utf8') : '',
  );
}
