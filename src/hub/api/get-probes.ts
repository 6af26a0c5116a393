import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiParts } from './context.ts';
import { json, raw } from './route.ts';

const alive = z.object({ alive: z.literal(true), version: z.string() }).openapi('Alive');
const readiness = z
  .object({ ready: z.boolean(), reasons: z.array(z.string()).readonly() })
  .openapi('Readiness');

const health = createRoute({
  method: 'get',
  path: '/healthz',
  operationId: 'healthz',
  tags: ['probes'],
  security: [],
  summary: '200 while the process answers at all',
  responses: { 200: json('Alive', alive) },
});

const ready = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'readyz',
  tags: ['probes'],
  security: [],
  summary: 'Whether the hub can serve, and if not, why',
  responses: { 200: json('Ready', readiness), 503: json('Not ready, with the reasons', readiness) },
});

const measures = createRoute({
  method: 'get',
  path: '/metrics',
  operationId: 'metrics',
  tags: ['probes'],
  security: [],
  summary: 'Measures for Prometheus',
  responses: { 200: raw('Prometheus text', 'text/plain') },
});

export function getProbes(api: Api, parts: ApiParts): void {
  api.openapi(health, (c) => c.json({ alive: true as const, version: parts.version }, 200));
  api.openapi(ready, async (c) => {
    const reasons = c.env?.stopping?.aborted ? ['the hub is stopping'] : await reasonsOf(parts);
    return reasons.length === 0
      ? c.json({ ready: true, reasons }, 200)
      : c.json({ ready: false, reasons }, 503);
  });
  api.openapi(measures, async (c) => {
    const { type, body } = await parts.metrics.text();
    return c.body(body, 200, { 'content-type': type });
  });
}

async function reasonsOf({ ready, log }: ApiParts): Promise<readonly string[]> {
  try {
    return await ready();
  } catch (problem) {
    log.error({ because: String(problem) }, 'readiness could not be judged');
    return ['readiness could not be judged; see the log'];
  }
}
