import { createRoute, z } from '@hono/zod-openapi';
import { fixIdSchema } from '../../wire/ids.ts';
import { createStreams } from '../sse.ts';
import type { Api, ApiParts } from './context.ts';
import { Fault, granted } from './fault.ts';
import { problems, raw } from './route.ts';

const seq = z.string().regex(/^\d{1,15}$/, 'expected the number of an event');

const route = createRoute({
  method: 'get',
  path: '/api/events',
  operationId: 'streamEvents',
  tags: ['record'],
  summary: 'Server-sent events: snapshot, event, changed, reset; ids are places in the ledger',
  description: [
    'A new reader first gets `snapshot` (the fix with `?fix`, else the open fixes as `items`), then one `event`',
    'for each row of the ledger and `changed` with the version of each fix that moved. A reader that names the',
    'last id it has, by Last-Event-ID or `?since`, goes on behind it. `reset` means that too much was missed:',
    'a new snapshot follows. A comment is sent every 15 seconds.',
  ].join(' '),
  request: {
    query: z.object({ fix: fixIdSchema.optional(), since: seq.optional() }),
    headers: z.object({ 'Last-Event-ID': seq.optional() }),
  },
  responses: {
    200: raw('The stream', 'text/event-stream'),
    ...problems('fix-unknown', 'too-many-streams'),
  },
});

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // Proxies that gather answers would hold events back.
  'x-accel-buffering': 'no',
};

export function getEvents(api: Api, { desk, feed, metrics, log, streams: settings }: ApiParts): void {
  const streams = createStreams({
    feed,
    ...(settings && { settings }),
    opened: metrics.streamOpened,
    closed: metrics.streamClosed,
    failed: (problem) => log.warn({ because: String(problem) }, 'a stream of events ended early'),
  });

  api.openapi(route, async (c) => {
    const { fix, since } = c.req.valid('query');
    // The browser repeats the address when it reconnects, so the newer word is the header's.
    const last = c.req.valid('header')['Last-Event-ID'] ?? since;
    const actor = c.get('actor');
    const snapshot = async () =>
      fix === undefined
        ? { items: await desk.fixes(actor, { open: true }) }
        : granted(await desk.fix(fix, actor));
    if (fix !== undefined) granted(await desk.fix(fix, actor));
    if (c.req.method === 'HEAD') return c.body(null, 200, HEADERS);
    const stopping = c.env?.stopping;
    const stream = streams.open({
      ...(fix !== undefined && { fix }),
      ...(last !== undefined && { since: Number(last) }),
      snapshot,
      allowed: async () => ((await desk.person(c.get('token')))?.roles.length ?? 0) > 0,
      signals: stopping ? [stopping] : [],
    });
    if (!stream) {
      const detail = 'this hub has as many open streams as it takes; close one or ask again later';
      throw new Fault({ code: 'too-many-streams', detail });
    }
    return c.body(stream, 200, HEADERS);
  });
}
