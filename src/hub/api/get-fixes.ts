import { createRoute, z } from '@hono/zod-openapi';
import { FixOverview, itemsOf } from './answers.ts';
import type { Api, ApiParts } from './context.ts';
import { flag, json, problems } from './route.ts';

const route = createRoute({
  method: 'get',
  path: '/api/fixes',
  operationId: 'listFixes',
  tags: ['fixes'],
  summary: 'All fixes, or the open ones',
  request: { query: z.object({ open: flag.optional() }) },
  responses: { 200: json('Fixes as rows', itemsOf(FixOverview)), ...problems() },
});

export function getFixes(api: Api, { desk }: ApiParts): void {
  api.openapi(route, async (c) => {
    const { open } = c.req.valid('query');
    const items = await desk.fixes(c.get('actor'), open === undefined ? {} : { open });
    return c.json({ items }, 200);
  });
}
