import { createRoute } from '@hono/zod-openapi';
import { Issued, itemsOf, NewPerson, Person } from './answers.ts';
import type { Api, ApiParts } from './context.ts';
import { requireAdmin } from './middleware.ts';
import { json, problems } from './route.ts';

const adminsOnly = requireAdmin('people are kept');

const whoami = createRoute({
  method: 'get',
  path: '/api/whoami',
  operationId: 'whoami',
  tags: ['people'],
  summary: 'Whose token this is, and their roles',
  responses: { 200: json('You', Person), ...problems() },
});

const list = createRoute({
  method: 'get',
  path: '/api/people',
  operationId: 'listPeople',
  tags: ['people'],
  summary: 'Everybody who holds a token; for admins',
  middleware: adminsOnly,
  responses: { 200: json('People', itemsOf(Person)), ...problems() },
});

const issue = createRoute({
  method: 'post',
  path: '/api/people',
  operationId: 'issueToken',
  tags: ['people'],
  summary: 'Makes or replaces the token of a person; the answer is the only time it can be read. For admins',
  middleware: adminsOnly,
  request: { body: { required: true, content: { 'application/json': { schema: NewPerson } } } },
  responses: { 201: json('The token', Issued), ...problems('too-large') },
});

export function people(api: Api, { desk }: ApiParts): void {
  api.openapi(whoami, (c) => c.json(c.get('actor'), 200));
  api.openapi(list, async (c) => c.json({ items: await desk.people() }, 200));
  api.openapi(issue, async (c) => {
    const { name, roles } = c.req.valid('json');
    const unique = [...new Set(roles)];
    const token = await desk.issue(name, unique);
    return c.json({ name, roles: unique, token }, 201, { 'cache-control': 'no-store' });
  });
}
