import { describe, expect, test } from 'vitest';
import { StorageDown, Unstorable } from '../../ports/storage.ts';
import { PROBLEMS, type ProblemCode } from '../../wire/problems.ts';
import { createApi } from './app.ts';
import { problem } from './expect-problem.ts';
import { as, memoryDesk, memoryLog, memoryParts } from './memory-desk.ts';
import { BODY_BYTES_MAX } from './middleware.ts';

const viewer = as('token-viewer');
const get = (path: string, headers: Record<string, string> = viewer, parts = memoryParts()) =>
  createApi(parts).request(path, { headers });

describe('problems', () => {
  test.each([
    '/api/fixes/FIX-9',
    '/api/fixes/fix-128',
    '/api/fixes/FIX-128x/grid',
    '/api/fixes/..%2f/timeline',
  ])('%s is no fix', async (path) => {
    await problem(await get(path), 'fix-unknown');
  });

  test('a refusal of the desk is sent with its own words', async () => {
    const desk = memoryDesk({
      plane: async () => ({
        ok: false,
        error: {
          code: 'not-allowed',
          detail: 'no',
          whoCan: ['operator'],
          next: ['fleetfix get targets --for FIX-1'],
        },
      }),
    });
    const response = await get('/api/control-planes/x', viewer, memoryParts({ desk }));
    const body = await problem(response, 'not-allowed');
    expect(body.whoCan).toEqual(['operator']);
    expect(body.next).toEqual([
      { label: 'get targets --for FIX-1', command: 'fleetfix get targets --for FIX-1' },
    ]);
  });

  test('the database away is 503 with a time to come back, and is never called a defect', async () => {
    const desk = memoryDesk({
      fixes: async () => {
        throw new StorageDown('connect ECONNREFUSED');
      },
    });
    const { log, lines } = memoryLog();
    const response = await get('/api/fixes', viewer, memoryParts({ desk, log }));
    await problem(response, 'storage-down');
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(lines.some((line) => line.level === 'error')).toBe(false);
  });

  test("text that the database cannot keep is the caller's to put right", async () => {
    const desk = memoryDesk({
      fixes: async () => {
        throw new Unstorable('event.title holds U+0000');
      },
    });
    const { detail } = await problem(await get('/api/fixes', viewer, memoryParts({ desk })), 'bad-request');
    expect(detail).toBe('event.title holds U+0000');
  });

  test('a defect of ours is 500 with the id its log line has, and neither shows a secret', async () => {
    const desk = memoryDesk({
      fixes: async () => {
        throw new Error('postgres://fleet:hunter2@db/x said no to Bearer abc.def, password=hunter3');
      },
    });
    const { log, lines } = memoryLog();
    const response = await get('/api/fixes', viewer, memoryParts({ desk, log }));
    const body = await problem(response, 'impossible-state');
    expect(JSON.stringify(body)).not.toMatch(/hunter|abc\.def/);
    const [line] = lines.filter((one) => one.level === 'error');
    expect(line?.fields).toMatchObject({ requestId: response.headers.get('request-id') });
    expect(JSON.stringify(lines)).not.toMatch(/hunter|abc\.def|token-viewer/);
    expect(JSON.stringify(line)).toContain('postgres://***@db/x said no');
  });

  test('a body over 1 MiB is refused, announced or not', async () => {
    const api = createApi(memoryParts());
    const headers = as('token-admin', { 'content-type': 'application/json' });
    const big = 'x'.repeat(BODY_BYTES_MAX + 1);
    const announced = { ...headers, 'content-length': String(big.length) };
    await problem(
      await api.request('/api/people', { method: 'POST', headers: announced, body: big }),
      'too-large',
    );
    const piece = new TextEncoder().encode('x'.repeat(64 * 1024));
    let pieces = 0;
    const body = new ReadableStream({
      pull(controller) {
        pieces += 1;
        controller.enqueue(piece);
      },
    });
    const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
    await problem(await api.request('/api/people', init), 'too-large');
    expect(pieces).toBeLessThan(20);
  });

  test.each([
    ['{"name":', 'application/json', 'body: expected JSON'],
    ['name=lchen', 'application/x-www-form-urlencoded', 'header.Content-Type: expected application/json'],
    ['[]', 'application/json', 'body: expected object, received array'],
  ])('%s as %s is a bad request', async (body, type, detail) => {
    const response = await createApi(memoryParts()).request('/api/people', {
      method: 'POST',
      headers: as('token-admin', { 'content-type': type }),
      body,
    });
    expect((await problem(response, 'bad-request')).detail).toContain(detail);
  });

  test.each(Object.keys(PROBLEMS))('the type of %s is a page that exists', async (code) => {
    const page = await get(`/docs/problems/${code}`, {});
    expect(page.status).toBe(200);
    expect(await page.text()).toContain(PROBLEMS[code as ProblemCode].title);
  });

  test('the list of problems links to each, and others are not found', async () => {
    const list = await (await get('/docs/problems', {})).text();
    for (const code of Object.keys(PROBLEMS)) expect(list).toContain(`/docs/problems/${code}`);
    await problem(await get('/docs/problems/constructor', {}), 'not-found');
  });
});
