import type { Api, ApiParts } from './context.ts';

const TAGS = [
  { name: 'fixes', description: 'Views of fixes. Every surface shows these and nothing else.' },
  { name: 'plans', description: 'What is approved and started is a plan, named by its id.' },
  {
    name: 'acts',
    description:
      'Every act needs an Idempotency-Key, and If-Match when it widens anything. `?dryRun=true` writes nothing.',
  },
  { name: 'fleet', description: 'Control planes, agents, and what the hub is configured with.' },
  { name: 'record', description: 'The ledger: its events as they come, its proof, its export.' },
  { name: 'people', description: 'Who holds a token.' },
  { name: 'probes', description: 'For machines that watch the hub.' },
  { name: 'docs', description: 'What problems mean.' },
];

/** Serves the document of all routes registered so far; call it last. */
export function getOpenApi(api: Api, { version }: ApiParts): void {
  api.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'A token from an admin (POST /api/people) or from `fleetfix login`.',
  });
  api.openAPIRegistry.registerPath({
    method: 'get',
    path: '/openapi.json',
    operationId: 'getOpenApi',
    tags: ['docs'],
    security: [],
    summary: 'This document',
    responses: { 200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: {} } } } },
  });
  let text: string | undefined;
  api.get('/openapi.json', (c) => {
    text ??= JSON.stringify(documentOf(api, version));
    return c.body(text, 200, { 'content-type': 'application/json', 'cache-control': 'no-cache' });
  });
}

const documentOf = (api: Api, version: string) =>
  api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Fleetfix',
      version,
      description:
        'Views are read, acts are posted as commands. Errors are problem+json (RFC 9457). Times are RFC 3339 UTC, durations are milliseconds, digests are in full.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    tags: TAGS,
  });
