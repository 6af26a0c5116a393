import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode, misuse } from '../exit.ts';

export type ApiInput = {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly ifMatch?: string;
};

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** One raw call with the login's token: the answer goes to stdout as it is. `--body -` reads it from stdin. */
export async function api(context: Context, input: ApiInput): Promise<ExitCode> {
  const method = input.method.toUpperCase();
  if (!METHODS.includes(method))
    throw misuse(`method ${input.method}: expected one of ${METHODS.join(', ')}`);
  if (!/^\/(?!\/)/.test(input.path))
    throw misuse(`path ${input.path}: expected one like /fixes or /api/fixes`);
  const path = /^\/(api\/|openapi|healthz|readyz|metrics)/.test(input.path)
    ? input.path
    : `/api${input.path}`;
  const body = input.body === '-' ? await readAll(context.io.stdin) : input.body;
  const response = await context.client.raw(method, path, {
    headers: {
      accept: '*/*',
      ...(method === 'GET' ? {} : { 'idempotency-key': randomUUID() }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(input.ifMatch ? { 'if-match': `"${input.ifMatch.replaceAll('"', '')}"` } : {}),
    },
    ...(body === undefined ? {} : { body }),
  });
  if (response.body) await pipeline(Readable.fromWeb(response.body), context.io.stdout, { end: false });
  return EXIT.done;
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}
