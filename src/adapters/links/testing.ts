import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type LinksConfig, linksSchema } from '../../wire/closing.ts';

type Respond = (request: IncomingMessage, response: ServerResponse) => void;

/** A web server on this machine that answers by path; `asked` is every request that came. */
export async function loopbackWeb(paths: Readonly<Record<string, string | Respond>>) {
  const asked: { readonly path: string; readonly headers: IncomingMessage['headers'] }[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    asked.push({ path, headers: request.headers });
    const answer = Object.hasOwn(paths, path) ? paths[path] : undefined;
    if (typeof answer === 'function') return answer(request, response);
    if (answer === undefined) response.writeHead(404);
    response.end(answer ?? '{"message":"Not Found"}');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const here: LinksConfig = linksSchema.parse({
    hosts: [host],
    inside: [host],
    plainHttp: [host],
    github: { [host]: `http://${host}/api/v3` },
  });
  return {
    host,
    asked,
    /** Allows this server, on loopback and without TLS, with its own API of GitHub. */
    config: here,
    url: (path: string) => `http://${host}${path}`,
    close: () =>
      new Promise<void>((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

/** What `GET /repos/{owner}/{repo}/pulls/{pull_number}` answers, as GitHub documents it, cut to what matters and more. */
export const pullAnswer = (it: {
  readonly repository: string;
  readonly number: number;
  readonly merged: boolean;
  readonly commit: string | null;
  readonly commits: number;
}): string =>
  JSON.stringify({
    url: `https://api.github.com/repos/${it.repository}/pulls/${it.number}`,
    id: 1,
    number: it.number,
    state: it.merged ? 'closed' : 'open',
    locked: false,
    title: 'Amazing new feature',
    user: { login: 'octocat', id: 1, type: 'User' },
    merged_at: it.merged ? '2026-11-26T19:01:12Z' : null,
    merge_commit_sha: it.commit,
    head: { label: 'octocat:new-topic', ref: 'new-topic', sha: '6'.repeat(40) },
    base: {
      label: 'octocat:main',
      ref: 'main',
      sha: '5'.repeat(40),
      repo: { id: 1296269, name: it.repository.split('/')[1], full_name: it.repository },
    },
    merged: it.merged,
    mergeable: it.merged ? null : true,
    mergeable_state: 'clean',
    comments: 10,
    commits: it.commits,
  });
