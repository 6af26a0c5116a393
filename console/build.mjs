// Builds console/dist, only when what it is made of has changed. Plain Node: runs before any other tool is set up.
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(repository, 'console/dist');
const stampFile = join(dist, 'source-hash.txt');
const sources = ['console', 'src/core/base', 'src/core/views', 'src/wire', 'package-lock.json'];
const buildsKept = 5;

/** A page on its way to its place; two builds at once must leave each other's alone. */
const isNext = (name) => /^index\.html\.\d+$/.test(name);

/** Every file below `path`, sorted, without what is built or installed. */
async function filesOf(path) {
  if ((await stat(path)).isFile()) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  const kept = entries.filter(
    (e) => !['dist', 'node_modules'].includes(e.name) && !e.name.includes('.test.') && !isNext(e.name),
  );
  const lists = await Promise.all(kept.map((e) => filesOf(join(path, e.name))));
  return lists.flat().sort();
}

/** SHA-256 over names and contents of everything the pages are made of. */
async function sourceHash() {
  const hash = createHash('sha256');
  for (const source of sources) {
    for (const file of await filesOf(join(repository, source))) {
      const bytes = await readFile(file);
      hash.update(`${relative(repository, file)}\0${bytes.length}\0`).update(bytes);
    }
  }
  return hash.digest('hex');
}

const textOf = (file) => readFile(file, 'utf8').catch(() => undefined);

const cacheRoot = join(
  process.env.FLEETFIX_CACHE || process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'fleetfix/console',
);

/**
 * Puts a finished build in place while a hub may be serving the old one: assets have their hash in the
 * name and come first, index.html changes in one step, and only then the old assets go.
 */
async function publish(from, hash) {
  await mkdir(dist, { recursive: true });
  const isAsset = (file) => relative(from, file) !== 'index.html';
  await cp(from, dist, { recursive: true, filter: isAsset });
  const next = join(dist, `index.html.${process.pid}`);
  await cp(join(from, 'index.html'), next);
  await rename(next, join(dist, 'index.html'));
  const wanted = new Set((await filesOf(from)).map((file) => relative(from, file)));
  for (const file of await filesOf(dist)) {
    if (!wanted.has(relative(dist, file)) && file !== stampFile) await rm(file, { force: true });
  }
  await writeFile(stampFile, `${hash}\n`);
}

/** Keeps the build for the next checkout with the same content. Losing the cache only costs time. */
async function keep(built, hash) {
  await mkdir(cacheRoot, { recursive: true });
  const parts = await mkdtemp(join(cacheRoot, '.new-'));
  await cp(built, parts, { recursive: true });
  await rename(parts, join(cacheRoot, hash)).catch(() => rm(parts, { recursive: true, force: true }));
  const names = (await readdir(cacheRoot)).filter((name) => /^[0-9a-f]{64}$/.test(name));
  const aged = await Promise.all(
    names.map(async (name) => ({ name, usedMs: (await stat(join(cacheRoot, name))).mtimeMs })),
  );
  const old = aged.sort((a, b) => b.usedMs - a.usedMs).slice(buildsKept);
  await Promise.all(old.map(({ name }) => rm(join(cacheRoot, name), { recursive: true, force: true })));
}

async function buildNew(hash) {
  const vite = await import('vite').catch(() => undefined);
  if (vite === undefined) {
    throw new Error(
      'console: vite is not installed, so the web pages cannot be built. Run npm ci (with development packages), then node console/build.mjs',
    );
  }
  const parts = await mkdtemp(join(tmpdir(), 'fleetfix-console-'));
  try {
    await vite.build({
      configFile: join(repository, 'console/vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: parts, emptyOutDir: true },
    });
    await publish(parts, hash);
    await keep(parts, hash).catch((error) =>
      console.error(`console: the build is not kept for next time: ${error.message}`),
    );
  } finally {
    await rm(parts, { recursive: true, force: true });
  }
}

const startedMs = performance.now();
const took = () => `${((performance.now() - startedMs) / 1000).toFixed(1)}s`;
const hash = await sourceHash();
const cached = join(cacheRoot, hash);
if ((await textOf(stampFile))?.trim() === hash) {
  console.error('console: up to date');
} else if ((await textOf(join(cached, 'index.html'))) !== undefined) {
  await publish(cached, hash);
  const now = new Date();
  await utimes(cached, now, now).catch(() => {});
  console.error(`console: taken from the cache in ${took()}`);
} else {
  try {
    await buildNew(hash);
    console.error(`console: built in ${took()}`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
