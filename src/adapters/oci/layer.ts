import { createHash, type Hash, randomUUID } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Header, type Pack, pack } from 'tar-stream';
import type { Digest } from '../../core/base/ids.ts';
import { LayoutProblem } from './problem.ts';
import type { TreeEntry } from './tree.ts';

/** A layer in the layout. `diffId` names the tar inside, as the image's config must. */
export type Layer = { readonly digest: Digest; readonly diffId: Digest; readonly size: number };

/** Tar keeps seconds in a signed 32-bit number in the library used; later times would wrap around. */
const EPOCH_S_MAX = 2 ** 31 - 1;
const CHUNK_BYTES = 256 * 1024;

/**
 * Writes the entries as one gzipped tar into `blobs` and returns its digests. Owner 0, time `epochS`, order
 * as given: the same entries give the same bytes (with the same release of zlib).
 * Throws a LayoutProblem when a file changes while it is read; leaves nothing half-written behind.
 */
export async function writeLayer(work: {
  readonly entries: readonly TreeEntry[];
  readonly blobs: string;
  readonly epochS: number;
  readonly signal: AbortSignal | undefined;
}): Promise<Layer> {
  const temp = join(work.blobs, `.layer-${randomUUID()}`);
  const plain = measured();
  const zipped = measured();
  // Level 6 is written down, since another default would change every digest.
  const gzip = createGzip({ level: 6 });
  const file = createWriteStream(temp, { flags: 'wx', mode: 0o644, flush: true });
  try {
    await pourTar(work, [plain.through, gzip, zipped.through, file]);
    const digest = zipped.digest();
    await rename(temp, join(work.blobs, digest.slice('sha256:'.length)));
    return { digest, diffId: plain.digest(), size: zipped.size() };
  } finally {
    await rm(temp, { force: true });
  }
}

type Filling = Pick<Parameters<typeof writeLayer>[0], 'entries' | 'epochS' | 'signal'>;

/** Fills a tar and pours it at the same time; throws the fault that came first, not those it led to. */
export async function pourTar(work: Filling, into: readonly Writable[]): Promise<void> {
  const tar = pack();
  let first: unknown;
  const fail = (problem: unknown) => {
    first ??= problem;
    tar.destroy(first instanceof Error ? first : undefined);
  };
  // Told to both sides by `fail`; without a listener it would end the process.
  tar.on('error', () => {});
  await Promise.all([pipeline([Readable.from(tar), ...into]).catch(fail), fill(tar, work).catch(fail)]);
  if (first !== undefined) throw first;
}

async function fill(tar: Pack, work: Filling) {
  const mtime = new Date(Math.min(Math.max(0, Math.trunc(work.epochS)), EPOCH_S_MAX) * 1_000);
  for (const entry of work.entries) {
    work.signal?.throwIfAborted();
    const header = { name: entry.name, mode: entry.mode, uid: 0, gid: 0, mtime };
    if (entry.type === 'directory') tar.entry({ ...header, type: 'directory' });
    else if (entry.type === 'symlink') tar.entry({ ...header, type: 'symlink', linkname: entry.target });
    else
      await addFile(tar, { ...header, type: 'file', size: entry.bytes }, { ...entry, signal: work.signal });
  }
  tar.finalize();
}

async function addFile(
  tar: Pack,
  header: Pick<Header, 'name' | 'mode' | 'uid' | 'gid' | 'mtime' | 'type' | 'size'>,
  from: { readonly path: string; readonly signal: AbortSignal | undefined },
) {
  // A file that was swapped for a link since it was listed must not be followed.
  const file = await open(from.path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size !== header.size) throw changed(header.name);
    await new Promise<void>((resolve, reject) => {
      const entry = tar.entry(header, (problem) => (problem ? reject(problem) : resolve()));
      entry.on('error', () => {});
      copy(file, entry, { name: header.name, bytes: stat.size, signal: from.signal }).catch(reject);
    });
  } finally {
    await file.close();
  }
}

/** Copies exactly `bytes`: a file that grows meanwhile would make the tar lie about its length. */
async function copy(
  file: FileHandle,
  entry: ReturnType<Pack['entry']>,
  of: { readonly name: string; readonly bytes: number; readonly signal: AbortSignal | undefined },
) {
  let left = of.bytes;
  while (left > 0) {
    of.signal?.throwIfAborted();
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(left, CHUNK_BYTES)));
    if (bytesRead === 0) throw changed(of.name);
    left -= bytesRead;
    if (entry.destroyed) return;
    if (!entry.write(buffer.subarray(0, bytesRead))) {
      // Whoever pours failed when it closes; the fault is told there.
      await new Promise<void>((resolve) => {
        entry.once('drain', () => resolve());
        entry.once('close', () => resolve());
      });
    }
  }
  entry.end(undefined);
}

const changed = (name: string) => new LayoutProblem(`changed while it was read: ${name}`);

/** A stream that passes everything on, and knows the digest and the length of what passed. */
function measured() {
  const hash: Hash = createHash('sha256');
  let bytes = 0;
  const through = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      hash.update(chunk);
      bytes += chunk.length;
      next(null, chunk);
    },
  });
  return { through, digest: (): Digest => `sha256:${hash.digest('hex')}`, size: () => bytes };
}
