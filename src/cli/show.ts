import type { FixId } from '../core/base/ids.ts';
import { clockText, durationText, type Instant, msBetween } from '../core/base/instant.ts';
import { HubUnreachable } from './client.ts';
import type { Context } from './context.ts';
import { nudges } from './events.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { jsonLine, type Reading } from './output.ts';

/** A read: how it is loaded, how it is printed, and what counts as a change while it is watched. */
export type Sight<T> = {
  /** Names the read among all reads, for the last view that is kept. */
  readonly key: string;
  readonly load: () => Promise<T>;
  readonly reading: (value: T) => Reading;
  /** Events of this fix prompt another look; without it the clock does. */
  readonly fix?: FixId;
  /** What must differ for a new line when piped; default: everything. */
  readonly change?: (value: T) => string;
  /** The line printed for a change when piped; default: the lines of the table that are new. */
  readonly line?: (value: T) => string;
  /** True when nothing will change any more. */
  readonly ended?: (value: T) => boolean;
  readonly stoppedWatching?: (value: T) => string;
};

const POLL_MS = 2_000;

/**
 * Prints a read once, or follows it. When the hub is away the last view is printed with its age in the
 * first line, and the exit code is 1.
 */
export async function show<T>(context: Context, sight: Sight<T>, watch = false): Promise<ExitCode> {
  if (watch) return await watchSight(context, sight);
  try {
    await context.out.print(sight.reading(await load(context, sight)));
    return EXIT.done;
  } catch (problem) {
    if (!(problem instanceof HubUnreachable)) throw problem;
    return await showLast(context, sight, problem);
  }
}

const cacheKey = (context: Context, key: string) =>
  `view ${context.settings.hub} ${context.settings.token ?? ''} ${key}`;

async function load<T>(context: Context, sight: Sight<T>): Promise<T> {
  const value = await sight.load();
  context.cache.keep(cacheKey(context, sight.key), context.io.now(), value);
  return value;
}

async function showLast<T>(context: Context, sight: Sight<T>, problem: HubUnreachable): Promise<ExitCode> {
  const { io, out } = context;
  const last = context.cache.read(cacheKey(context, sight.key));
  if (!last) throw problem;
  const line = staleLine(problem.message, last.at, io.now());
  // A first line in JSON, YAML or names would break who reads them; there it is talk.
  if (out.format === 'table' || out.format === 'wide') out.data(`${line}\n\n`);
  else out.say(line);
  await out.print(sight.reading(last.value as T));
  return EXIT.ours;
}

const staleLine = (because: string, at: Instant, now: Instant): string =>
  `NOT LIVE: ${because}. Last view, ${durationText(msBetween(at, now))} old, of ${clockText(at, now)}:`;

async function watchSight<T>(context: Context, sight: Sight<T>): Promise<ExitCode> {
  const { io, out } = context;
  const signal = io.interrupted?.() ?? new AbortController().signal;
  const draw = drawer(context, sight);
  let value = await load(context, sight);
  let seenAt = io.now();
  await draw(value);
  const about = { client: context.client, pollMs: io.pollMs ?? POLL_MS, signal };
  if (!sight.ended?.(value)) {
    for await (const _ of nudges(sight.fix ? { ...about, fix: sight.fix } : about)) {
      try {
        value = await load(context, sight);
        seenAt = io.now();
        await draw(value);
      } catch (problem) {
        if (!(problem instanceof HubUnreachable)) throw problem;
        await draw(value, staleLine(problem.message, seenAt, io.now()));
      }
      if (sight.ended?.(value)) break;
    }
  }
  if (signal.aborted)
    out.say(sight.stoppedWatching?.(value) ?? 'I only stopped watching; nothing was changed.');
  return EXIT.done;
}

/** Draws a value when it has changed: a screen on a terminal, lines or JSON values in a pipe. */
function drawer<T>(context: Context, sight: Sight<T>): (value: T, warning?: string) => Promise<void> {
  const { out } = context;
  let before: string | undefined;
  let linesBefore = new Set<string>();
  let warnedOf = '';

  return async (value, warning = '') => {
    const isTable = out.format === 'table' || out.format === 'wide';
    if (out.redraws && isTable) {
      const text = `${warning && `${warning}\n\n`}${await sight.reading(value).text(out.paper)}`;
      // Home and clear below instead of clearing all: no flicker.
      if (text !== before) out.data(`${before === undefined ? '\u001b[2J' : ''}\u001b[H\u001b[J${text}`);
      before = text;
      return;
    }
    if (warning && !warnedOf) out.say(warning);
    warnedOf = warning;
    const change = (sight.change ?? JSON.stringify)(value);
    if (change === before || warning) return;
    before = change;
    if (out.format === 'json') return out.data(jsonLine(sight.reading(value).value));
    if (out.format === 'yaml')
      return out.data(`---\n${(await import('yaml')).stringify(sight.reading(value).value)}`);
    if (sight.line && isTable) return out.data(`${sight.line(value)}\n`);
    const lines = isTable
      ? (await sight.reading(value).text(out.paper)).split('\n')
      : [...sight.reading(value).names];
    for (const line of lines) if (line && !linesBefore.has(line)) out.data(`${line}\n`);
    linesBefore = new Set(lines);
  };
}
