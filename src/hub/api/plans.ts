import { createRoute, z } from '@hono/zod-openapi';
import { SELECTOR_KEYS, type Selector } from '../../core/fleet/selector.ts';
import { harmBudgetSchema, paceSchema } from '../../wire/config.ts';
import { paceOf } from '../../wire/config-facts.ts';
import { planIdSchema } from '../../wire/ids.ts';
import { ForecastAnswer, Plan, TriedPace } from './answers.ts';
import type { Api, ApiParts } from './context.ts';
import { granted } from './fault.ts';
import { fixParams, json, problems } from './route.ts';

const value = z.string().min(1).max(255);
const selector = z.partialRecord(z.enum(SELECTOR_KEYS), z.union([value, z.array(value).max(1_000)]));
const body = z
  .strictObject({ exclude: selector.optional(), budget: harmBudgetSchema.optional() })
  .openapi('PlanRequest');

const make = createRoute({
  method: 'post',
  path: '/api/fixes/{id}/plan',
  operationId: 'makePlan',
  tags: ['plans'],
  summary: 'A plan of the delivery as the fleet is now. Changes no fix; approve and start name it by its id',
  request: { params: fixParams, body: { content: { 'application/json': { schema: body } } } },
  responses: {
    200: json('The plan', Plan),
    ...problems('fix-unknown', 'wrong-state', 'gate-not-met', 'invalid', 'too-large'),
  },
});

const read = createRoute({
  method: 'get',
  path: '/api/fixes/{id}/plans/{plan}',
  operationId: 'getPlan',
  tags: ['plans'],
  summary: 'A plan that was made before, and why it may no longer be used',
  request: {
    params: fixParams.extend({ plan: planIdSchema }),
  },
  responses: { 200: json('The plan', Plan), ...problems('fix-unknown', 'plan-unknown') },
});

const foretell = createRoute({
  method: 'get',
  path: '/api/fixes/{id}/plans/{plan}/forecast',
  operationId: 'forecastPlan',
  tags: ['plans'],
  summary: 'What is to be expected of a plan: how long if the fix is good, how many are broken if it is bad',
  request: { params: fixParams.extend({ plan: planIdSchema }) },
  responses: { 200: json('The forecast', ForecastAnswer), ...problems('fix-unknown', 'plan-unknown') },
});

const attempt = createRoute({
  method: 'post',
  path: '/api/fixes/{id}/try',
  operationId: 'tryPace',
  tags: ['plans'],
  summary: 'The rollout of a fix as it was, and as it would have gone under another pace. Changes nothing',
  request: {
    params: fixParams,
    body: {
      content: { 'application/json': { schema: z.strictObject({ pace: paceSchema }).openapi('TryPace') } },
    },
  },
  responses: { 200: json('Both courses', TriedPace), ...problems('fix-unknown', 'wrong-state', 'invalid') },
});

export function plans(api: Api, { desk }: ApiParts): void {
  api.openapi(attempt, async (c) => {
    const pace = paceOf(c.req.valid('json').pace);
    return c.json(granted(await desk.tryPace(c.req.valid('param').id, pace)), 200);
  });
  api.openapi(foretell, async (c) => {
    const { id, plan } = c.req.valid('param');
    return c.json(granted(await desk.forecast(id, plan)), 200);
  });
  api.openapi(make, async (c) => {
    const { exclude, budget } = c.req.valid('json');
    const input = {
      ...(exclude && { exclude: exclude as Selector }),
      ...(budget !== undefined && { budget }),
    };
    return c.json(granted(await desk.plan(c.req.valid('param').id, input)), 200);
  });
  api.openapi(read, async (c) => {
    const { id, plan } = c.req.valid('param');
    return c.json(granted(await desk.planById(id, plan)), 200);
  });
}
