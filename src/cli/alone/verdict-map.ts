import { z } from 'zod';
import type { CaseMapping } from '../../core/verdict/polarion.ts';
import { misuse } from '../exit.ts';
import { readYaml } from './read-yaml.ts';

const UNSAYABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML cannot say these, not even as references
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
/** Text that XML can say. */
export const isSayable = (text: string): boolean => !UNSAYABLE.test(text) && text.isWellFormed();

const text = z
  .string()
  .trim()
  .min(1)
  .max(1_000)
  .refine(isSayable, 'control characters cannot be written to XML');
const name = z.stringFormat('a name of letters, digits, . _ and -', /^[\w.-]{1,100}$/);
const entry = z.strictObject({
  test: text,
  class: text.exactOptional(),
  id: text,
  project: text.exactOptional(),
  comment: text.exactOptional(),
  parameters: z.record(name, text).exactOptional(),
});

/** Which test is which case of Polarion, in a file: `--map` of `fleetfix verdict export`. */
export const caseMapSchema = z.strictObject({ cases: z.array(entry).max(50_000) });

const BYTES_MAX = 16 * 1024 * 1024;

/** The map in a YAML file. Throws a misuse that names the field. */
export async function readCaseMap(
  file: string,
  stdin: NodeJS.ReadableStream,
): Promise<readonly CaseMapping[]> {
  const read = caseMapSchema.safeParse(
    await readYaml(file, stdin, { bytesMax: BYTES_MAX, called: `--map ${file}` }),
  );
  if (!read.success) {
    const { path, message } = read.error.issues[0]!;
    throw misuse(`--map ${file}: ${path.join('.') || 'the whole'}: ${message} (docs/verdicts.md)`);
  }
  const seen = new Set<string>();
  for (const { test, class: within } of read.data.cases) {
    const key = JSON.stringify([test, within]);
    if (seen.has(key))
      throw misuse(`--map ${file}: ${test}${within === undefined ? '' : ` of ${within}`} is there twice`);
    seen.add(key);
  }
  return read.data.cases;
}
