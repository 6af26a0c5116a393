// npm run cluster:up | cluster:down | cluster:build: a Kubernetes API server to try things against.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBinaries } from './binaries.ts';
import { down, up } from './kept.ts';
import { pretendHyperShift } from './to-try.ts';

const CLEAR = process.stderr.isTTY ? '\r\x1b[K' : '';
const columns = () => process.stderr.columns || 80;
const DIR = fileURLToPath(new URL('../../.cache/cluster', import.meta.url));
const MOST_PLANES = 500;
const USAGE = `usage: node ${path.relative(process.cwd(), fileURLToPath(import.meta.url))} up [--hypershift N]|down|build; N: 1 to ${MOST_PLANES} hosted clusters`;

const say = (text: string) => process.stderr.write(`${CLEAR}cluster: ${text}\n`);
/** On a terminal each text takes the place of the one before. */
const show = (text: string) => process.stderr.write(`${CLEAR}cluster: ${text.slice(0, columns() - 12)}`);

/** Exit status: 0 done, 1 it could not be done, 2 used wrongly. */
async function main(): Promise<number> {
  const [what, ...rest] = process.argv.slice(2);
  const planes = what === 'up' ? planesIn(rest) : undefined;
  const isKnown = ['up', 'down', 'build'].includes(what ?? '');
  if (!isKnown || (rest.length > 0 && planes === undefined)) return fail(USAGE, 2);
  if (what === 'down') {
    process.stdout.write(`${await down(DIR)}\n`);
    return 0;
  }
  const signal = stopSignal();
  const found = await findBinaries({ say, signal, ...(process.stderr.isTTY && { show }) });
  if (found.binaries === undefined) return fail(found.reason, 1);
  process.stdout.write(what === 'build' ? `${found.from}\n` : `${await up(DIR, found.binaries)}\n`);
  const tell = (text: string) => process.stdout.write(`${text}\n`);
  if (planes !== undefined) await pretendHyperShift(DIR, { planes, signal, say: tell });
  return 0;
}

/** `--hypershift 8`; undefined for anything else. */
function planesIn([flag, count = '', ...more]: readonly string[]): number | undefined {
  if (flag !== '--hypershift' || more.length > 0 || !/^[1-9]\d*$/.test(count)) return undefined;
  return Number(count) <= MOST_PLANES ? Number(count) : undefined;
}

function fail(text: string, status: number): number {
  say(text);
  return status;
}

/** Ctrl-C ends a build with all its compilers, and what pretends to be HyperShift. */
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
