import { misuse } from '../exit.ts';
import { readText } from './read-text.ts';

/** More than anybody writes, and few enough to multiply nothing. */
const ALIASES_MAX = 100;

/** What a YAML (or JSON) file holds; `-` is standard input. `called`: as messages name it. Throws a misuse: it cannot be read, or is no YAML. */
export async function readYaml(
  file: string,
  stdin: NodeJS.ReadableStream,
  { bytesMax, called = file }: { readonly bytesMax: number; readonly called?: string },
): Promise<unknown> {
  const text = await readText(file, stdin, bytesMax);
  const { parse } = await import('yaml');
  try {
    return parse(text, { maxAliasCount: ALIASES_MAX });
  } catch (problem) {
    throw misuse(`${called} is not YAML: ${(problem as Error).message.split('\n')[0]}`);
  }
}
