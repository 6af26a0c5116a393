import { createRoute } from '@hono/zod-openapi';
import { Debt, GateHistory, itemsOf } from './answers.ts';
import type { Api, ApiParts } from './context.ts';
import { json, problems } from './route.ts';

const gates = createRoute({
  method: 'get',
  path: '/api/gates',
  operationId: 'listGates',
  tags: ['fixes'],
  summary:
    'What every gate stopped, what it found only after delivery, and how much of what was bad was stopped in time',
  responses: { 200: json('Gates', GateHistory), ...problems() },
});

const debts = createRoute({
  method: 'get',
  path: '/api/debts',
  operationId: 'listDebts',
  tags: ['fixes'],
  summary: 'Gates that deliveries did not wait for and that are still owed, the most urgent first',
  responses: { 200: json('Debts', itemsOf(Debt)), ...problems() },
});

export function getGates(api: Api, { desk }: ApiParts): void {
  api.openapi(gates, async (c) => c.json(await desk.gates(), 200));
  api.openapi(debts, async (c) => c.json({ items: await desk.debts() }, 200));
}
