import type { IncomingMessage } from 'node:http';
import { LinkProblem, type PageSeen } from '../../ports/links.ts';

/** Which of the texts a document holds; read in pieces, and no further than needed. Throws a `LinkProblem`. */
export async function readPage(
  answer: IncomingMessage,
  host: string,
  { seek, bytesMax }: { readonly seek: readonly string[]; readonly bytesMax: number },
): Promise<PageSeen> {
  const status = answer.statusCode ?? 0;
  if (status < 200 || status >= 300) throw notThere(host, status);
  const wanted = new Map(seek.map((text) => [text.toLowerCase(), text]));
  const holds = new Set<string>();
  const longest = Math.max(0, ...[...wanted.keys()].map(({ length }) => length));
  let tail = '';
  // An address that answers has answered; only what is to be found in it is read.
  if (wanted.size > 0)
    for await (const piece of pieces(answer, host, bytesMax)) {
      const text = tail + piece.toString('latin1').toLowerCase();
      for (const [lower, one] of wanted) if (text.includes(lower)) holds.add(one);
      if (holds.size === wanted.size) break;
      // A text may lie across two pieces.
      tail = text.slice(-Math.max(1, longest - 1));
    }
  return { status, holds: seek.filter((text) => holds.has(text)) };
}

/** A body as JSON. Throws a `LinkProblem`. */
export async function readJson(answer: IncomingMessage, host: string, bytesMax: number): Promise<unknown> {
  const status = answer.statusCode ?? 0;
  if (status !== 200) throw notThere(host, status);
  const all: Buffer[] = [];
  for await (const piece of pieces(answer, host, bytesMax)) all.push(piece);
  try {
    return JSON.parse(Buffer.concat(all).toString('utf8'));
  } catch {
    throw new LinkProblem('content', `${host} answers with what is no JSON`, 'check links.github', status);
  }
}

/** A body in pieces, up to a size, whatever length it claims. */
async function* pieces(answer: IncomingMessage, host: string, bytesMax: number): AsyncGenerator<Buffer> {
  const encoding = answer.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    throw new LinkProblem(
      'content',
      `${host} answers in ${encoding.slice(0, 40)}, which is not asked for`,
      'tell who runs it',
    );
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > bytesMax)
      throw new LinkProblem(
        'content',
        `${host} answers with more than ${bytesMax} bytes, the most that is read`,
        'show a shorter document that says the same',
        answer.statusCode,
      );
    yield piece;
  }
}

const NEXTS: Readonly<Record<number, string>> = {
  401: 'give the hub a token for it: links: { tokens: { HOST: FILE } }',
  403: 'give the hub a token that may read it: links: { tokens: { HOST: FILE } }',
  404: 'check the address; what needs a login is hidden from the hub without a token (links.tokens)',
  429: 'it was asked too often: have it looked at again later',
};

const notThere = (host: string, status: number): LinkProblem =>
  new LinkProblem('missing', `${host} answers ${status}`, NEXTS[status] ?? 'check the address', status);
