import { z } from 'zod';
import { fail, ok, type Result } from '../core/base/result.ts';
import { globOf } from '../core/select/globs.ts';
import type { SuiteMap } from '../core/select/suites.ts';

const text = z.string().min(1).max(500);
const suite = z.strictObject({
  name: text,
  paths: z.array(text).min(1).max(1_000),
  labels: z.array(text).max(100).default([]),
  minutes: z.number().positive().max(100_000).exactOptional(),
  owner: text.exactOptional(),
  command: text.exactOptional(),
});

/** Which end-to-end suites are for which paths, in a file: `--map` of `fleetfix select-tests`. */
export const suiteMapSchema = z.strictObject({ suites: z.array(suite).max(1_000) });

/** A map of suites as it was read from YAML. The error names the field and what is wrong there. */
export function suiteMapOf(value: unknown): Result<SuiteMap, string> {
  const read = suiteMapSchema.safeParse(value);
  if (!read.success) {
    const { path, message } = read.error.issues[0]!;
    return fail(`${path.join('.') || 'the whole'}: ${message} (docs/select-tests.md)`);
  }
  const names = new Set<string>();
  for (const { name, paths } of read.data.suites) {
    if (names.has(name)) return fail(`two suites are called ${name}`);
    names.add(name);
    const bad = paths.find((path) => globOf(path.replace(/^!/, '')) === undefined);
    if (bad !== undefined) return fail(`${name}: ${bad} is no glob`);
  }
  return ok(read.data.suites);
}
