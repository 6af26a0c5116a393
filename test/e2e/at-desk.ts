import { PassThrough } from 'node:stream';
import type { Io } from '../../src/cli/io.ts';
import { run } from '../../src/cli/run.ts';

/** Runs one command line as somebody with a token; gives the exit code and what was printed. */
export async function fleetfix(
  who: { readonly url: string; readonly token: string; readonly home: string },
  ...argv: readonly string[]
): Promise<{ readonly code: number; readonly text: string }> {
  const out = new PassThrough();
  const chunks: Buffer[] = [];
  out.on('data', (chunk: Buffer) => chunks.push(chunk));
  const io: Io = {
    stdout: out,
    stderr: out,
    stdin: new PassThrough(),
    env: { FLEETFIX_HUB: who.url, FLEETFIX_TOKEN: who.token, NO_COLOR: '1', HOME: who.home },
    isTty: false,
    fetch: (...call) => fetch(...call),
    now: () => new Date().toISOString(),
    width: 120,
  };
  const code = await run([...argv], io);
  return { code, text: Buffer.concat(chunks).toString('utf8') };
}
