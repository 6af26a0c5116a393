import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiParts } from './context.ts';
import { granted } from './fault.ts';
import { fixParams, problems, raw } from './route.ts';

const route = createRoute({
  method: 'get',
  path: '/api/fixes/{id}/logs',
  operationId: 'getLog',
  tags: ['fixes'],
  summary: 'What the build or the gates of a line printed',
  request: {
    params: fixParams,
    query: z.object({ stage: z.enum(['build', 'proof']), line: z.string().min(1).max(255) }),
  },
  responses: { 200: raw('The log', 'text/plain'), ...problems('fix-unknown', 'unknown-line', 'not-found') },
});

export function getLogs(api: Api, { desk }: ApiParts): void {
  api.openapi(route, async (c) => {
    const { stage, line } = c.req.valid('query');
    return c.text(granted(await desk.log(c.req.valid('param').id, stage, line)), 200);
  });
}
