import type { Ms } from '../../core/base/instant.ts';
import { fail, ok, type Result } from '../../core/base/result.ts';
import { httpsHost } from '../../wire/roster.ts';

export type Reach = {
  readonly fetch: typeof fetch;
  /** The only hosts that are asked. */
  readonly hosts: readonly string[];
  readonly bytesMax: number;
  readonly timeoutMs: Ms;
};

const REDIRECTS_MAX = 3;

/**
 * Fetches a calendar over https. Redirects are followed on the same host only. An address can be a secret (many
 * calendars have one for a password), so messages name its host and nothing else of it.
 */
export async function fetchCalendar(address: string, reach: Reach): Promise<Result<Buffer, string>> {
  const host = httpsHost(address);
  if (host === undefined) return fail('its address is not allowed: expected https, without a password in it');
  if (!reach.hosts.includes(host))
    return fail(
      `${host} is not allowed: expected one of hosts (${reach.hosts.join(', ') || 'there are none'})`,
    );
  const signal = AbortSignal.timeout(reach.timeoutMs);
  try {
    return await followed(new URL(address), { ...reach, signal });
  } catch (problem) {
    if (signal.aborted) return fail(`${host} took longer than ${reach.timeoutMs / 1_000} s`);
    return fail(`${host} cannot be reached: ${causeOf(problem)}`);
  }
}

async function followed(first: URL, reach: Reach & { readonly signal: AbortSignal }) {
  let url = first;
  for (let hop = 0; hop <= REDIRECTS_MAX; hop += 1) {
    const answer = await reach.fetch(url, {
      headers: { accept: 'text/calendar' },
      redirect: 'manual',
      signal: reach.signal,
    });
    const location = answer.headers.get('location');
    const isRedirect = answer.status >= 300 && answer.status < 400 && location !== null;
    if (!isRedirect) return await bodyOf(answer, first.host, reach);
    await answer.body?.cancel();
    const to = URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
    if (to === undefined || httpsHost(to.href) !== first.host)
      return fail(
        `${first.host} sends on to ${to ? `${to.protocol}//${to.host}` : 'no address'}: expected https on the same host; name the new address`,
      );
    url = to;
  }
  return fail(`${first.host} sends on more than ${REDIRECTS_MAX} times`);
}

async function bodyOf(
  answer: Response,
  host: string,
  { bytesMax, signal }: Reach & { readonly signal: AbortSignal },
): Promise<Result<Buffer, string>> {
  const tooLong = () => fail(`${host} answers with more than ${bytesMax} bytes, the most that is read`);
  if (answer.status !== 200) {
    await answer.body?.cancel();
    const next = [401, 403, 404, 410].includes(answer.status) ? '; its address may have been withdrawn' : '';
    return fail(`${host} answers ${answer.status}${next}`);
  }
  if (Number(answer.headers.get('content-length') ?? 0) > bytesMax) {
    await answer.body?.cancel();
    return tooLong();
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    signal.throwIfAborted();
    size += chunk.length;
    if (size > bytesMax) return tooLong();
    chunks.push(chunk);
  }
  return ok(Buffer.concat(chunks));
}

/** The code of a failed connection; its text may hold the address. */
function causeOf(problem: unknown): string {
  const { cause, name } = problem as { cause?: { code?: unknown }; name?: unknown };
  return String(cause?.code ?? name ?? 'no reason given').slice(0, 80);
}
