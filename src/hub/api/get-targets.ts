import { createRoute, z } from '@hono/zod-openapi';
import { STANDINGS } from '../../core/coverage/coverage.ts';
import { SELECTOR_KEYS, type Selector } from '../../core/fleet/selector.ts';
import { TARGET_STATES } from '../../core/rollout/observed.ts';
import type { TargetQuery } from '../desk.ts';
import { Targets } from './answers.ts';
import type { Api, ApiParts } from './context.ts';
import { granted } from './fault.ts';
import { fixParams, flag, json, problems } from './route.ts';

const word = z.string().min(1).max(255);
/** One value, or several by repeating the parameter: any of them. */
const anyOf = z.union([word, z.array(word).max(100)]).optional();
const facts = Object.fromEntries(SELECTOR_KEYS.map((key) => [key, anyOf])) as Record<
  (typeof SELECTOR_KEYS)[number],
  typeof anyOf
>;

const query = z.strictObject({
  standing: z.enum(STANDINGS).optional(),
  state: z.enum(TARGET_STATES).optional(),
  inPlan: flag.optional(),
  stage: z.string().max(63).optional(),
  wave: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(50),
  after: word.optional(),
  ...facts,
});

const route = createRoute({
  method: 'get',
  path: '/api/fixes/{id}/targets',
  operationId: 'listTargets',
  tags: ['fixes'],
  summary: 'Control planes towards a fix, by standing, state, stage, wave or their own facts',
  request: { params: fixParams, query },
  responses: { 200: json('A page of control planes', Targets), ...problems('fix-unknown') },
});

export function getTargets(api: Api, { desk }: ApiParts): void {
  api.openapi(route, async (c) => {
    const page = await desk.targets(c.req.valid('param').id, queryOf(c.req.valid('query')));
    return c.json(granted(page), 200);
  });
}

function queryOf(asked: z.output<typeof query>): TargetQuery {
  const { limit, standing, state, inPlan, stage, wave, after } = asked;
  const selector: Selector = Object.fromEntries(
    SELECTOR_KEYS.flatMap((key) => (asked[key] === undefined ? [] : [[key, asked[key]]])),
  );
  return {
    limit,
    ...(standing !== undefined && { standing }),
    ...(state !== undefined && { state }),
    ...(inPlan !== undefined && { inPlan }),
    ...(stage !== undefined && { stage }),
    ...(wave !== undefined && { wave }),
    ...(after !== undefined && { after }),
    ...(Object.keys(selector).length > 0 && { selector }),
  };
}
