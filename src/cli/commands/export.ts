import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { fixOf } from '../fixes.ts';

/** The whole record of a fix as JSON lines, exactly as the hub gives it. */
export async function exportFix(context: Context, input: { fix: string }): Promise<ExitCode> {
  const fix = await fixOf(context, input.fix);
  const response = await context.client.raw('GET', `/api/fixes/${fix}/export`, {
    headers: { accept: 'application/jsonl' },
  });
  if (response.body) await pipeline(Readable.fromWeb(response.body), context.io.stdout, { end: false });
  return EXIT.done;
}
