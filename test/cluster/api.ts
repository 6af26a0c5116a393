import type { IncomingMessage } from 'node:http';
import https from 'node:https';

/** An object of Kubernetes, as JSON. */
// biome-ignore lint/suspicious/noExplicitAny: what a test reads is of any kind; the server has checked its shape.
export type Thing = Record<string, any>;

/** An answer of the API server, whatever its status. */
export type Answer = { readonly status: number; readonly body: Thing };

export type Question = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query, such as `/api/v1/pods?limit=5`. */
  readonly path: string;
  readonly body?: Thing | readonly Thing[];
  /** Default `application/json`; for patches e.g. `application/merge-patch+json`. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

export type WatchEvent = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Thing;
};

/** The API server refused. `status` is its HTTP status, `body` its Status object. */
export class ApiRefusal extends Error {
  override name = 'ApiRefusal';
  readonly status: number;
  readonly body: Thing;

  constructor(question: Question, answer: Answer) {
    super(`${question.method ?? 'GET'} ${question.path}: ${answer.status} ${answer.body.message ?? ''}`);
    this.status = answer.status;
    this.body = answer.body;
  }
}

export type Api = ReturnType<typeof apiOf>;

/** The API server as one identity sees it: by bearer token, or as nobody without one. */
export function apiOf(to: { readonly url: string; readonly ca: string; readonly token?: string }) {
  const agent = new https.Agent({ keepAlive: true, ca: to.ca, maxSockets: 32 });
  const auth = to.token === undefined ? {} : { authorization: `Bearer ${to.token}` };

  const send = (question: Question) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const body = question.body === undefined ? undefined : JSON.stringify(question.body);
      const request = https.request(new URL(question.path, to.url), {
        agent,
        method: question.method ?? 'GET',
        headers: {
          accept: 'application/json',
          ...auth,
          ...(body !== undefined && {
            'content-type': question.contentType ?? 'application/json',
            // Node leaves it out of a DELETE, and the server takes the body for the next request.
            'content-length': Buffer.byteLength(body),
          }),
          ...question.headers,
        },
        ...(question.signal && { signal: question.signal }),
      });
      request.on('response', resolve).on('error', reject).end(body);
    });

  /** The answer, whatever its status; throws only when there is none. */
  async function ask(question: Question): Promise<Answer> {
    return answerIn(await send(question));
  }

  /** The object in the answer; throws `ApiRefusal` for a status of 400 and above. */
  async function must(question: Question): Promise<Thing> {
    const answer = await ask(question);
    if (answer.status >= 400) throw new ApiRefusal(question, answer);
    return answer.body;
  }

  /** What is there as ADDED, then what changes, until the server or `signal` ends it. */
  async function* watch(path: string, signal?: AbortSignal): AsyncGenerator<WatchEvent> {
    const question = { path: `${path}${path.includes('?') ? '&' : '?'}watch=1`, ...(signal && { signal }) };
    const response = await send(question);
    if (response.statusCode !== 200) throw new ApiRefusal(question, await answerIn(response));
    let rest = '';
    for await (const chunk of response.setEncoding('utf8')) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as WatchEvent;
    }
  }

  /**
   * The first object of a collection, with a selector in its query or not, that `holds` says yes to, as soon
   * as there is one; also one that is there already. Throws when the connection ends before.
   */
  async function until(path: string, holds: (it: Thing) => boolean): Promise<Thing> {
    const over = new AbortController();
    try {
      for (;;) {
        for await (const { type, object } of watch(path, over.signal)) {
          if ((type === 'ADDED' || type === 'MODIFIED') && holds(object)) return object;
        }
      }
    } finally {
      over.abort();
    }
  }

  return {
    ask,
    must,
    watch,
    until,
    get: (path: string) => must({ path }),
    create: (collection: string, body: Thing) => must({ method: 'POST', path: collection, body }),
    remove: (path: string) => must({ method: 'DELETE', path }),
    /** Server-side apply; `path` names the object. */
    apply: (path: string, body: Thing, by: { readonly manager: string; readonly force?: boolean }) =>
      must({
        method: 'PATCH',
        path: `${path}?fieldManager=${encodeURIComponent(by.manager)}&force=${by.force ?? false}`,
        body,
        contentType: 'application/apply-patch+yaml',
      }),
    /** Merge patch; a path that ends in `/status` patches the status. */
    merge: (path: string, body: Thing) =>
      must({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json' }),
    /** Closes idle connections, so that a process can end. */
    close: () => agent.destroy(),
  };
}

/** The collection narrowed to the object of this name. */
export const named = (collection: string, name: string): string =>
  `${collection}?fieldSelector=${encodeURIComponent(`metadata.name=${name}`)}`;

async function answerIn(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, body: parse(Buffer.concat(chunks).toString('utf8')) };
}

/** Health endpoints answer in plain words. */
function parse(text: string): Thing {
  try {
    return JSON.parse(text) as Thing;
  } catch {
    return { message: text };
  }
}
