import { createRoute, z } from '@hono/zod-openapi';
import { fixIdSchema } from '../../wire/ids.ts';
import { VerifiedLedger } from './answers.ts';
import type { Api, ApiParts } from './context.ts';
import { json, problems } from './route.ts';

const route = createRoute({
  method: 'get',
  path: '/api/verify',
  operationId: 'verify',
  tags: ['record'],
  summary: 'Whether the chain of the ledger holds, and the first row that does not',
  request: { query: z.object({ fix: fixIdSchema.optional() }) },
  responses: { 200: json('What was found', VerifiedLedger), ...problems() },
});

export function getVerify(api: Api, { desk }: ApiParts): void {
  api.openapi(route, async (c) => c.json(await desk.verify(c.req.valid('query').fix), 200));
}
