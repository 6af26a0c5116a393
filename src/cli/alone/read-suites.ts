import type { SuiteMap } from '../../core/select/suites.ts';
import { suiteMapOf } from '../../wire/suite-map.ts';
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
  const map = suiteMapOf(value);
  if (!map.ok) throw misuse(`--map ${file}: ${map.error}`);
  return map.value;
}
