// Between a test and a real API server: passes everything on, and misbehaves as it is told.
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';

/** What happens to a request instead of its answer; `undefined`: it is passed on. */
export type Mood =
  | { readonly do: 'answer'; readonly status: number; readonly retryAfter?: number }
  | { readonly do: 'hang up' }
  /** Passed on and carried out, but the answer is lost. */
  | { readonly do: 'lose the answer' }
  | { readonly do: 'wait'; readonly ms: number };

export type Request = { readonly method: string; readonly path: string; readonly watch: boolean };

export type Between = {
  readonly url: string;
  /** Everything that was asked, in order. */
  readonly asked: Request[];
  /** Decides for every request from now on. */
  mood: (request: Request) => Mood | undefined;
  /** Ends all running watches, as a server does that restarts. */
  cutWatches(): void;
  close(): Promise<void>;
};

export async function between(to: {
  readonly url: string;
  readonly ca: string;
  readonly token: string;
}): Promise<Between> {
  const asked: Request[] = [];
  const watches = new Set<http.ServerResponse>();
  const agent = new https.Agent({ keepAlive: true, ca: to.ca });
  const server = http.createServer(async (request, response) => {
    const path = request.url ?? '/';
    const what: Request = { method: request.method ?? 'GET', path, watch: path.includes('watch=1') };
    asked.push(what);
    const mood = it.mood(what);
    if (mood?.do === 'hang up') return void request.socket.destroy();
    if (mood?.do === 'answer') {
      request.resume();
      const more = mood.retryAfter === undefined ? {} : { 'retry-after': String(mood.retryAfter) };
      response.writeHead(mood.status, { 'content-type': 'application/json', ...more });
      return void response.end(
        JSON.stringify({ kind: 'Status', code: mood.status, message: 'as the test says' }),
      );
    }
    if (mood?.do === 'wait') await new Promise((resolve) => setTimeout(resolve, mood.ms));
    const headers = { ...request.headers, authorization: `Bearer ${to.token}` };
    delete headers.host;
    const onward = https.request(new URL(path, to.url), { agent, method: what.method, headers }, (answer) => {
      if (mood?.do === 'lose the answer') {
        answer.resume().on('end', () => request.socket.destroy());
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      if (what.watch) watches.add(response);
      response.on('close', () => {
        watches.delete(response);
        onward.destroy();
      });
      answer.on('error', () => response.destroy()).pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const it: Between = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    mood: () => undefined,
    cutWatches: () => {
      for (const watch of watches) watch.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return it;
}
