import { createRoute, z } from '@hono/zod-openapi';
import { Diff, EvidencePage, Fix, itemsOf, RolloutGrid, Timeline, Why } from './answers.ts';
import type { Api, ApiParts } from './context.ts';
import { granted } from './fault.ts';
import { fixParams, flag, json, problems } from './route.ts';

/** The views of one fix that take nothing but its id. */
const view = createRoute({
  method: 'get',
  path: '/api/fixes/{id}',
  operationId: 'getFix',
  tags: ['fixes'],
  summary: 'Everything the first screen says of a fix; the ETag is its version',
  request: { params: fixParams },
  responses: {
    200: {
      ...json('The fix', Fix),
      headers: {
        ETag: { schema: { type: 'string' as const }, description: 'The version in quotes, for If-Match' },
      },
    },
    ...problems('fix-unknown'),
  },
});

const timeline = createRoute({
  method: 'get',
  path: '/api/fixes/{id}/timeline',
  operationId: 'getTimeline',
  tags: ['fixes'],
  summary: 'The events of a fix as sentences, in order',
  request: { params: fixParams },
  responses: { 200: json('Events', itemsOf(Timeline)), ...problems('fix-unknown') },
});

const grid = createRoute({
  method: 'get',
  path: '/api/fixes/{id}/grid',
  operationId: 'getGrid',
  tags: ['fixes'],
  summary: 'The rollout with one cell a target: name, management cluster, state',
  request: { params: fixParams },
  responses: { 200: json('The grid', RolloutGrid), ...problems('fix-unknown') },
});

const evidence = createRoute({
  method: 'get',
  path: '/api/fixes/{id}/evidence',
  operationId: 'getEvidence',
  tags: ['fixes'],
  summary: 'Verdicts on the images of a fix, and gates waived by name',
  request: { params: fixParams },
  responses: { 200: json('Evidence and waivers', EvidencePage), ...problems('fix-unknown') },
});

const why = createRoute({
  method: 'get',
  path: '/api/fixes/{id}/why',
  operationId: 'getWhy',
  tags: ['fixes'],
  summary: 'What a fix, or one control plane, waits for',
  request: {
    params: fixParams,
    query: z.object({ target: z.string().min(1).max(255).optional() }),
  },
  responses: { 200: json('The reasons', Why), ...problems('fix-unknown', 'unknown-target') },
});

const diff = createRoute({
  method: 'get',
  path: '/api/fixes/{id}/diff',
  operationId: 'getDiff',
  tags: ['fixes'],
  summary: 'What the candidates are made of: against the original commits, and against what is deployed',
  request: {
    params: fixParams,
    query: z.strictObject({
      line: z.string().min(1).max(255).optional(),
      stat: flag.optional().openapi({ description: 'true: names and counts, no patches.' }),
    }),
  },
  responses: {
    200: json('The lines, each explained', Diff),
    ...problems('fix-unknown', 'unknown-line', 'source-problem'),
  },
});

export function getFix(api: Api, { desk }: ApiParts): void {
  api.openapi(view, async (c) => {
    const fix = granted(await desk.fix(c.req.valid('param').id, c.get('actor')));
    return c.json(fix, 200, { etag: `"${fix.version}"` });
  });
  api.openapi(timeline, async (c) => {
    const items = granted(await desk.timeline(c.req.valid('param').id));
    return c.json({ items }, 200);
  });
  api.openapi(grid, async (c) => c.json(granted(await desk.grid(c.req.valid('param').id)), 200));
  api.openapi(evidence, async (c) => c.json(granted(await desk.evidence(c.req.valid('param').id)), 200));
  api.openapi(diff, async (c) => {
    const { line, stat = false } = c.req.valid('query');
    const query = { patches: !stat, ...(line !== undefined && { line }) };
    return c.json(granted(await desk.diff(c.req.valid('param').id, query)), 200);
  });
  api.openapi(why, async (c) => {
    const { target } = c.req.valid('query');
    return c.json(granted(await desk.why(c.req.valid('param').id, target)), 200);
  });
}
