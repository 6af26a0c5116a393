import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FixId } from '../../core/base/ids.ts';
import { fixViewSchema, streamedEventSchema } from '../../wire/views.ts';
import { createMetrics } from '../metrics.ts';
import { createApi } from './app.ts';
import { EXAMPLES } from './examples.ts';
import { as, memoryDesk, memoryFeed, memoryLog, memoryParts, TOKENS } from './memory-desk.ts';
import { readStream } from './read-stream.ts';

const FIX: FixId = 'FIX-128';
const OTHER: FixId = 'FIX-7';
// Far away, so that only appends wake a reader unless a test says otherwise.
const CALM = { heartbeatMs: 600_000, pollMs: 600_000 };

function setUp(changes: Parameters<typeof memoryParts>[0] = {}, ledger = memoryFeed()) {
  const api = createApi(memoryParts({ feed: ledger.feed, streams: CALM, ...changes }));
  const open = async (query = '', headers: Record<string, string> = {}, env = {}) =>
    await api.request(`/api/events${query}`, { headers: as('token-viewer', headers) }, env);
  return { ...ledger, open };
}
const ids = (told: readonly { event?: string; id?: string }[]) =>
  told.filter((one) => one.event === 'event').map((one) => Number(one.id));

describe('a new reader', () => {
  test('gets the fix as it is, under the last number of the ledger', async () => {
    const { open, append } = setUp();
    append(FIX);
    append(OTHER);
    const response = await open(`?fix=${FIX}`);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(response.headers.get('cache-control')).toContain('no-store');
    const stream = readStream(response);
    const snapshot = await stream.next();
    expect(snapshot).toMatchObject({ event: 'snapshot', id: '2' });
    expect(fixViewSchema.safeParse(snapshot?.data).success).toBe(true);
    await stream.cancel();
  });

  test('without a fix gets the open fixes', async () => {
    const stream = readStream(await setUp().open());
    expect(await stream.next()).toMatchObject({ event: 'snapshot', id: '0', data: { items: [{ id: FIX }] } });
    await stream.cancel();
  });

  test('is then told each event once and that the fix has changed', async () => {
    const { open, append } = setUp();
    const stream = readStream(await open());
    await stream.next();
    append(FIX, { type: 'Paused', reason: 'odd' });
    const [event, changed] = await stream.take(2);
    expect(event).toMatchObject({ event: 'event', id: '1' });
    expect(streamedEventSchema.parse(event?.data)).toMatchObject({
      seq: 1,
      type: 'Paused',
      text: 'paused: odd',
    });
    expect(changed).toEqual({ event: 'changed', data: { fix: FIX, version: 1 } });
    await stream.cancel();
  });

  test('of one fix hears nothing of another', async () => {
    const { open, append } = setUp();
    const stream = readStream(await open(`?fix=${FIX}`));
    await stream.next();
    append(OTHER);
    append(FIX);
    expect(ids(await stream.take(2))).toEqual([2]);
    await stream.cancel();
  });

  test('of a fix that is not there is refused', async () => {
    const response = await setUp().open('?fix=FIX-9');
    expect(response.status).toBe(404);
  });

  test('loses nothing that is appended while its snapshot is made', async () => {
    const ledger = memoryFeed();
    const desk = memoryDesk({
      fixes: async () => {
        ledger.append(FIX);
        return [EXAMPLES.overview];
      },
    });
    const stream = readStream(await setUp({ desk }, ledger).open());
    const [snapshot, event] = await stream.take(2);
    expect(snapshot?.id).toBe('0');
    expect(event?.id).toBe('1');
    await stream.cancel();
  });
});

describe('a reader that comes back', () => {
  test.each([
    ['by header', '', { 'last-event-id': '2' }],
    ['by query', '?since=2', {}],
    ['by header, which is newer than its address', '?since=1', { 'last-event-id': '2' }],
  ])('%s gets what it missed and no snapshot', async (_, query, headers) => {
    const { open, append } = setUp();
    for (let n = 0; n < 4; n++) append(FIX);
    const stream = readStream(await open(query, headers as Record<string, string>));
    const told = await stream.take(3);
    expect(told.map((one) => one.event)).toEqual(['event', 'event', 'changed']);
    expect(ids(told)).toEqual([3, 4]);
    append(FIX);
    expect(ids(await stream.take(2))).toEqual([5]);
    await stream.cancel();
  });

  test('after too much gets a reset and a new snapshot', async () => {
    const { open, append } = setUp({ streams: { ...CALM, behindMax: 5 } });
    for (let n = 0; n < 6; n++) append(FIX);
    const stream = readStream(await open('?since=0'));
    const told = await stream.take(2);
    expect(told.map((one) => one.event)).toEqual(['reset', 'snapshot']);
    expect(told[1]?.id).toBe('6');
    append(FIX);
    expect(ids(await stream.take(2))).toEqual([7]);
    await stream.cancel();
  });

  test('after exactly as much as is allowed gets every event', async () => {
    const { open, append } = setUp({ streams: { ...CALM, behindMax: 5 } });
    for (let n = 0; n < 5; n++) append(FIX);
    const stream = readStream(await open('?since=0'));
    expect(ids(await stream.take(6))).toEqual([1, 2, 3, 4, 5]);
    await stream.cancel();
  });

  test('with a number the ledger never gave starts anew', async () => {
    const { open, append } = setUp();
    append(FIX);
    const stream = readStream(await open('?since=99'));
    expect((await stream.take(2)).map((one) => one.event)).toEqual(['reset', 'snapshot']);
    await stream.cancel();
  });

  test.each(['?since=-1', '?since=two', '?since=1.5', '?fix=nothing'])(
    'with %s is refused',
    async (query) => {
      expect((await setUp().open(query)).status).toBe(400);
    },
  );

  test('however often it is cut off, sees every event exactly once and in order', async () => {
    const cuts = fc.array(
      fc.record({ appends: fc.integer({ min: 0, max: 6 }), read: fc.integer({ min: 0, max: 8 }) }),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    const which = fc.constantFrom<FixId | undefined>(undefined, FIX);
    await fc.assert(
      fc.asyncProperty(cuts, which, fc.boolean(), async (steps, fix, quiet) => {
        const ledger = memoryFeed({ quiet });
        const { open, append } = setUp({ streams: { ...CALM, pollMs: 1, behindMax: 50 } }, ledger);
        const got: number[] = [];
        const readOn = async (count: number) => {
          const query = fix ? `?fix=${fix}` : '';
          const stream = readStream(await open(query, { 'last-event-id': String(got.at(-1) ?? 0) }));
          const wanted = Math.min(got.length + count, visible().length);
          while (got.length < wanted) got.push(...ids(await stream.take(1)));
          await stream.cancel();
        };
        const visible = () => ledger.rows.filter((row) => !fix || row.fix === fix).map((row) => row.seq);
        for (const { appends, read } of steps) {
          for (let n = 0; n < appends; n++) append(n % 3 === 2 ? OTHER : FIX);
          await readOn(read);
        }
        await readOn(visible().length);
        expect(got).toEqual(visible());
      }),
      { numRuns: 60 },
    );
  });
});

describe('a stream', () => {
  test('goes on when no hint of an append comes', async () => {
    const ledger = memoryFeed({ quiet: true });
    const { open, append } = setUp({ streams: { ...CALM, pollMs: 2 } }, ledger);
    const stream = readStream(await open());
    await stream.next();
    append(FIX);
    expect(ids(await stream.take(1))).toEqual([1]);
    await stream.cancel();
  });

  test('sends heartbeats, also while others are busy', async () => {
    const { open, append } = setUp({ streams: { ...CALM, heartbeatMs: 3 } });
    const stream = readStream(await open(`?fix=${FIX}`));
    await stream.next();
    for (let beats = 0; beats < 3; beats++) {
      append(OTHER);
      expect(await stream.next()).toEqual({ comment: 'heartbeat' });
    }
    await stream.cancel();
  });

  test('ends when its token is revoked or its person has no role any more', async () => {
    for (const left of [undefined, { name: 'kato', roles: [] }]) {
      let now = TOKENS['token-viewer'];
      const desk = memoryDesk({ person: async () => now });
      const stream = readStream(await setUp({ desk, streams: { ...CALM, heartbeatMs: 2 } }).open());
      await stream.next();
      now = left;
      let last = await stream.next();
      while (last) last = await stream.next();
      expect(last).toBeUndefined();
    }
  });

  test('ends when the server stops', async () => {
    const stop = new AbortController();
    const stream = readStream(await setUp().open('', {}, { stopping: stop.signal }));
    await stream.next();
    stop.abort();
    expect(await stream.next()).toBeUndefined();
  });

  test('ends when the ledger cannot be read, and the log says why', async () => {
    const ledger = memoryFeed();
    const { log, lines } = memoryLog();
    const { open, append } = setUp({ log }, ledger);
    const stream = readStream(await open());
    await stream.next();
    ledger.feed.since = async () => {
      throw new Error('connection lost');
    };
    append(FIX);
    expect(await stream.next()).toBeUndefined();
    expect(JSON.stringify(lines)).toContain('connection lost');
  });

  test('that its reader leaves while a frame is made ends without a word in the log', async () => {
    const asked = Promise.withResolvers<void>();
    const made = Promise.withResolvers<[typeof EXAMPLES.overview]>();
    const desk = memoryDesk({
      fixes: () => {
        asked.resolve();
        return made.promise;
      },
    });
    const { log, lines } = memoryLog();
    const reader = (await setUp({ desk, log }).open()).body!.getReader();
    await reader.read();
    const read = reader.read();
    await asked.promise;
    const left = reader.cancel();
    made.resolve([EXAMPLES.overview]);
    await left;
    expect(await read).toMatchObject({ done: true });
    expect(lines.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  test('is one of a limited number, and its place is free once it ends', async () => {
    const { open } = setUp({ streams: { ...CALM, streamsMax: 2 } });
    const [first, second] = [readStream(await open()), readStream(await open())];
    const refused = await open();
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).not.toBeNull();
    expect(await refused.json()).toMatchObject({ code: 'too-many-streams' });
    await first.cancel();
    const third = await open();
    expect(third.status).toBe(200);
    await Promise.all([second.cancel(), readStream(third).cancel()]);
  });

  test('that is only asked for by its head takes no place', async () => {
    const metrics = createMetrics({ version: 'x' });
    const api = createApi(memoryParts({ metrics, streams: CALM }));
    const response = await api.request('/api/events', { method: 'HEAD', headers: as('token-viewer') });
    expect(response.status).toBe(200);
    expect((await metrics.text()).body).toContain('fleetfix_event_streams 0');
  });

  test('is counted while it is open', async () => {
    const metrics = createMetrics({ version: 'x' });
    const stream = readStream(await setUp({ metrics }).open());
    await stream.next();
    expect((await metrics.text()).body).toContain('fleetfix_event_streams 1');
    await stream.cancel();
    expect((await metrics.text()).body).toContain('fleetfix_event_streams 0');
  });
});

test('many readers share one look at the ledger, and none is left when they go', async () => {
  const ledger = memoryFeed();
  const { open, append } = setUp({}, ledger);
  const streams = await Promise.all(Array.from({ length: 20 }, async () => readStream(await open())));
  await Promise.all(streams.map((stream) => stream.next()));
  append(FIX);
  await Promise.all(streams.map((stream) => stream.take(2)));
  const before = ledger.reads.length;
  for (let n = 0; n < 10; n++) append(FIX);
  const told = await Promise.all(streams.map((stream) => stream.take(11)));
  for (const one of told) expect(ids(one)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(ledger.reads.length - before).toBeLessThan(10);
  expect(ledger.listeners.size).toBe(1);
  await Promise.all(streams.map((stream) => stream.cancel()));
  expect(ledger.listeners.size).toBe(0);
});
