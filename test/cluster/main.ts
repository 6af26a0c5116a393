// npm run cluster:up | cluster:down | cluster:build: a Kubernetes API server to try things against.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBinaries } from './binaries.ts';
import { down, up } from './kept.ts';

const CLEAR = process.stderr.isTTY ? '\r\x1b[K' : '';
const columns = () => process.stderr.columns || 80;
const DIR = fileURLToPath(new URL('../../.cache/cluster', import.meta.url));
const USAGE = `usage: node ${path.relative(process.cwd(), fileURLToPath(import.meta.url))} up|down|build`;

const say = (text: string) => process.stderr.write(`${CLEAR}cluster: ${text}\n`);
/** On a terminal each text takes the place of the one before. */
const show = (text: string) => process.stderr.write(`${CLEAR}cluster: ${text.slice(0, columns() - 12)}`);

/** Exit status: 0 done, 1 it could not be done, 2 used wrongly. */
async function main(): Promise<number> {
  const [what, ...rest] = process.argv.slice(2);
  if (rest.length > 0 || !['up', 'down', 'build'].includes(what ?? '')) return fail(USAGE, 2);
  if (what === 'down') {
    process.stdout.write(`${await down(DIR)}\n`);
    return 0;
  }
  const found = await findBinaries({ say, signal: stopSignal(), ...(process.stderr.isTTY && { show }) });
  if (found.binaries === undefined) return fail(found.reason, 1);
  process.stdout.write(what === 'build' ? `${found.from}\n` : `${await up(DIR, found.binaries)}\n`);
  return 0;
}

function fail(text: string, status: number): number {
  say(text);
  return status;
}

/** Ctrl-C ends a build with all its compilers. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}

try {
  process.exitCode = await main();
} catch (problem) {
  process.exitCode = fail(problem instanceof Error ? problem.message : String(problem), 1);
}
