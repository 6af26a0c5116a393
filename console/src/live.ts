import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { FixView } from '../../src/core/views/fix-view.ts';
import { Refused, send } from './api.ts';
import { coalesce } from './coalesce.ts';
import { type SseMessage, sseReader } from './sse.ts';

/** The hub sends at least a heartbeat every 15 s; after this long without a byte the stream is dead. */
const SILENT_MS = 35_000;
const REFRESH_GAP_MS = 250;
const WAIT_MAX_MS = 5_000;
/** Not logged in, no right, no such fix: asking again would get the same answer. */
const FINAL: ReadonlySet<number> = new Set([401, 403, 404]);

export type Live = {
  readonly phase: 'connecting' | 'live' | 'reconnecting';
  /** Wall milliseconds of the last byte; 0 before the first. */
  readonly heardMs: number;
};

type Stream = {
  readonly path: string;
  readonly signal: AbortSignal;
  readonly onMessage: (message: SseMessage) => void;
  readonly onLive: (live: Live) => void;
};

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      done();
    });
  });

/** Follows one stream until the hub ends it, it falls silent, or `signal` aborts. */
async function followOnce(stream: Stream, seen: { id?: string }, heard: () => void): Promise<void> {
  const silence = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const rewind = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), SILENT_MS);
  };
  rewind();
  try {
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    if (seen.id !== undefined) headers['Last-Event-ID'] = seen.id;
    const signal = AbortSignal.any([stream.signal, silence.signal]);
    const response = await send({ path: stream.path, init: { headers, signal } });
    const read = sseReader();
    const pieces = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    for (let piece = await pieces.read(); !piece.done; piece = await pieces.read()) {
      rewind();
      heard();
      for (const message of read(piece.value)) {
        if (message.id !== undefined) seen.id = message.id;
        stream.onMessage(message);
      }
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Keeps a stream open, resuming after the last event seen. Gives up only when the hub refuses it. */
async function follow(stream: Stream): Promise<void> {
  const seen: { id?: string } = {};
  let heardMs = 0;
  for (let tries = 0; !stream.signal.aborted; tries++) {
    try {
      await followOnce(stream, seen, () => {
        heardMs = Date.now();
        tries = 0;
        stream.onLive({ phase: 'live', heardMs });
      });
    } catch (error) {
      if (error instanceof Refused && FINAL.has(error.problem.status)) return;
    }
    if (stream.signal.aborted) return;
    stream.onLive({ phase: 'reconnecting', heardMs });
    await pause(Math.min(WAIT_MAX_MS, 250 * 2 ** Math.min(tries, 6)), stream.signal);
  }
}

/** A snapshot is taken as it is; everything else only says that it is time to look again. */
function take(client: QueryClient, fix: string | undefined, message: SseMessage): void {
  if (message.event !== 'snapshot' || fix === undefined) return;
  try {
    const view = JSON.parse(message.data) as Partial<FixView>;
    if (view.id === fix && view.stages !== undefined) client.setQueryData(['fix', fix, 'view'], view);
  } catch {
    // A snapshot that is not JSON is not believed; the refresh after it asks the hub again.
  }
}

/** Streams this fix (or, without one, the list) into the query cache while the calling page is open. */
export function useLive(fix?: string): Live {
  const client = useQueryClient();
  const [live, setLive] = useState<Live>({ phase: 'connecting', heardMs: 0 });
  useEffect(() => {
    const closed = new AbortController();
    const queryKey = fix === undefined ? ['fixes'] : ['fix', fix];
    const refresh = coalesce(
      () => client.invalidateQueries({ queryKey }, { cancelRefetch: false }),
      REFRESH_GAP_MS,
    );
    const path = fix === undefined ? '/api/events' : `/api/events?fix=${encodeURIComponent(fix)}`;
    follow({
      path,
      signal: closed.signal,
      onLive: setLive,
      onMessage: (message) => {
        take(client, fix, message);
        // Every event is followed by `changed`; asking at both would ask twice.
        if (message.event !== 'event') refresh.call();
      },
    });
    return () => {
      closed.abort();
      refresh.stop();
    };
  }, [client, fix]);
  return live;
}

function everySecond(tick: () => void): () => void {
  const timer = setInterval(tick, 1_000);
  return () => clearInterval(timer);
}
const never = (): (() => void) => () => {};

/** Whole seconds since `sinceMs` by this machine's clock, counting while `counting`. */
export function useSecondsSince({ sinceMs, counting }: { sinceMs: number; counting: boolean }): number {
  return useSyncExternalStore(counting ? everySecond : never, () =>
    Math.max(0, Math.floor((Date.now() - sinceMs) / 1_000)),
  );
}
