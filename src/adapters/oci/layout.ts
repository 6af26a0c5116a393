import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { canonical } from '../../core/base/hash.ts';
import { type Commit, type Digest, isDigest, short } from '../../core/base/ids.ts';
import { epochMs, type Instant, instantOf } from '../../core/base/instant.ts';
import { type Layer, writeLayer } from './layer.ts';
import { underLock } from './lock.ts';
import { LayoutProblem, systemCode } from './problem.ts';
import { outputFolder, readTree, type TreeLimits } from './tree.ts';

export type LayoutWork = {
  /** The tree the build ran in, and the folder in it that becomes the image's one layer. */
  readonly dir: string;
  readonly output: string;
  /** The OCI image layout; made when it is missing, extended when it is there. */
  readonly layout: string;
  readonly commit: Commit;
  /** Added to the labels that name the commit, which they cannot replace. */
  readonly labels: Readonly<Record<string, string>>;
  /** The image's and its files' time. The commit's time, so that the same commit gives the same image. */
  readonly createdAt?: Instant;
  /** What the image is called in the layout, e.g. `FIX-12-4.19`; absent: the digest's first 12 digits. */
  readonly ref?: string;
  readonly limits?: Partial<TreeLimits>;
  /** Ends the work between two chunks; it then throws the AbortError of the platform. */
  readonly signal?: AbortSignal;
};

/** `ref`: the name to ask the layout for, as in `oci:DIR:REF`. */
export type WrittenImage = { readonly digest: Digest; readonly ref: string };

const LIMITS: TreeLimits = { bytesMax: 2 * 1024 ** 3, entriesMax: 200_000 };
const REF_NAME = 'org.opencontainers.image.ref.name';
const MEDIA = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ppc64: 'ppc64le', ia32: '386' };
const INDEX_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Puts a folder into an OCI image layout as an image of one layer and returns the manifest's digest.
 * The same input gives the same digest. Several may write to one layout at the same time.
 * Throws a LayoutProblem when the folder cannot become an image or the layout is not one, and system
 * errors (a full disk); the layout is then as it was, save for blobs nothing names.
 */
export async function writeImage(work: LayoutWork): Promise<WrittenImage> {
  const root = await inOutput(work.output, () => outputFolder(work.dir, work.output));
  const entries = await inOutput(work.output, () => readTree(root, { ...LIMITS, ...work.limits }));
  const layout = await openLayout(work.layout);
  const createdAt = instantOf(work.createdAt === undefined ? 0 : epochMs(work.createdAt));
  const blobs = join(layout, 'blobs', 'sha256');
  const layer = await inOutput(work.output, () =>
    writeLayer({ entries, blobs, epochS: epochMs(createdAt) / 1_000, signal: work.signal }),
  );
  const config = await writeBlob(blobs, configOf({ ...work, createdAt }, layer));
  const manifest = await writeBlob(blobs, manifestOf({ ...work, createdAt }, { layer, config }));
  const ref = work.ref === undefined ? short(manifest.digest) : refName(work.ref);
  await underLock(join(layout, 'index.lock'), () => addToIndex(layout, manifest, ref));
  return { digest: manifest.digest, ref };
}

/** A name as the layout may hold it: every other character becomes a dash. Empty names are refused. */
export function refName(text: string): string {
  const name = text.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replaceAll(/^[-.]+|[-.]+$/g, '');
  if (name === '') throw new LayoutProblem(`an image cannot be called "${text}": no letter or digit in it`);
  return name.slice(0, 128);
}

type Blob = { readonly digest: Digest; readonly size: number };
type Dated = LayoutWork & { readonly createdAt: Instant };

function configOf(work: Dated, layer: Layer): unknown {
  return {
    created: work.createdAt,
    ...platform(),
    config: {
      Labels: {
        ...work.labels,
        'vcs-ref': work.commit,
        'io.openshift.build.commit.id': work.commit,
        'org.opencontainers.image.revision': work.commit,
      },
    },
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    history: [
      { created: work.createdAt, created_by: 'fleetfix', comment: `built from commit ${work.commit}` },
    ],
  };
}

function manifestOf(work: Dated, parts: { layer: Layer; config: Blob }): unknown {
  return {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config: { mediaType: MEDIA.config, digest: parts.config.digest, size: parts.config.size },
    layers: [{ mediaType: MEDIA.layer, digest: parts.layer.digest, size: parts.layer.size }],
    annotations: {
      'org.opencontainers.image.created': work.createdAt,
      'org.opencontainers.image.revision': work.commit,
    },
  };
}

const platform = () => ({
  architecture: ARCHITECTURES[process.arch] ?? process.arch,
  os: 'linux',
});

type Descriptor = {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
};
type Index = { readonly manifests: readonly Descriptor[]; readonly [member: string]: unknown };

/** A name means one image: an older image of the same name is from now on called by its digest. */
async function addToIndex(layout: string, manifest: Blob, ref: string): Promise<void> {
  const index = await readIndex(layout);
  const others = index.manifests
    .filter((m) => m.digest !== manifest.digest || m.annotations?.[REF_NAME] !== ref)
    .map((m) => (m.annotations?.[REF_NAME] === ref ? named(m, short(m.digest)) : m));
  const entry = named({ mediaType: MEDIA.manifest, ...manifest }, ref);
  const manifests = [...withoutRepeats(others), { ...entry, platform: platform() }];
  await replaceFile(join(layout, 'index.json'), JSON.stringify({ ...index, manifests }, null, 2));
}

const named = (descriptor: Descriptor, ref: string): Descriptor => ({
  ...descriptor,
  annotations: { ...descriptor.annotations, [REF_NAME]: ref },
});

function withoutRepeats(descriptors: readonly Descriptor[]): Descriptor[] {
  const key = (d: Descriptor) => `${d.digest} ${d.annotations?.[REF_NAME] ?? ''}`;
  return [...new Map(descriptors.map((d) => [key(d), d])).values()];
}

async function readIndex(layout: string): Promise<Index> {
  const path = join(layout, 'index.json');
  const index = await readJson(path);
  if (index === undefined) return { schemaVersion: 2, mediaType: MEDIA.index, manifests: [] };
  if (isIndex(index)) return index;
  throw new LayoutProblem(`${path} is not the index of an image layout; move the folder away to begin anew`);
}

function isIndex(value: unknown): value is Index {
  const manifests = (value as Partial<Index> | null)?.manifests;
  return (
    Array.isArray(manifests) && manifests.every((m) => typeof m?.digest === 'string' && isDigest(m.digest))
  );
}

/** Makes what is missing of a layout and returns its real path. Refuses a folder of another kind. */
async function openLayout(path: string): Promise<string> {
  await mkdir(join(path, 'blobs', 'sha256'), { recursive: true });
  const layout = await realpath(path);
  const marker = join(layout, 'oci-layout');
  const found = await readJson(marker);
  if (found === undefined) await replaceFile(marker, JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  else if ((found as { imageLayoutVersion?: unknown } | null)?.imageLayoutVersion !== '1.0.0') {
    throw new LayoutProblem(`${marker} does not say imageLayoutVersion 1.0.0; choose another folder`);
  }
  return layout;
}

async function readJson(path: string): Promise<unknown> {
  try {
    const text = await readFile(path, 'utf8');
    if (text.length > INDEX_BYTES_MAX) throw new LayoutProblem(`${path} is larger than any index`);
    return JSON.parse(text);
  } catch (problem) {
    if (systemCode(problem) === 'ENOENT') return undefined;
    if (problem instanceof SyntaxError) throw new LayoutProblem(`${path} is not JSON: ${problem.message}`);
    throw problem;
  }
}

async function writeBlob(blobs: string, value: unknown): Promise<Blob> {
  const bytes = Buffer.from(canonical(value), 'utf8');
  const digest: Digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  await replaceFile(join(blobs, digest.slice('sha256:'.length)), bytes);
  return { digest, size: bytes.length };
}

/** Whoever reads the file sees the old or the new content, also after a crash. */
async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  const temp = `${path}.${randomUUID()}`;
  try {
    const file = await open(temp, 'wx', 0o644);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temp, path);
  } finally {
    await rm(temp, { force: true });
  }
}

/** Says of which folder a problem speaks. */
async function inOutput<T>(output: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (problem) {
    if (problem instanceof LayoutProblem) throw new LayoutProblem(`output "${output}" ${problem.message}`);
    throw problem;
  }
}
