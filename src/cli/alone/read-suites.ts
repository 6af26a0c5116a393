import type { SuiteMap } from '../../core/select/suites.ts';
import { suiteMapOf } from '../../wire/suite-map.ts';
import { misuse } from '../exit.ts';
import { readYaml } from './read-yaml.ts';

const BYTES_MAX = 1024 * 1024;

/** The map of paths to suites in a YAML file. Throws a misuse that names the field. */
export async function readSuites(file: string, stdin: NodeJS.ReadableStream): Promise<SuiteMap> {
  const map = suiteMapOf(await readYaml(file, stdin, { bytesMax: BYTES_MAX, called: `--map ${file}` }));
  if (!map.ok) throw misuse(`--map ${file}: ${map.error}`);
  return map.value;
}
