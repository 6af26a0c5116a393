import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiParts } from './context.ts';
import { granted } from './fault.ts';
import { fixParams, problems, raw } from './route.ts';

const route = createRoute({
  method: 'get',
  path: '/api/fixes/{id}/export',
  operationId: 'exportFix',
  tags: ['record'],
  summary: 'The whole record of a fix, one JSON value a line',
  request: { params: fixParams },
  responses: { 200: raw('JSON lines', 'application/jsonl'), ...problems('fix-unknown') },
});

export function getExport(api: Api, { desk }: ApiParts): void {
  api.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const lines = granted(await desk.exportFix(id));
    return c.body(ReadableStream.from(encoded(lines)), 200, {
      'content-type': 'application/jsonl',
      'content-disposition': `attachment; filename="${id}.jsonl"`,
    });
  });
}

/** Lines as bytes, each with its end. Read only as fast as the client takes them. */
async function* encoded(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  for await (const line of lines) yield encoder.encode(line.endsWith('\n') ? line : `${line}\n`);
}
