import { createRoute } from '@hono/zod-openapi';
import type { CommandRequest } from '../../wire/api.ts';
import { Act, ActedAnswer } from './answers.ts';
import { actQuery, askingOf, commandHeaders, seenBy } from './asking.ts';
import type { Api, ApiParts } from './context.ts';
import { granted } from './fault.ts';
import { fixParams, json, problems } from './route.ts';

const route = createRoute({
  method: 'post',
  path: '/api/fixes/{id}/commands',
  operationId: 'command',
  tags: ['acts'],
  summary: 'One act on a fix: pause, approve, start, … as `do` says',
  request: {
    params: fixParams,
    query: actQuery,
    headers: commandHeaders,
    body: { required: true, content: { 'application/json': { schema: Act } } },
  },
  responses: {
    200: json('Done before with the same key, or a dry run', ActedAnswer),
    202: json('Recorded', ActedAnswer),
    ...problems(
      'key-missing',
      'key-reused',
      'version-missing',
      'stale-version',
      'fix-unknown',
      'wrong-state',
      'not-allowed',
      'two-person-rule',
      'gate-not-met',
      'approval-missing',
      'plan-unknown',
      'plan-expired',
      'unknown-line',
      'unknown-target',
      'invalid',
      'too-large',
    ),
  },
});

export function postCommands(api: Api, { desk }: ApiParts): void {
  api.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const { dryRun } = c.req.valid('query');
    const headers = c.req.valid('header');
    // JSON cannot say undefined, so no optional member is ever there without a value.
    const command = c.req.valid('json') as CommandRequest;
    const seen = seenBy(command.do, id, headers['If-Match']);
    const acted = granted(await desk.command(id, command, askingOf(c, headers, { dryRun, seen })));
    const recorded = dryRun !== true && acted.alreadyDoneAt === undefined;
    const etag = `"${acted.version}"`;
    return recorded ? c.json(acted, 202, { etag }) : c.json(acted, 200, { etag });
  });
}
