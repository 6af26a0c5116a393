import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import type { Context } from 'hono';
import { html } from 'hono/html';
import type { ApiEnv } from './context.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
};

/** Names the build made from a file's content: another content has another name. */
const HASHED = /[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;

/**
 * Answers what no route did: a file of the built console as it is, and index.html for every address that
 * is not a file, so that a link into the console can be opened. Without a build, a page says how to make
 * one. Undefined when there is nothing.
 */
export async function consoleAnswer(
  c: Context<ApiEnv>,
  consoleDir: string | undefined,
): Promise<Response | undefined> {
  const path = pathOf(c.req.path);
  const readable = c.req.method === 'GET' || c.req.method === 'HEAD';
  if (path === undefined || !readable || /^\/api(\/|$)/.test(path)) return undefined;
  if (extname(path) !== '') {
    const file = consoleDir === undefined ? undefined : await read(consoleDir, path);
    return file && answer(c, path, file);
  }
  const index = consoleDir === undefined ? undefined : await read(consoleDir, '/index.html');
  return index ? answer(c, '/index.html', index) : c.html(NOT_BUILT, 200, { 'cache-control': 'no-cache' });
}

/** The path without escapes; undefined when it is not one, or leads outside. */
function pathOf(asked: string): string | undefined {
  try {
    const path = decodeURIComponent(asked);
    const steps = path.split(/[/\\]/);
    return path.includes('\0') || steps.includes('..') ? undefined : path;
  } catch {
    return undefined;
  }
}

async function read(dir: string, path: string): Promise<Buffer | undefined> {
  const root = normalize(dir + sep);
  const file = join(root, path);
  if (!file.startsWith(root)) return undefined;
  return readFile(file).catch((problem: NodeJS.ErrnoException) => {
    if (['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'].includes(problem.code ?? '')) return undefined;
    throw problem;
  });
}

function answer(c: Context<ApiEnv>, path: string, bytes: Buffer): Response {
  const hashed = path.startsWith('/assets/') && HASHED.test(path);
  return c.body(new Uint8Array(bytes), 200, {
    'content-type': TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream',
    'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
}

const NOT_BUILT = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Fleetfix</title></head>
<body>
<h1>Fleetfix is running; its console is not built</h1>
<p>Build it with <code>npm run build</code> in the folder of the product and load this page again.</p>
<p>Everything the console does the command line does as well: <code>fleetfix status</code>.
The API is described at <a href="/openapi.json">/openapi.json</a>.</p>
</body>
</html>
`;
