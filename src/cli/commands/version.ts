import { readFileSync } from 'node:fs';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';

/** The version of this command line, and of what runs it. */
export async function version(context: Context): Promise<ExitCode> {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  const value = { fleetfix: version as string, node: process.versions.node };
  await context.out.print({
    value,
    names: [value.fleetfix],
    text: () => `fleetfix ${value.fleetfix} (Node ${value.node})\n`,
  });
  return EXIT.done;
}
