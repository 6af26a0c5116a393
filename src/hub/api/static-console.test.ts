import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApi } from './app.ts';
import { memoryParts } from './memory-desk.ts';

let root: string;
let consoleDir: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'console-'));
  consoleDir = join(root, 'dist');
  await mkdir(join(consoleDir, 'assets'), { recursive: true });
  await writeFile(join(root, 'secret.txt'), 'outside');
  await mkdir(join(root, 'dist-other'));
  await writeFile(join(root, 'dist-other', 'secret.txt'), 'beside');
  await writeFile(join(consoleDir, 'index.html'), '<!doctype html><title>console</title>');
  await writeFile(join(consoleDir, 'assets', 'index-B7d9aQx2.js'), `export const x = 1;${' '.repeat(2_000)}`);
  await writeFile(join(consoleDir, 'favicon.svg'), '<svg/>');
});
afterAll(() => rm(root, { recursive: true }));

const get = (path: string, headers = {}) => createApi(memoryParts({ consoleDir })).request(path, { headers });

describe('the console', () => {
  test.each(['/', '/fixes/FIX-128', '/fixes/FIX-128/rollout?wave=2', '/login', '/index.html'])(
    '%s opens it, and is asked for anew each time',
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^text\/html/);
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(await response.text()).toContain('<title>console</title>');
    },
  );

  test('files named by their content are kept for good, others are not', async () => {
    const hashed = await get('/assets/index-B7d9aQx2.js');
    expect(hashed.headers.get('cache-control')).toContain('immutable');
    expect(hashed.headers.get('content-type')).toMatch(/^text\/javascript/);
    const icon = await get('/favicon.svg');
    expect(icon.headers.get('content-type')).toBe('image/svg+xml');
    expect(icon.headers.get('cache-control')).toBe('no-cache');
  });

  test('scripts are compressed for those who take it', async () => {
    const response = await get('/assets/index-B7d9aQx2.js', { 'accept-encoding': 'gzip' });
    expect(response.headers.get('content-encoding')).toBe('gzip');
  });

  test('a file that is not there is not answered with a page', async () => {
    const response = await get('/assets/index-00000000.js');
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });

  test.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '/../dist-other/secret.txt',
    '/..%2fdist-other%2fsecret.txt',
    '/%00/secret.txt',
    '/secret.txt%00.html',
    '/%E0%A4%A',
    `/${'a'.repeat(5_000)}.js`,
  ])('%s leads nowhere', async (path) => {
    const response = await get(path);
    const text = await response.text();
    expect(text).not.toContain('outside');
    expect(text).not.toContain('beside');
    expect(response.status).toBe(404);
  });

  test('nothing but reading is possible', async () => {
    const response = await createApi(memoryParts({ consoleDir })).request('/', { method: 'POST' });
    expect(response.status).toBe(404);
  });
});

test.each([undefined, '/nowhere/at/all'])('without a build (%s) a page says how to make one', async (dir) => {
  const parts = memoryParts(dir === undefined ? {} : { consoleDir: dir });
  const response = await createApi(parts).request('/');
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('npm run build');
});
