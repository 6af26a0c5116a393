import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseEvents } from './events.ts';

async function read(chunks: readonly Uint8Array[]) {
  const events = [];
  const source = async function* () {
    yield* chunks;
  };
  for await (const event of parseEvents(source())) events.push(event);
  return events;
}

const bytes = (text: string) => new TextEncoder().encode(text);

test('names, ids and data of several lines are read; heartbeats are not events', async () => {
  const text = ': hello\n\nid: 7\nevent: event\ndata: {"a":\ndata: 1}\n\ndata: bare\r\n\r\nevent: cut';
  expect(await read([bytes(text)])).toEqual([
    { event: 'event', data: '{"a":\n1}', id: '7' },
    { event: 'message', data: 'bare' },
  ]);
});

test('where the network cuts the stream makes no difference', async () => {
  const whole = bytes(
    'id: 1\r\nevent: changed\r\ndata: "ä→"\r\n\r\n: x\n\ndata: two\n\nid: 3\ndata: end\n\n',
  );
  const expected = await read([whole]);
  expect(expected).toHaveLength(3);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 8 }), async (places) => {
      const cuts = [0, ...places.sort((a, b) => a - b), whole.length];
      const chunks = cuts.slice(1).map((end, i) => whole.subarray(cuts[i], end));
      expect(await read(chunks)).toEqual(expected);
    }),
  );
});
