import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createApi } from './app.ts';
import { EXAMPLES } from './examples.ts';
import { as, memoryDesk, memoryFeed, memoryParts } from './memory-desk.ts';
import { readStream } from './read-stream.ts';
import { type Listening, listen } from './serve.ts';

const viewer = as('token-viewer');
const open: Listening[] = [];
const serve = async (parts = memoryParts(), graceMs = 10_000) => {
  const listening = await listen(createApi(parts), { host: '127.0.0.1', port: 0, graceMs });
  open.push(listening);
  return listening;
};
afterEach(() => Promise.all(open.splice(0).map((listening) => listening.close())));

/** A desk whose list of fixes waits to be let go. */
function slowDesk() {
  const asked = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const desk = memoryDesk({
    fixes: async () => {
      asked.resolve();
      await go.promise;
      return [EXAMPLES.overview];
    },
  });
  return { desk, asked: asked.promise, go: () => go.resolve() };
}

describe('a server', () => {
  test('answers at its address', async () => {
    const { url } = await serve();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const response = await fetch(`${url}/api/fixes`, { headers: viewer });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ items: [{ id: 'FIX-128' }] });
  });

  test('says so when its address is taken', async () => {
    const { url } = await serve();
    const port = Number(new URL(url).port);
    await expect(listen(createApi(memoryParts()), { host: '127.0.0.1', port })).rejects.toThrow('EADDRINUSE');
  });

  test('refuses a body that is too large without reading it all', async () => {
    const { url } = await serve();
    const response = await fetch(`${url}/api/people`, {
      method: 'POST',
      headers: as('token-admin', { 'content-type': 'application/json' }),
      body: 'x'.repeat(1024 * 1024 + 1),
    });
    expect(response.status).toBe(413);
  });

  test('takes a body that is allowed', async () => {
    const { url } = await serve();
    const response = await fetch(`${url}/api/people`, {
      method: 'POST',
      headers: as('token-admin', { 'content-type': 'application/json' }),
      body: JSON.stringify({ name: 'lchen', roles: ['qe'] }),
    });
    expect(response.status).toBe(201);
  });

  test('streams events as they come, and frees the place of a reader that went away', async () => {
    const ledger = memoryFeed();
    const { url } = await serve(memoryParts({ feed: ledger.feed }));
    const away = new AbortController();
    const response = await fetch(`${url}/api/events`, { headers: viewer, signal: away.signal });
    const stream = readStream(response);
    expect((await stream.next())?.event).toBe('snapshot');
    ledger.append('FIX-128');
    expect((await stream.take(1))[0]?.id).toBe('1');
    const left = Promise.withResolvers<void>();
    ledger.listeners.delete = (listener) => {
      left.resolve();
      return Set.prototype.delete.call(ledger.listeners, listener);
    };
    away.abort();
    await left.promise;
    expect(ledger.listeners.size).toBe(0);
  });
});

describe('a server that stops', () => {
  test('lets running requests finish and takes no new connection', async () => {
    const slow = slowDesk();
    const { url, close } = await serve(memoryParts({ desk: slow.desk }));
    const running = fetch(`${url}/api/fixes`, { headers: viewer });
    await slow.asked;
    const closed = close();
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    slow.go();
    const response = await running;
    expect(response.status).toBe(200);
    expect(response.headers.get('connection')).toBe('close');
    await closed;
  });

  test('ends its streams', async () => {
    const { url, close } = await serve();
    const stream = readStream(await fetch(`${url}/api/events`, { headers: viewer }));
    await stream.next();
    const closed = close();
    expect(await stream.next()).toBeUndefined();
    await closed;
  });

  test('cuts off what does not finish in time', async () => {
    const slow = slowDesk();
    const { url, close } = await serve(memoryParts({ desk: slow.desk }), 20);
    const running = fetch(`${url}/api/fixes`, { headers: viewer });
    const cut = expect(running).rejects.toThrow();
    await slow.asked;
    await close();
    await cut;
    slow.go();
  });

  test('does not wait for connections that nobody uses', async () => {
    const { url, close } = await serve();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    await (await fetch(`${url}/healthz`)).text();
    const ended = new Promise((resolve) => socket.once('close', resolve));
    await close();
    await ended;
  });

  test('may be told twice', async () => {
    const { close } = await serve();
    await Promise.all([close(), close()]);
  });
});
