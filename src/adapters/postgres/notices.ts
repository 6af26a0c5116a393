import pg from 'pg';
import { type FixId, isFixId } from '../../core/base/ids.ts';
import type { Ms } from '../../core/base/instant.ts';
import { type Connection, clientConfig } from './connection.ts';

/** The channel on which every committed append says `FIX-12 345`: the fix and its last `seq`. */
export const APPENDED = 'fleetfix_appended';

type AppendListener = (fix: FixId, seq: number) => void;

/** Tells of appends by any hub, over a connection of its own that comes back when it breaks. */
export type Notices = {
  subscribe(listener: AppendListener): () => void;
  close(): Promise<void>;
};

const AGAIN_AFTER_MS_MAX: Ms = 5_000;

/**
 * Listens from now on; resolves when the first connection does. After a broken connection each fix that
 * moved in the meantime is told once, so a listener that missed nothing before misses nothing then.
 */
export async function openNotices(connection: Connection, log: (text: string) => void): Promise<Notices> {
  const listeners = new Set<AppendListener>();
  const closing = new AbortController();
  let client: pg.Client | undefined;
  let last: number | undefined;

  const tell = (fix: string, seq: number) => {
    last = Math.max(last ?? 0, seq);
    if (!isFixId(fix)) return;
    for (const listener of listeners) callSafely(listener, fix, seq, log);
  };
  const connect = async () => {
    const fresh = new pg.Client(clientConfig(connection));
    // `end` follows; without a listener the error would end the process.
    fresh.on('error', () => {});
    fresh.on('notification', ({ payload }) => {
      const [fix, seq] = (payload ?? '').split(' ');
      if (fix !== undefined) tell(fix, Number(seq));
    });
    try {
      await fresh.connect();
      client = fresh;
      await fresh.query(`listen ${APPENDED}`);
      for (const { fix, seq } of await movedSince(fresh, last)) tell(fix, seq);
      // Closed while it was connecting: nobody else would end it.
      if (closing.signal.aborted) await fresh.end();
      else fresh.on('end', () => void connectAgain());
    } catch (problem) {
      await fresh.end().catch(() => {});
      throw problem;
    }
  };
  const connectAgain = async () => {
    for (let waitMs = 50; !closing.signal.aborted; waitMs = Math.min(2 * waitMs, AGAIN_AFTER_MS_MAX)) {
      try {
        return await connect();
      } catch (problem) {
        log(`no notices of appends, trying again: ${(problem as Error).message}`);
        await rest(waitMs, closing.signal);
      }
    }
  };

  await connect();
  return {
    subscribe(listener) {
      // A wrapper of its own, so that one function subscribed twice is told twice and stopped singly.
      const own: AppendListener = (fix, seq) => listener(fix, seq);
      listeners.add(own);
      return () => listeners.delete(own);
    },
    async close() {
      closing.abort();
      await client?.end().catch(() => {});
    },
  };
}

/** Fixes with events after `last`, with their last `seq`. At first there is nothing to catch up with, only where to begin. */
async function movedSince(client: pg.Client, last: number | undefined) {
  if (last === undefined) {
    const { rows } = await client.query<{ seq: number }>(
      'select coalesce(max(seq), 0) as seq from fleetfix.events',
    );
    return [{ fix: '', seq: rows[0]?.seq ?? 0 }];
  }
  const { rows } = await client.query<{ fix: string; seq: number }>(
    'select fix, max(seq) as seq from fleetfix.events where seq > $1 group by fix order by 2',
    [last],
  );
  return rows;
}

function callSafely(listener: AppendListener, fix: FixId, seq: number, log: (text: string) => void) {
  try {
    listener(fix, seq);
  } catch (problem) {
    log(`a listener to appends failed: ${(problem as Error).message}`);
  }
}

/** Waits, or less when called off; never the reason that the process stays alive. */
function rest(ms: Ms, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms).unref();
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
