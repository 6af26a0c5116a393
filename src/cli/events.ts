import type { FixId } from '../core/base/ids.ts';
import type { Ms } from '../core/base/instant.ts';
import type { FixView } from '../core/views/fix-view.ts';
import { type Client, HubUnreachable } from './client.ts';

/** One server-sent event: its name, its data as text, and its id when it has one. */
export type ServerEvent = { readonly event: string; readonly data: string; readonly id?: string };

/** Reads a `text/event-stream`. Comments (heartbeats) are passed over; a cut inside an event drops it. */
export async function* parseEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of chunks) {
    text = `${text}${decoder.decode(chunk, { stream: true })}`.replaceAll('\r\n', '\n');
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = eventOf(block);
      if (event) yield event;
    }
  }
}

function eventOf(block: string): ServerEvent | undefined {
  const fields = block
    .split('\n')
    .map((line) => /^(event|data|id): ?(.*)$/.exec(line))
    .filter((match) => match !== null);
  const of = (name: string) => fields.filter((f) => f[1] === name).map((f) => f[2]!);
  if (of('data').length === 0) return undefined;
  const id = of('id').at(-1);
  return { event: of('event').at(-1) ?? 'message', data: of('data').join('\n'), ...(id ? { id } : {}) };
}

/** While a stream tells of changes, the clock matters only for ages. */
const STREAMED_FACTOR = 5;

/**
 * Yields each time there is reason to look at a fix again: an event of the hub, or `pollMs` without one
 * (ages move by themselves, and a stream may be cut without a word). A stream that ended is opened
 * again. Ends when `signal` aborts.
 */
export async function* nudges(input: {
  readonly client: Client;
  readonly fix?: FixId;
  readonly pollMs: Ms;
  readonly signal: AbortSignal;
}): AsyncGenerator<void> {
  const { client, fix, pollMs, signal } = input;
  const bell = makeBell();
  const stop = new AbortController();
  let listening = false;
  const open = async (id: FixId) => {
    listening = true;
    await listen({ client, fix: id, signal: AbortSignal.any([stop.signal, signal]), ring: bell.ring });
    listening = false;
  };
  signal.addEventListener('abort', bell.ring);
  try {
    while (!signal.aborted) {
      if (fix && !listening) void open(fix);
      const timer = setTimeout(bell.ring, listening ? pollMs * STREAMED_FACTOR : pollMs);
      await bell.rung();
      clearTimeout(timer);
      if (!signal.aborted) yield;
    }
  } finally {
    stop.abort();
    signal.removeEventListener('abort', bell.ring);
  }
}

/** Rings for every event, and once when the stream ends. Failing is no fault: the clock goes on. */
async function listen(input: {
  readonly client: Client;
  readonly fix: FixId;
  readonly signal: AbortSignal;
  readonly ring: () => void;
}): Promise<void> {
  try {
    const response = await input.client.raw('GET', '/api/events', {
      query: { fix: input.fix },
      headers: { accept: 'text/event-stream' },
      signal: input.signal,
    });
    if (!response.body) return;
    for await (const event of parseEvents(response.body)) if (event.event !== 'snapshot') input.ring();
  } catch {
    // No stream: looking again by the clock is enough.
  }
}

function makeBell() {
  let rung = Promise.withResolvers<void>();
  return {
    ring: () => rung.resolve(),
    async rung() {
      await rung.promise;
      rung = Promise.withResolvers<void>();
    },
  };
}

/** The views of a fix, the present one first, then one after each change or `pollMs`. A short absence of the hub is sat out. */
export async function* follow(input: {
  readonly client: Client;
  readonly fix: FixId;
  readonly pollMs: Ms;
  readonly signal: AbortSignal;
  readonly onAway: (message: string) => void;
}): AsyncGenerator<FixView> {
  yield await input.client.get<FixView>(`/fixes/${input.fix}`);
  for await (const _ of nudges(input)) {
    try {
      yield await input.client.get<FixView>(`/fixes/${input.fix}`);
    } catch (problem) {
      if (!(problem instanceof HubUnreachable)) throw problem;
      input.onAway(problem.message);
    }
  }
}
