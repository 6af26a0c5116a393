import type { FixId } from '../core/base/ids.ts';
import type { Ms } from '../core/base/instant.ts';
import type { Recorded } from '../core/life/event.ts';
import type { Ledger } from '../ports/ledger.ts';

/** The ledger, as far as a reader of new events needs it. */
export type Feed = Pick<Ledger, 'head' | 'since' | 'onAppend'>;

/** One event made ready to send, once for all who read it. */
export type Row = {
  readonly seq: number;
  readonly fix: FixId;
  readonly version: number;
  readonly text: string;
};

/** Rows after a cursor, and where the cursor goes: everything up to `upTo` was looked at. */
export type Reading = { readonly rows: readonly Row[]; readonly upTo: number };

/**
 * The end of the ledger, read once for any number of readers. While anybody follows, it listens for
 * appends and also looks every `pollMs`, since hints may be missed.
 */
export type Tail = {
  /** Calls `wake` whenever there is something new, with a problem when the ledger cannot be read. */
  follow(wake: (problem?: Error) => void): () => void;
  /** At most `limit` rows after `after`, in order, of one fix or all. */
  read(after: number, limit: number, fix?: FixId): Promise<Reading>;
};

const BATCH = 1_000;

export function createTail(input: {
  readonly feed: Feed;
  readonly textOf: (recorded: Recorded) => string;
  readonly pollMs: Ms;
  /** Rows kept in memory; a reader further behind asks the ledger. */
  readonly keep: number;
}): Tail {
  const { feed, pollMs, keep } = input;
  const followers = new Set<(problem?: Error) => void>();
  const rowOf = (recorded: Recorded): Row => ({
    seq: recorded.seq,
    fix: recorded.fix,
    version: recorded.version,
    text: input.textOf(recorded),
  });
  // Every event with `from` < seq ≤ `to` is in `recent`. Undefined until the first look.
  let range: { from: number; to: number } | undefined;
  let recent: Row[] = [];
  let looking = false;
  let again = false;
  let stop: (() => void) | undefined;

  const wakeAll = (problem?: Error) => {
    for (const wake of [...followers]) wake(problem);
  };

  async function lookOnce(): Promise<number> {
    const seen = range;
    if (!seen) {
      const head = await feed.head();
      range = { from: head, to: head };
      return 0;
    }
    const found = await feed.since(seen.to, BATCH);
    // The last reader left meanwhile; the next one starts afresh.
    if (range !== seen) return 0;
    recent.push(...found.map(rowOf));
    seen.to = found.at(-1)?.seq ?? seen.to;
    const dropped = recent.splice(0, Math.max(0, recent.length - keep));
    seen.from = dropped.at(-1)?.seq ?? seen.from;
    return found.length;
  }

  async function lookUntilEnd(): Promise<void> {
    do {
      again = false;
      const first = range === undefined;
      const found = await lookOnce();
      // What was appended while nobody looked is not in `recent`; readers find it in the ledger.
      if (found > 0 || first) wakeAll();
      again ||= found === BATCH;
    } while (again);
  }

  function look(): void {
    again = true;
    if (looking) return;
    looking = true;
    void lookUntilEnd()
      .catch((problem: unknown) => {
        again = false;
        wakeAll(problem instanceof Error ? problem : new Error(String(problem)));
      })
      .finally(() => {
        looking = false;
        if (again && followers.size > 0) look();
      });
  }

  function start(): () => void {
    const unsubscribe = feed.onAppend(look);
    const timer = setInterval(look, pollMs);
    look();
    return () => {
      unsubscribe();
      clearInterval(timer);
      range = undefined;
      recent = [];
    };
  }

  return {
    follow(wake) {
      followers.add(wake);
      stop ??= start();
      return () => {
        followers.delete(wake);
        if (followers.size > 0) return;
        stop?.();
        stop = undefined;
      };
    },

    async read(after, limit, fix) {
      if (range && after >= range.from) {
        const rows = recent.filter((row) => row.seq > after && (fix === undefined || row.fix === fix));
        return cut(rows, limit, Math.max(after, range.to));
      }
      const known = Math.max(after, range?.to ?? 0);
      const found = await feed.since(after, limit, fix);
      return cut(found.map(rowOf), limit, Math.max(known, found.at(-1)?.seq ?? 0));
    },
  };
}

/** When the limit cut rows off, only those up to the last one given were looked at. */
function cut(rows: readonly Row[], limit: number, upTo: number): Reading {
  if (rows.length < limit) return { rows, upTo };
  const given = rows.slice(0, limit);
  return { rows: given, upTo: given.at(-1)?.seq ?? upTo };
}
