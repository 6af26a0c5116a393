import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PROBLEMS } from '../../wire/problems.ts';
import { createApi } from './app.ts';
import { memoryParts } from './memory-desk.ts';

type Operation = {
  operationId?: string;
  summary?: string;
  tags?: string[];
  security?: unknown[];
  parameters?: { name: string; in: string; required?: boolean }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<
    string,
    { description: string; content?: Record<string, { schema: object; examples?: object }> }
  >;
};
type Document = {
  openapi: string;
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { examples?: unknown[] }>; securitySchemes: object };
  tags: { name: string }[];
};

const api = createApi(memoryParts());
const document = (await (await api.request('/openapi.json')).json()) as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method} ${path}`,
    path,
    method,
    operation,
  })),
);
const underApi = operations.filter(({ path }) => path.startsWith('/api/'));

test('the document is OpenAPI 3.1 of this version', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(document.info.version).toBe('0.0.0-test');
  expect(document.components.securitySchemes).toHaveProperty('token');
});

test('every route of the application is in the document, and the other way round', () => {
  const routed = api.routes
    .filter((route) => route.method !== 'ALL' && !route.path.includes('*'))
    .map((route) => `${route.method.toLowerCase()} ${route.path.replaceAll(/:([^/]+)/g, '{$1}')}`);
  expect([...new Set(routed)].sort()).toEqual(operations.map(({ name }) => name).sort());
});

test('every operation has a name of its own', () => {
  const names = operations.map(({ operation }) => operation.operationId);
  expect(names).not.toContain(undefined);
  expect(new Set(names).size).toBe(names.length);
});

describe.each(operations)('$name', ({ path, operation }) => {
  test('says what it is for, under a known tag', () => {
    expect(operation.summary).toBeTruthy();
    expect(document.tags.map((tag) => tag.name)).toContain(operation.tags?.[0]);
  });

  test('has an answer with content for when all is well', () => {
    const good = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));
    expect(good.length).toBeGreaterThan(0);
    for (const [, response] of good) expect(Object.keys(response.content ?? {})).not.toHaveLength(0);
  });

  test('declares every part of its path as required', () => {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const declared = (operation.parameters ?? [])
      .filter((p) => p.in === 'path' && p.required)
      .map((p) => p.name);
    expect(declared.sort()).toEqual(inPath.sort());
  });
});

test.each(underApi)('$name declares its problems', ({ operation }) => {
  expect(operation.security).toBeUndefined();
  for (const status of ['400', '401', '403', '500', '503']) {
    const content = operation.responses[status]?.content?.['application/problem+json'];
    expect(content?.schema).toEqual({ $ref: '#/components/schemas/Problem' });
    expect(Object.keys(content?.examples ?? {}).length).toBeGreaterThan(0);
  }
  for (const [status, response] of Object.entries(operation.responses)) {
    const examples = response.content?.['application/problem+json']?.examples ?? {};
    for (const code of Object.keys(examples))
      expect(String(PROBLEMS[code as keyof typeof PROBLEMS].status)).toBe(status);
  }
});

test('acts declare their headers, and which of them are required', () => {
  const headersOf = (path: string) =>
    Object.fromEntries(
      (document.paths[path]?.post?.parameters ?? [])
        .filter((p) => p.in === 'header')
        .map((p) => [p.name, p.required ?? false]),
    );
  expect(headersOf('/api/fixes')).toEqual({ 'Idempotency-Key': true, 'X-Fleetfix-Surface': false });
  expect(headersOf('/api/fixes/{id}/commands')).toEqual({
    'Idempotency-Key': true,
    'X-Fleetfix-Surface': false,
    'If-Match': false,
  });
});

test('every reference leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
  expect(references.length).toBeGreaterThan(20);
  for (const [, name] of references) expect(document.components.schemas).toHaveProperty(name!);
});

test('the views carry examples', () => {
  for (const name of [
    'Fix',
    'FixRow',
    'Plan',
    'Diff',
    'HandOff',
    'FixText',
    'Why',
    'Grid',
    'TargetPage',
    'ControlPlane',
    'Acted',
    'Verified',
  ]) {
    expect(document.components.schemas[name]?.examples, name).toHaveLength(1);
  }
});

test('docs/api.md names every route, and none that is not there', () => {
  const page = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');
  const named = [...page.matchAll(/`(GET|POST) (\/[^`?\s]*)`/g)].map(
    ([, method, path]) => `${method!.toLowerCase()} ${path}`,
  );
  expect([...new Set(named)].sort()).toEqual(operations.map(({ name }) => name).sort());
});
