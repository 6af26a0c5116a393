// Goal: what is asked once arrives once, on kept connections that break, too: whether to ask again is for who asked to say.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connect, type Kube } from './client.ts';
import { writerOn } from './writer.ts';

const { signal } = new AbortController();
let server: http.Server;
let kube: Kube;
/** Methods of what arrived, in order, and on how many connections. */
let arrived: string[];
let connections: number;
let breaks: 'never' | 'before it answers' | 'in its answer' | 'between';

beforeEach(async () => {
  arrived = [];
  connections = 0;
  breaks = 'never';
  server = http.createServer((request, response) => {
    request.resume().on('end', () => {
      arrived.push(request.method!);
      if (breaks === 'before it answers') return void request.socket.destroy();
      if (breaks === 'in its answer') {
        response.writeHead(200, { 'content-length': 100 });
        response.write('{', () => request.socket.destroy());
        return;
      }
      response.end('{}');
      if (breaks === 'between') response.on('finish', () => request.socket.destroySoon());
    });
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  kube = connect({ server: `http://127.0.0.1:${port}`, options: async () => ({}), renew: () => {} });
});
afterEach(async () => {
  kube.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const patch = () =>
  writerOn(kube, 'fleetfix').patch({ path: '/x', how: 'merge', object: { a: 1 }, dryRun: false }, signal);

test('one write after the other goes over one connection', async () => {
  for (let n = 0; n < 5; n += 1) expect(await patch()).toMatchObject({ outcome: 'done' });
  expect([arrived.length, connections]).toEqual([5, 1]);
});

test.each([['before it answers'], ['in its answer']] as const)(
  'a write on a kept connection that breaks %s arrived once, and whether it was carried out is not known',
  async (when) => {
    await patch();
    breaks = when;
    expect(await patch()).toMatchObject({ outcome: 'away', because: expect.stringMatching(/^PATCH \/x: /) });
    breaks = 'never';
    expect(await patch()).toMatchObject({ outcome: 'done' });
    expect(arrived).toEqual(['PATCH', 'PATCH', 'PATCH']);
  },
);

test('what is said to have been done arrived once, when the server closes each connection after its answer, too', async () => {
  breaks = 'between';
  let done = 0;
  for (let n = 0; n < 50; n += 1) if ((await patch()).outcome === 'done') done += 1;
  expect(done).toBeGreaterThan(0);
  expect(arrived.length).toBeGreaterThanOrEqual(done);
  expect(arrived.length).toBeLessThanOrEqual(50);
});
