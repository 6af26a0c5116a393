import { createRoute, z } from '@hono/zod-openapi';
import { ControlPlane, itemsOf } from './answers.ts';
import type { Api, ApiParts } from './context.ts';
import { granted } from './fault.ts';
import { json, problems } from './route.ts';

const plane = createRoute({
  method: 'get',
  path: '/api/control-planes/{name}',
  operationId: 'getControlPlane',
  tags: ['fleet'],
  summary: 'One control plane, by name or uid, and every fix of ours it carries or lacks',
  request: { params: z.object({ name: z.string().min(1).max(255) }) },
  responses: { 200: json('The control plane', ControlPlane), ...problems('unknown-target') },
});

const policies = createRoute({
  method: 'get',
  path: '/api/policies',
  operationId: 'listPolicies',
  tags: ['fleet'],
  summary: 'The policies the hub runs by',
  responses: { 200: json('Policies', itemsOf(z.unknown())), ...problems() },
});

const components = createRoute({
  method: 'get',
  path: '/api/components',
  operationId: 'listComponents',
  tags: ['fleet'],
  summary: 'The components a fix can be declared for',
  responses: { 200: json('Components', itemsOf(z.unknown())), ...problems() },
});

export function getFleet(api: Api, { desk }: ApiParts): void {
  api.openapi(plane, async (c) => c.json(granted(await desk.plane(c.req.valid('param').name)), 200));
  api.openapi(policies, (c) => c.json({ items: desk.policies() }, 200));
  api.openapi(components, (c) => c.json({ items: desk.components() }, 200));
}
