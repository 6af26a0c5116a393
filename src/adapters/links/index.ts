import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Ms } from '../../core/base/instant.ts';
import { LinkProblem, type Links, type PullRequestSeen } from '../../ports/links.ts';
import { type LinksConfig, linksSchema } from '../../wire/closing.ts';
import { type Allowed, allowed, allowedApi } from './allowed.ts';
import { type Asking, ask, type Lookup, systemLookup } from './ask.ts';
import { readJson, readPage } from './read.ts';

export type LinksOptions = {
  readonly lookup?: Lookup;
  readonly timeoutMs?: Ms;
  readonly bytesMax?: number;
};

const TIMEOUT_MS: Ms = 10_000;
const BYTES_MAX = 5 * 1024 * 1024;

/** Looks at links over the network, as the configuration allows; without one nothing is asked. No proxy is used. */
export function createLinks(config: LinksConfig = linksSchema.parse({}), options: LinksOptions = {}): Links {
  const { lookup = systemLookup, timeoutMs = TIMEOUT_MS, bytesMax = BYTES_MAX } = options;
  const asking = async (to: Allowed, accept: string, signal: AbortSignal): Promise<Asking> => ({
    lookup,
    timeoutMs,
    signal,
    headers: {
      accept,
      // What is searched must be readable as it comes.
      'accept-encoding': 'identity',
      'user-agent': 'fleetfix',
      ...(await credentials(to.url.host, config)),
    },
  });
  return {
    async page(address, seek, signal) {
      const to = allowed(address, config);
      const { host } = to.url;
      return await ask(to, await asking(to, '*/*', signal), (answer) =>
        readPage(answer, host, { seek, bytesMax }),
      );
    },
    async pullRequest({ host, repository, number }, signal) {
      const to = allowedApi(host, `/repos/${repository}/pulls/${number}`, config);
      const how = await asking(to, 'application/vnd.github+json', signal);
      const value = await ask(to, how, (answer) => readJson(answer, to.url.host, bytesMax));
      return pullSeen(value, to.url.host);
    },
  };
}

/** The token of a host, read anew each time: it may have been changed. It goes to that host and nowhere else. */
async function credentials(host: string, { tokens }: LinksConfig): Promise<Record<string, string>> {
  const file = Object.hasOwn(tokens, host) ? tokens[host] : undefined;
  if (file === undefined) return {};
  const token = await readFile(file, 'utf8').then(
    (text) => text.trim(),
    (problem: NodeJS.ErrnoException) => {
      throw badToken(host, `cannot be read (${problem.code ?? 'no reason given'})`);
    },
  );
  if (!/^[\x21-\x7e]{1,4096}$/.test(token)) throw badToken(host, 'is not one line of printable characters');
  return { authorization: `Bearer ${token}` };
}

const badToken = (host: string, what: string): LinkProblem =>
  new LinkProblem(
    'refused',
    `the file with the token for ${host} ${what}`,
    `look at links.tokens.${host} in the hub's configuration`,
  );

const commit = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/);

/** What is read of `GET /repos/{owner}/{repo}/pulls/{pull_number}`, version 2022-11-28. */
const pullSchema = z.object({
  state: z.enum(['open', 'closed']),
  merged: z.boolean(),
  merge_commit_sha: commit.nullish(),
  commits: z.number().int().min(0),
  base: z.object({ ref: z.string().min(1), repo: z.object({ full_name: z.string().min(1) }) }),
});

function pullSeen(value: unknown, host: string): PullRequestSeen {
  const parsed = pullSchema.safeParse(value);
  if (!parsed.success)
    throw new LinkProblem('content', `${host} answers with what is no pull request`, 'check links.github');
  const { state, merged, merge_commit_sha: as, base, commits } = parsed.data;
  return {
    repository: base.repo.full_name,
    merged,
    state,
    // Of one that is open it is a merge that was only tried.
    ...(merged && as != null && { commit: as }),
    branch: base.ref,
    commits,
  };
}
