import { createRoute } from '@hono/zod-openapi';
import { ReplayedFix } from './answers.ts';
import type { Api, ApiParts } from './context.ts';
import { granted } from './fault.ts';
import { fixParams, json, problems } from './route.ts';

const route = createRoute({
  method: 'get',
  path: '/api/fixes/{id}/replay',
  operationId: 'replay',
  tags: ['record'],
  summary: 'Every decision of a rollout made again from the ledger, and the first that differs',
  request: { params: fixParams },
  responses: { 200: json('What it came to', ReplayedFix), ...problems('fix-unknown') },
});

export function getReplay(api: Api, { desk }: ApiParts): void {
  api.openapi(route, async (c) => c.json(granted(await desk.replay(c.req.valid('param').id)), 200));
}
