import { createRoute, z } from '@hono/zod-openapi';
import { HUB_DAYS, HUB_DAYS_MAX } from '../../core/roster/report.ts';
import { RosterAnswer } from './answers.ts';
import type { Api, ApiParts } from './context.ts';
import { granted } from './fault.ts';
import { json, problems } from './route.ts';

const roster = createRoute({
  method: 'get',
  path: '/api/roster',
  operationId: 'getRoster',
  tags: ['fleet'],
  summary: 'Who is on duty now and next by the calendars of this hub, and where the days to come have nobody',
  request: {
    query: z.strictObject({
      days: z
        .string()
        .regex(/^[0-9]{1,4}$/, { error: 'expected a whole number in digits', abort: true })
        .transform(Number)
        .pipe(z.number().min(1).max(HUB_DAYS_MAX))
        .default(HUB_DAYS)
        .openapi({
          ...{ type: 'integer', minimum: 1, maximum: HUB_DAYS_MAX, default: HUB_DAYS },
          description: 'How far ahead gaps are looked for.',
        }),
    }),
  },
  responses: { 200: json('The roster', RosterAnswer), ...problems('not-found', 'wrong-state') },
});

export function getRoster(api: Api, { desk }: ApiParts): void {
  api.openapi(roster, async (c) => c.json(granted(await desk.roster(c.req.valid('query').days)), 200));
}
