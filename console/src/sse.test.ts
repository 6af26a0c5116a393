import { expect, test } from 'vitest';
import { sseReader } from './sse.ts';

const whole =
  'event: snapshot\ndata: {"a":1}\n\n: heartbeat\n\nid: 7\nevent: event\ndata: one\ndata: two\n\n';
const messages = [
  { event: 'snapshot', data: '{"a":1}' },
  { event: 'event', data: 'one\ntwo', id: '7' },
];

test('a stream reads the same wherever the network cuts it', () => {
  for (let cut = 0; cut <= whole.length; cut++) {
    const read = sseReader();
    expect([...read(whole.slice(0, cut)), ...read(whole.slice(cut))]).toEqual(messages);
  }
});

test('lines may end in CR LF', () => {
  const read = sseReader();
  expect([...whole.replaceAll('\n', '\r\n')].flatMap((piece) => read(piece))).toEqual(messages);
});

test('a message that was cut off is not delivered', () => {
  expect(sseReader()('event: changed\ndata: {"fix":"FIX-1"}\n')).toEqual([]);
});
