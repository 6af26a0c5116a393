import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../process/run.ts';
import { pourTar, writeLayer } from './layer.ts';
import { type LayoutWork, refName, writeImage } from './layout.ts';
import { readTree } from './tree.ts';

const COMMIT = 'c0ffee'.padEnd(40, '0');

let home: string;
let dir: string;
let layout: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'layout-test-'));
  dir = join(home, 'tree');
  layout = join(home, 'images');
  await mkdir(join(dir, 'out/bin'), { recursive: true });
  await writeFile(join(dir, 'out/bin/operator'), '#!/bin/sh\necho hello\n', { mode: 0o755 });
  await writeFile(join(dir, 'out/readme'), 'text', { mode: 0o640 });
  await symlink('bin/operator', join(dir, 'out/run'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const write = (more: Partial<LayoutWork> = {}) =>
  writeImage({ dir, output: 'out', layout, commit: COMMIT, labels: { component: 'operator' }, ...more });

const json = async (...path: string[]) => JSON.parse(await readFile(join(layout, ...path), 'utf8'));
const blob = (digest: string) => join('blobs/sha256', digest.slice(7));

async function layerOf(digest: string) {
  const manifest = await json(blob(digest));
  const config = await json(blob(manifest.config.digest));
  const zipped = await readFile(join(layout, blob(manifest.layers[0].digest)));
  return { manifest, config, zipped, tar: gunzipSync(zipped) };
}

async function entriesOf(tar: Buffer) {
  const reader = extract();
  reader.end(tar);
  const entries: Record<string, unknown>[] = [];
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    const { name, mode, uid, gid, type, linkname, mtime } = entry.header;
    const content = Buffer.concat(chunks).toString();
    entries.push({ name, mode, uid, gid, type, linkname, mtime: mtime?.toISOString(), content });
  }
  return entries;
}

describe('an image in the layout', () => {
  it('is named by the digest of its manifest, and every blob by its own', async () => {
    const { digest } = await write();
    for (const name of await readdir(join(layout, 'blobs/sha256'))) {
      const bytes = await readFile(join(layout, 'blobs/sha256', name));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(name);
    }
    const { manifest, config, zipped, tar } = await layerOf(digest);
    expect(manifest.layers[0].size).toBe(zipped.length);
    expect(config.rootfs.diff_ids).toEqual([`sha256:${createHash('sha256').update(tar).digest('hex')}`]);
    expect(await json('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
  });

  it('names its commit in every label that is looked for, whatever labels were given', async () => {
    const { digest } = await write({ labels: { component: 'operator', 'vcs-ref': 'another' } });
    const { config } = await layerOf(digest);
    expect(config.config.Labels).toEqual({
      component: 'operator',
      'vcs-ref': COMMIT,
      'io.openshift.build.commit.id': COMMIT,
      'org.opencontainers.image.revision': COMMIT,
    });
    expect(config.os).toBe('linux');
  });

  it('holds files with their modes, links as links, and no trace of who built it', async () => {
    const { digest } = await write({ createdAt: '2026-11-21T20:31:07.000Z' });
    const { tar, config } = await layerOf(digest);
    const same = { uid: 0, gid: 0, mtime: '2026-11-21T20:31:07.000Z' };
    const entries = await entriesOf(tar);
    expect(entries.map((e) => [e.name, e.type, e.mode, e.linkname, e.content])).toEqual([
      ['bin', 'directory', 0o755, null, ''],
      ['bin/operator', 'file', 0o755, null, '#!/bin/sh\necho hello\n'],
      ['readme', 'file', 0o640, null, 'text'],
      ['run', 'symlink', 0o777, 'bin/operator', ''],
    ]);
    for (const entry of entries) expect(entry).toMatchObject(same);
    expect(config.created).toBe('2026-11-21T20:31:07.000Z');
  });

  it('has the same digest for the same input, wherever and whenever it is made', async () => {
    const first = await write();
    await utimes(join(dir, 'out/readme'), new Date(), new Date(1_000_000));
    const again = await write({ layout: join(home, 'other'), labels: { component: 'operator' } });
    expect(again.digest).toBe(first.digest);
  });

  it.each([
    ['content', () => writeFile(join(dir, 'out/readme'), 'text!')],
    ['mode', () => chmod(join(dir, 'out/readme'), 0o600)],
    ['name', () => writeFile(join(dir, 'out/more'), '')],
  ])('has another digest when a %s differs', async (_what, change) => {
    const first = await write();
    await change();
    expect((await write()).digest).not.toBe(first.digest);
  });

  it('keeps long names, deep folders, empty files and letters of every script', async () => {
    const deep = `${'a'.repeat(120)}/${'b'.repeat(120)}/${'c'.repeat(60)}`;
    await mkdir(join(dir, 'out', deep), { recursive: true });
    await writeFile(join(dir, 'out', deep, 'größe-☂'), '');
    await symlink('d'.repeat(200), join(dir, 'out/long-link'));
    const { digest } = await write();
    const entries = await entriesOf((await layerOf(digest)).tar);
    expect(entries.map((e) => e.name)).toContain(`${deep}/größe-☂`);
    expect(entries.find((e) => e.name === 'long-link')?.linkname).toBe('d'.repeat(200));
  });
});

describe('a layout of many images', () => {
  const refs = async () =>
    (await json('index.json')).manifests.map(
      (m: { digest: string; annotations: Record<string, string> }) =>
        `${m.annotations['org.opencontainers.image.ref.name']} ${m.digest}`,
    );

  it('keeps each under its name', async () => {
    const one = await write({ ref: 'FIX-1-4.19' });
    const two = await write({ ref: 'FIX-1-4.20', labels: { line: '4.20' } });
    expect(await refs()).toEqual([`FIX-1-4.19 ${one.digest}`, `FIX-1-4.20 ${two.digest}`]);
  });

  it('names an image by the first digits of its digest when no name is given', async () => {
    const { digest, ref } = await write();
    expect(ref).toBe(digest.slice(7, 19));
    expect(await refs()).toEqual([`${ref} ${digest}`]);
  });

  it('lists an image once, however often it is written', async () => {
    await write({ ref: 'a' });
    await write({ ref: 'a' });
    expect(await refs()).toHaveLength(1);
  });

  it('gives a name to the newest image and keeps the older one by its digest', async () => {
    const old = await write({ ref: 'a' });
    const now = await write({ ref: 'a', labels: { try: '2' } });
    expect(await refs()).toEqual([`${old.digest.slice(7, 19)} ${old.digest}`, `a ${now.digest}`]);
  });

  it('loses no entry when many builds end at the same time', async () => {
    const written = await Promise.all(
      Array.from({ length: 12 }, (_, n) => write({ ref: `line-${n}`, labels: { n: String(n) } })),
    );
    expect((await refs()).sort()).toEqual(written.map((w) => `${w.ref} ${w.digest}`).sort());
  });

  it('loses no entry when several processes write', async () => {
    const script = `
      const { writeImage } = await import(${JSON.stringify(new URL('./layout.ts', import.meta.url).href)});
      const [dir, layout, who] = process.argv.slice(1);
      for (let n = 0; n < 5; n += 1)
        await writeImage({ dir, output: 'out', layout, commit: '${COMMIT}', labels: { who, n: String(n) }, ref: who + n });`;
    const args = ['--input-type=module', '-e', script, '--', dir, layout];
    const ran = await Promise.all(
      ['a', 'b', 'c'].map((who) =>
        run({ file: process.execPath, args: [...args, who], env: {}, timeoutMs: 120_000 }),
      ),
    );
    expect(ran.map((r) => [r.code, r.stderr])).toEqual([1, 2, 3].map(() => [0, '']));
    expect(await refs()).toHaveLength(15);
  });

  it('goes on after a writer was killed while it held the lock', async () => {
    await write({ ref: 'a' });
    const gone = await run({
      file: process.execPath,
      args: ['-p', 'process.pid'],
      env: {},
      timeoutMs: 120_000,
    });
    const { hostname } = await import('node:os');
    const owner = { host: hostname(), pid: Number(gone.stdout.toString()), id: 'x' };
    await writeFile(join(layout, 'index.lock'), JSON.stringify(owner));
    await write({ ref: 'b' });
    expect(await refs()).toHaveLength(2);
  });

  it('leaves no temporary file behind', async () => {
    await write();
    await expect(write({ limits: { bytesMax: 3 } })).rejects.toThrow();
    expect((await readdir(layout)).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
    expect(await readdir(join(layout, 'blobs/sha256'))).toHaveLength(3);
  });

  it.each([
    [
      'oci-layout',
      '{"imageLayoutVersion":"9"}',
      /does not say imageLayoutVersion 1\.0\.0; choose another folder/,
    ],
    ['index.json', 'no json', /index\.json is not JSON/],
    ['index.json', '{"manifests":[{"digest":"x"}]}', /is not the index of an image layout/],
  ])('is left alone when its %s holds %s', async (file, text, message) => {
    await mkdir(layout);
    await writeFile(join(layout, file), text);
    await expect(write()).rejects.toThrow(message);
    expect(await readFile(join(layout, file), 'utf8')).toBe(text);
  });
});

describe('an output that cannot become an image', () => {
  const out = (path = '') => join(dir, 'out', path);
  it.each<[string, () => Promise<unknown>, string]>([
    ['is missing', () => rm(out(), { recursive: true }), 'output "out" does not exist: the build must make'],
    [
      'is empty',
      async () => {
        await rm(out(), { recursive: true });
        await mkdir(out());
      },
      'output "out" is empty: the build put nothing into it',
    ],
    [
      'is a file',
      async () => {
        await rm(out(), { recursive: true });
        await writeFile(out(), 'text');
      },
      'output "out" is not a folder',
    ],
    [
      'is a link out of the tree',
      async () => {
        await rm(out(), { recursive: true });
        await symlink(home, out());
      },
      'output "out" leads out of the tree by a symbolic link',
    ],
    [
      'is a link to the whole tree',
      async () => {
        await rm(out(), { recursive: true });
        await symlink('.', out());
      },
      'output "out" is the whole tree',
    ],
    [
      'holds a link that climbs out',
      () => symlink('../../../etc/passwd', out('bin/pw')),
      'output "out" holds a link that leads out of it: bin/pw to ../../../etc/passwd',
    ],
    [
      'holds a link to a place of this machine',
      async () => symlink(out('readme'), out('here')),
      'output "out" holds a link that leads out of it: here to ',
    ],
    [
      'holds a pipe',
      () => run({ file: 'mkfifo', args: [out('pipe')], timeoutMs: 120_000 }),
      'output "out" holds a pipe: pipe',
    ],
    [
      'holds a name that is not UTF-8',
      () => writeFile(Buffer.concat([Buffer.from(out('x')), Buffer.from([0xff])]), ''),
      'output "out" holds a name that is not UTF-8, in its top folder',
    ],
  ])('%s', async (_what, change, message) => {
    await change();
    await expect(write()).rejects.toThrow(message);
  });

  it('holds a socket', async () => {
    const server = createServer().listen(out('s'));
    await new Promise((resolve) => server.once('listening', resolve));
    await expect(write()).rejects.toThrow('output "out" holds a socket: s');
    await new Promise((resolve) => server.close(resolve));
  });

  it('is larger than allowed, even when the size is only claimed', async () => {
    await expect(write({ limits: { bytesMax: 24 } })).rejects.toThrow(
      'output "out" is larger than 24 bytes, the most an image may hold',
    );
    await expect(write({ limits: { entriesMax: 3 } })).rejects.toThrow('holds more than 3 files');
    await run({ file: 'truncate', args: ['-s', '9G', out('sparse')], timeoutMs: 120_000 });
    await expect(write()).rejects.toThrow('is larger than 2147483648 bytes');
  });

  it('keeps an absolute link, which names a place in the image', async () => {
    await symlink('/usr/bin/env', out('env'));
    const { digest } = await write();
    const entries = await entriesOf((await layerOf(digest)).tar);
    expect(entries.find((e) => e.name === 'env')?.linkname).toBe('/usr/bin/env');
  });

  it.each<[string, () => Promise<unknown>]>([
    ['grew', () => writeFile(out('readme'), 'text and more')],
    [
      'became a link',
      async () => {
        await rm(out('readme'));
        await symlink('/etc/passwd', out('readme'));
      },
    ],
  ])('is refused when a file %s after it was listed', async (_what, change) => {
    await mkdir(layout);
    const entries = await readTree(out(), { bytesMax: 1_000, entriesMax: 10 });
    await change();
    const writing = writeLayer({ entries, blobs: layout, epochS: 0, signal: undefined });
    await expect(writing).rejects.toThrow(/changed while it was read: readme|ELOOP/);
    expect(await readdir(layout)).toEqual([]);
  });

  it('is not written to a disk without room, and says so', async (test) => {
    const asked = await run({ file: 'test', args: ['-c', '/dev/full'], timeoutMs: 120_000 });
    test.skip(asked.code !== 0, 'no /dev/full here');
    await writeFile(out('large'), Buffer.alloc(3_000_000, 'x'));
    const entries = await readTree(out(), { bytesMax: 10_000_000, entriesMax: 10 });
    await expect(
      pourTar({ entries, epochS: 0, signal: undefined }, [createWriteStream('/dev/full')]),
    ).rejects.toThrow('ENOSPC');
  });

  it('stops between two chunks when it is told to', async () => {
    await expect(write({ signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });
});

it.each([
  ['FIX-12-4.19', 'FIX-12-4.19'],
  ['FIX-12-release/4.19', 'FIX-12-release-4.19'],
  ['../../x', 'x'],
])('the name %s becomes %s in a layout', (text, name) => {
  expect(refName(text)).toBe(name);
});

it('a name without a letter or digit is refused', () => {
  expect(() => refName('../..')).toThrow('an image cannot be called "../.."');
});

describe('skopeo', () => {
  it('accepts the layout, and tells the same digest and labels', async (test) => {
    const asked = await run({ file: 'skopeo', args: ['--version'], timeoutMs: 120_000 });
    test.skip(asked.ended === 'not started', 'skopeo is not installed: apt-get install -y skopeo');
    const { digest, ref } = await write({ ref: 'FIX-12-4.19', createdAt: '2026-11-21T20:31:07.000Z' });
    const ran = await run({ file: 'skopeo', args: ['inspect', `oci:${layout}:${ref}`], timeoutMs: 120_000 });
    expect(ran.stderr).toBe('');
    const seen = JSON.parse(ran.stdout.toString());
    expect(seen).toMatchObject({ Digest: digest, Created: '2026-11-21T20:31:07Z', Os: 'linux' });
    expect(seen.Labels).toMatchObject({ component: 'operator', 'vcs-ref': COMMIT });
    // Copying reads every blob and checks its digest.
    const copy = ['copy', '--insecure-policy', `oci:${layout}:${ref}`, `dir:${join(home, 'copy')}`];
    expect(await run({ file: 'skopeo', args: copy, timeoutMs: 120_000 })).toMatchObject({
      code: 0,
      stderr: '',
    });
  });
});
