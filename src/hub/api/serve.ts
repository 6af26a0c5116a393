import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Ms } from '../../core/base/instant.ts';
import type { Api } from './context.ts';

export type Listening = {
  /** `http://127.0.0.1:8470`, with the port that was given when 0 was asked for. */
  readonly url: string;
  /** Takes no new connection, ends streams, lets running requests finish, then resolves. May be called twice. */
  close(): Promise<void>;
};

/** Requests that run longer than this after a stop are cut off. */
const GRACE_MS: Ms = 10_000;

/**
 * Serves the API. Rejects when the address cannot be had. Stopping is told to streams through
 * `env.stopping`, so that they end by themselves and their readers reconnect elsewhere.
 */
export async function listen(
  app: Api,
  at: { readonly host: string; readonly port: number; readonly graceMs?: Ms },
): Promise<Listening> {
  const stopping = new AbortController();
  const server = createAdaptorServer({
    fetch: async (request: Request, env: object) => {
      const response = await app.fetch(request, { ...env, stopping: stopping.signal });
      // A connection that is kept alive would outlive the stop.
      if (stopping.signal.aborted) response.headers.set('connection', 'close');
      return response;
    },
    serverOptions: { requestTimeout: 30_000, headersTimeout: 15_000 },
  }) as Server;
  const closeIdle = watchIdle(server, stopping.signal);
  await begin(server, at);
  const { port } = server.address() as AddressInfo;
  const host = at.host.includes(':') ? `[${at.host}]` : at.host;
  let closed: Promise<void> | undefined;
  return {
    url: `http://${host}:${port}`,
    close() {
      closed ??= end({ server, stopping, closeIdle, graceMs: at.graceMs ?? GRACE_MS });
      return closed;
    },
  };
}

function begin(server: Server, at: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/**
 * Knows which connections carry no request, and returns how to close them. Node's own
 * `closeIdleConnections` passes over those that never carried one, and browsers open such ahead of need.
 */
function watchIdle(server: Server, stopping: AbortSignal): () => void {
  const idle = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    idle.add(socket);
    socket.once('close', () => idle.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    idle.delete(socket);
    response.once('close', () => {
      if (stopping.aborted) socket.end();
      else if (!socket.destroyed) idle.add(socket);
    });
  });
  return () => {
    for (const socket of idle) socket.destroy();
  };
}

async function end(work: {
  readonly server: Server;
  readonly stopping: AbortController;
  readonly closeIdle: () => void;
  readonly graceMs: Ms;
}): Promise<void> {
  const cutOff = setTimeout(() => work.server.closeAllConnections(), work.graceMs);
  await new Promise<void>((resolve) => {
    work.server.close(() => resolve());
    work.stopping.abort();
    work.closeIdle();
  });
  clearTimeout(cutOff);
}
