import { createRoute, z } from '@hono/zod-openapi';
import { Agent, Invitation, itemsOf, NewInvitation, RevokedAgent } from './answers.ts';
import type { Api, ApiParts } from './context.ts';
import { granted } from './fault.ts';
import { requireAdmin } from './middleware.ts';
import { json, problems } from './route.ts';

const adminsOnly = requireAdmin('agents are kept');

const list = createRoute({
  method: 'get',
  path: '/api/agents',
  operationId: 'listAgents',
  tags: ['fleet'],
  summary: 'Management clusters, the agent enrolled for each, and when it was last heard',
  responses: { 200: json('Agents', itemsOf(Agent)), ...problems() },
});

const invite = createRoute({
  method: 'post',
  path: '/api/agents/invitations',
  operationId: 'inviteAgent',
  tags: ['fleet'],
  summary:
    'Makes the one-time token that the agent of a management cluster enrols with; the answer is the only time it can be read. For admins',
  middleware: adminsOnly,
  request: { body: { required: true, content: { 'application/json': { schema: NewInvitation } } } },
  responses: { 201: json('The token', Invitation), ...problems('too-large', 'invalid') },
});

const revoke = createRoute({
  method: 'post',
  path: '/api/agents/{agent}/revoke',
  operationId: 'revokeAgent',
  tags: ['fleet'],
  summary: 'Refuses an agent from its next request on. For admins',
  middleware: adminsOnly,
  request: { params: z.object({ agent: z.string().min(1).max(64) }) },
  responses: { 200: json('The agent', RevokedAgent), ...problems('not-found', 'invalid') },
});

export function agents(api: Api, { desk }: ApiParts): void {
  api.openapi(list, async (c) => c.json({ items: await desk.agents() }, 200));
  api.openapi(invite, async (c) => {
    const { managementCluster, validForMs } = c.req.valid('json');
    const invitation = granted(await desk.invite(managementCluster, validForMs));
    return c.json(invitation, 201, { 'cache-control': 'no-store' });
  });
  api.openapi(revoke, async (c) => {
    const agent = granted(await desk.revokeAgent(c.req.valid('param').agent));
    return c.json({ agent, revoked: true as const }, 200);
  });
}
