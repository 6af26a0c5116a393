import type { FixId } from '../core/base/ids.ts';
import type { Ms } from '../core/base/instant.ts';
import type { Recorded } from '../core/life/event.ts';
import { sentence } from '../core/views/timeline.ts';
import type { StreamedEvent } from '../wire/views.ts';
import { createTail, type Feed, type Reading, type Row, type Tail } from './tail.ts';

export type StreamSettings = {
  /** A comment is sent this often, so that both ends notice a cut connection. */
  readonly heartbeatMs: Ms;
  /** The ledger is looked at this often even when nothing told of an append. */
  readonly pollMs: Ms;
  readonly streamsMax: number;
  /** A reader further behind gets a new snapshot instead of all it missed. */
  readonly behindMax: number;
};

export const STREAM_SETTINGS: StreamSettings = {
  heartbeatMs: 15_000,
  pollMs: 3_000,
  streamsMax: 500,
  behindMax: 1_000,
};

export type StreamWish = {
  /** Only this fix; all when absent. */
  readonly fix?: FixId;
  /** The last `seq` the reader has; absent: it has nothing and gets a snapshot. */
  readonly since?: number;
  /** The view a snapshot holds, made anew for each. Throws when it cannot be had. */
  readonly snapshot: () => Promise<unknown>;
  /** Asked at every heartbeat; the stream ends once it says no. */
  readonly allowed: () => Promise<boolean>;
  readonly signals: readonly AbortSignal[];
};

/**
 * Streams of events as server-sent events. Every event of the ledger is sent once with its `seq` as
 * id, so that a reader who names the last one it has goes on without a gap and without a repeat.
 */
export type Streams = {
  /** Undefined when there are `streamsMax` already. */
  open(wish: StreamWish): ReadableStream<Uint8Array> | undefined;
};

export function createStreams(input: {
  readonly feed: Feed;
  readonly settings?: Partial<StreamSettings>;
  readonly opened: () => void;
  readonly closed: () => void;
  /** Told why a stream ended that nobody ended. */
  readonly failed: (problem: unknown) => void;
}): Streams {
  const settings = { ...STREAM_SETTINGS, ...input.settings };
  const { feed, failed } = input;
  const keep = settings.behindMax * 2;
  const tail = createTail({ feed, pollMs: settings.pollMs, keep, textOf: eventFrame });
  let open = 0;

  return {
    open(wish) {
      if (open >= settings.streamsMax) return undefined;
      open += 1;
      input.opened();
      const ended = () => {
        open -= 1;
        input.closed();
      };
      return streamOf(tell({ wish, feed, tail, settings }), { signals: wish.signals, ended, failed });
    },
  };
}

type Telling = {
  readonly wish: StreamWish;
  readonly feed: Feed;
  readonly tail: Tail;
  readonly settings: StreamSettings;
};

/** Everything one reader is told, frame by frame, until `stop` is aborted or the person may no longer read. */
function tell({ wish, feed, tail, settings }: Telling) {
  return async function* (stop: AbortSignal): AsyncGenerator<string> {
    const bell = createBell(stop);
    const unfollow = tail.follow(bell.ring);
    try {
      yield 'retry: 3000\n\n';
      let cursor = wish.since;
      if (cursor === undefined || cursor > (await feed.head())) {
        if (cursor !== undefined) yield resetFrame('the ledger ends before the event you have');
        cursor = await feed.head();
        yield await snapshotFrame(wish, cursor);
      }
      let heartbeatAt = performance.now() + settings.heartbeatMs;
      while (!stop.aborted) {
        const reading: Reading = await tail.read(cursor, settings.behindMax + 1, wish.fix);
        if (reading.rows.length > settings.behindMax) {
          yield resetFrame(`more than ${settings.behindMax} events behind`);
          // The head is read before the view: what comes between is told again, never left out.
          cursor = await feed.head();
          yield await snapshotFrame(wish, cursor);
          continue;
        }
        cursor = reading.upTo;
        yield* framesOf(reading.rows);
        await bell.wait(heartbeatAt - performance.now());
        if (performance.now() < heartbeatAt) continue;
        if (!(await wish.allowed())) return;
        yield ': heartbeat\n\n';
        heartbeatAt = performance.now() + settings.heartbeatMs;
      }
    } finally {
      unfollow();
    }
  };
}

/** Wakes a reader. A ring while it is busy is kept, so that none is lost. */
function createBell(stop: AbortSignal) {
  let rung = false;
  let problem: Error | undefined;
  let wake = () => {};
  stop.addEventListener('abort', () => wake(), { once: true });
  return {
    ring(trouble?: Error) {
      rung = true;
      problem = trouble ?? problem;
      wake();
    },
    /** Resolves at a ring, or after `ms`. Throws the problem that was rung with. */
    async wait(ms: Ms): Promise<void> {
      if (!rung && !stop.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.max(0, ms));
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      if (problem) throw problem;
      rung = false;
    },
  };
}

/** Every row, and behind the last row of each fix the word that its view has changed. */
function* framesOf(rows: readonly Row[]): Generator<string> {
  const last = new Map(rows.map((row) => [row.fix, row.seq]));
  for (const { fix, version, seq, text } of rows) {
    const changed = `event: changed\ndata: ${JSON.stringify({ fix, version })}\n\n`;
    yield last.get(fix) === seq ? text + changed : text;
  }
}

function eventFrame(recorded: Recorded): string {
  const { fix, seq, version, at, author, event } = recorded;
  const told: StreamedEvent = { fix, seq, version, at, author, type: event.type, text: sentence(recorded) };
  return `id: ${seq}\nevent: event\ndata: ${JSON.stringify(told)}\n\n`;
}

async function snapshotFrame(wish: StreamWish, head: number): Promise<string> {
  return `id: ${head}\nevent: snapshot\ndata: ${JSON.stringify(await wish.snapshot())}\n\n`;
}

const resetFrame = (because: string): string => `event: reset\ndata: ${JSON.stringify({ because })}\n\n`;

/** A generator as a byte stream that is read only as fast as its reader takes it. */
function streamOf(
  frames: (stop: AbortSignal) => AsyncGenerator<string>,
  ends: {
    readonly signals: readonly AbortSignal[];
    readonly ended: () => void;
    readonly failed: (problem: unknown) => void;
  },
): ReadableStream<Uint8Array> {
  const cancelled = new AbortController();
  const source = frames(AbortSignal.any([cancelled.signal, ...ends.signals]));
  const encoder = new TextEncoder();
  let over = false;
  const finish = () => {
    if (over) return;
    over = true;
    ends.ended();
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value, done } = await source.next();
        // A reader may have left while the frame was made: it has nobody to go to, and that is no trouble.
        if (cancelled.signal.aborted) return;
        if (!done) return controller.enqueue(encoder.encode(value));
      } catch (problem) {
        if (!cancelled.signal.aborted) ends.failed(problem);
      }
      finish();
      if (!cancelled.signal.aborted) controller.close();
    },
    async cancel() {
      cancelled.abort();
      finish();
      await source.return(undefined);
    },
  });
}
