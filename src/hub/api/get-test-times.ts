import { createRoute, z } from '@hono/zod-openapi';
import { TIMES_ORDERS } from '../../core/select/test-times.ts';
import { isTimesCursor, TIMES_CURSOR } from '../../ports/test-times.ts';
import { TimedTests } from './answers.ts';
import type { Api, ApiParts } from './context.ts';
import { granted } from './fault.ts';
import { json, problems } from './route.ts';

const NO_CURSOR = 'expected next of the page before';

const route = createRoute({
  method: 'get',
  path: '/api/test-times',
  operationId: 'listTestTimes',
  tags: ['fleet'],
  summary: "How long the tests of a component took in the gates' latest runs, and how often they failed",
  request: {
    query: z.strictObject({
      component: z.string().min(1).max(255),
      by: z
        .enum(TIMES_ORDERS)
        .default('slowest')
        .openapi({ description: 'slowest or most failing first, or by id: an order that stays.' }),
      limit: z.coerce.number().int().min(1).max(1_000).default(50),
      after: z
        .string()
        .regex(TIMES_CURSOR, { error: NO_CURSOR, abort: true })
        .refine(isTimesCursor, NO_CURSOR)
        .optional()
        .openapi({ description: 'next of the page before, which was by the same order.' }),
    }),
  },
  responses: { 200: json('A page of tests', TimedTests), ...problems('not-found') },
});

export function getTestTimes(api: Api, { desk }: ApiParts): void {
  api.openapi(route, async (c) => {
    const { component, after, ...query } = c.req.valid('query');
    const asked = { ...query, ...(after !== undefined && { after }) };
    return c.json(granted(await desk.testTimes(component, asked)), 200);
  });
}
