import { createRoute } from '@hono/zod-openapi';
import type { DeclareRequest } from '../../wire/api.ts';
import { ActedAnswer, Declaration } from './answers.ts';
import { actHeaders, actQuery, askingOf } from './asking.ts';
import type { Api, ApiParts } from './context.ts';
import { granted } from './fault.ts';
import { json, problems } from './route.ts';

const route = createRoute({
  method: 'post',
  path: '/api/fixes',
  operationId: 'declareFix',
  tags: ['acts'],
  summary: 'Declares a fix; assembly and build start at once',
  request: {
    query: actQuery,
    headers: actHeaders,
    body: { required: true, content: { 'application/json': { schema: Declaration } } },
  },
  responses: {
    200: json('Declared before with the same key, or a dry run', ActedAnswer),
    201: {
      ...json('Declared', ActedAnswer),
      headers: { Location: { schema: { type: 'string' as const }, description: 'Where the fix is' } },
    },
    ...problems('key-missing', 'key-reused', 'not-allowed', 'invalid', 'source-problem', 'too-large'),
  },
});

export function postFixes(api: Api, { desk }: ApiParts): void {
  api.openapi(route, async (c) => {
    const { dryRun } = c.req.valid('query');
    const asking = askingOf(c, c.req.valid('header'), { dryRun });
    // JSON cannot say undefined, so no optional member is ever there without a value.
    const acted = granted(await desk.declare(c.req.valid('json') as DeclareRequest, asking));
    if (asking.dryRun) return c.json(acted, 200);
    const headers = { location: `/api/fixes/${acted.fix}`, etag: `"${acted.version}"` };
    return acted.alreadyDoneAt === undefined ? c.json(acted, 201, headers) : c.json(acted, 200, headers);
  });
}
