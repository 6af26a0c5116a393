import http, { type IncomingMessage } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import type { Access } from './access.ts';

export type Question = {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With its query, such as `/api/v1/pods?limit=5`. */
  readonly path: string;
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  readonly accept?: string;
};

/** An answer of the API server, whatever its status. `retryAfterMs`: it asks to be left alone for so long. */
export type Answer = { readonly status: number; readonly body: unknown; readonly retryAfterMs?: number };

/** The API server refused, or what it said could not be understood. 0: it was not reached. */
export class ApiProblem extends Error {
  override name = 'ApiProblem';
  readonly status: number;
  readonly retryAfterMs: number | undefined;

  constructor(text: string, status: number, retryAfterMs?: number) {
    super(text);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

export type Kube = {
  /** One request, answered whole. Throws ApiProblem when there was no answer. */
  ask(question: Question, signal: AbortSignal): Promise<Answer>;
  /** The lines of an answer as they come; `onOpen` once the first may come. Throws ApiProblem for any status but 200. */
  lines(question: Question, signal: AbortSignal, onOpen?: () => void): AsyncGenerator<unknown, void, void>;
  close(): void;
};

/** Without an answer for so long a request is given up. */
const ANSWER_WITHIN_MS = 60_000;
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** A watch that says nothing, not even a bookmark, for so long is dead: the server sends one every minute. */
const SILENT_WATCH_MS = 150_000;
const LINE_BYTES_MAX = 16 * 1024 * 1024;

type Send = (question: Question, signal: AbortSignal, idleMs: number) => Promise<IncomingMessage>;

/** Asks one API server over kept connections. */
export function connect(access: Access): Kube {
  const secure = access.server.startsWith('https:');
  if (!secure && !isLoopback(access.server))
    throw new ApiProblem(`the API server ${access.server} is not https`, 0);
  const agent = secure
    ? new https.Agent({ keepAlive: true, maxSockets: 16 })
    : new http.Agent({ keepAlive: true, maxSockets: 16 });
  const base = access.server.replace(/\/$/, '');

  const optionsFor = (question: Question) =>
    access.options().catch((problem: Error) => {
      throw notReached(question, problem);
    });
  /** Who is not known was not heard: nothing was done, so the same may be asked with renewed credentials, once. */
  const send: Send = async (question, signal, idleMs) => {
    const refused = await optionsFor(question);
    const response = await sendAs(refused, question, signal, idleMs);
    if (response.statusCode !== 401 || access.renew === undefined) return response;
    access.renew(refused);
    const renewed = await optionsFor(question).catch((problem: Error) => {
      response.destroy();
      throw problem;
    });
    response.resume();
    return await sendAs(renewed, question, signal, idleMs);
  };
  const sendAs = async (
    { headers, agent: _, ...options }: RequestOptions,
    ...[question, signal, idleMs]: Parameters<Send>
  ): Promise<IncomingMessage> => {
    const body = question.body === undefined ? undefined : JSON.stringify(question.body);
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const request = (secure ? https : http).request(`${base}${question.path}`, {
        ...options,
        agent,
        method: question.method ?? 'GET',
        headers: {
          ...(headers as Record<string, string>),
          accept: question.accept ?? 'application/json',
          ...(body !== undefined && { 'content-type': question.contentType ?? 'application/json' }),
        },
        signal,
      });
      request.setTimeout(idleMs, () =>
        request.destroy(new Error(`nothing was heard for ${idleMs / 1_000} s`)),
      );
      request.on('response', resolve).on('error', (problem) => reject(notReached(question, problem)));
      request.end(body);
    });
  };

  return {
    async ask(question, signal) {
      const response = await send(question, signal, ANSWER_WITHIN_MS);
      const text = await wholeText(response, question);
      return {
        status: response.statusCode ?? 0,
        body: parsed(text),
        ...retryAfter(response),
      };
    },
    async *lines(question, signal, onOpen) {
      const response = await send(question, signal, SILENT_WATCH_MS);
      if (response.statusCode !== 200)
        throw problemOf(question, response, await wholeText(response, question));
      try {
        onOpen?.();
        yield* jsonLines(response);
      } catch (problem) {
        throw problem instanceof ApiProblem ? problem : notReached(question, problem as Error);
      } finally {
        response.destroy();
      }
    },
    close: () => agent.destroy(),
  };
}

/** The body of an answer, for whoever takes nothing but success. Throws ApiProblem with the server's own words. */
export function succeeded<T>(question: Question, answer: Answer): T {
  if (answer.status >= 200 && answer.status < 300) return answer.body as T;
  throw new ApiProblem(refusal(question, answer.status, answer.body), answer.status, answer.retryAfterMs);
}

const isLoopback = (server: string) => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(server).hostname);

const notReached = (question: Question, problem: Error) =>
  new ApiProblem(`${question.method ?? 'GET'} ${pathOf(question)}: ${problem.message}`, 0);

/** A query may hold a long list of names. */
const pathOf = ({ path }: Question) => path.split('?')[0]!;

const refusal = (question: Question, status: number, body: unknown) =>
  `${question.method ?? 'GET'} ${pathOf(question)}: ${status} ${String((body as { message?: string })?.message ?? '').slice(0, 1_000)}`;

const problemOf = (question: Question, response: IncomingMessage, text: string) =>
  new ApiProblem(
    refusal(question, response.statusCode ?? 0, parsed(text)),
    response.statusCode ?? 0,
    retryAfter(response).retryAfterMs,
  );

function retryAfter(response: IncomingMessage): { readonly retryAfterMs?: number } {
  const seconds = Number(response.headers['retry-after']);
  return Number.isFinite(seconds) && seconds >= 0 ? { retryAfterMs: Math.min(seconds, 300) * 1_000 } : {};
}

async function wholeText(response: IncomingMessage, question: Question): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > ANSWER_BYTES_MAX) throw new Error(`the answer is larger than ${ANSWER_BYTES_MAX} bytes`);
      chunks.push(chunk);
    }
  } catch (problem) {
    response.destroy();
    throw notReached(question, problem as Error);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.slice(0, 200) };
  }
}

async function* jsonLines(response: IncomingMessage): AsyncGenerator<unknown, void, void> {
  let rest: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...rest, chunk.subarray(from, end)]).toString('utf8');
      rest = [];
      bytes = 0;
      from = end + 1;
      if (line.trim() !== '') yield JSON.parse(line);
    }
    bytes += chunk.length - from;
    if (bytes > LINE_BYTES_MAX) throw new Error(`one event is larger than ${LINE_BYTES_MAX} bytes`);
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
}
