import { globOf } from '../../core/select/globs.ts';
import type { SuiteMap } from '../../core/select/suites.ts';
import { suiteMapSchema } from '../../wire/suite-map.ts';
import { misuse } from '../exit.ts';
import { readText } from './read-text.ts';

const BYTES_MAX = 1024 * 1024;
/** The map of paths to suites in a YAML file. Throws a misuse that names the field. */
export async function readSuites(file: string, stdin: NodeJS.ReadableStream): Promise<SuiteMap> {
  const { parse } = await import('yaml');
  const body = await readText(file, stdin, BYTES_MAX);
  const value = (() => {
    try {
      return parse(body, { maxAliasCount: 100 }) as unknown;
    } catch (problem) {
      throw misuse(`--map ${file} is not YAML: ${(problem as Error).message.split('\n')[0]}`);
    }
  })();
  const read = suiteMapSchema.safeParse(value);
  if (!read.success) {
    const { path, message } = read.error.issues[0]!;
    throw misuse(`--map ${file}: ${path.join('.') || 'the whole'}: ${message} (docs/select-tests.md)`);
  }
  const names = new Set<string>();
  for (const { name, paths } of read.data.suites) {
    if (names.has(name)) throw misuse(`--map ${file}: two suites are called ${name}`);
    names.add(name);
    const bad = paths.find((path) => globOf(path.replace(/^!/, '')) === undefined);
    if (bad !== undefined) throw misuse(`--map ${file}: ${name}: ${bad} is no glob`);
  }
  return read.data.suites;
}
