import { type Digest, isDigest } from '../../core/base/ids.ts';
import { RegistryProblem } from '../../ports/registry.ts';
import { INDEXES, MANIFESTS } from './media.ts';

/** What a manifest or an index says of a part of it. */
export type Descriptor = {
  readonly digest: Digest;
  readonly size: number;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** `linux/amd64`, `linux/arm/v7`; absent: not said. */
  readonly platform?: string;
};

/** A manifest or an index that was held against its digest. */
export type Document = {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly artifactType?: string;
  /** Of an index. */
  readonly manifests?: readonly Descriptor[];
  /** Of a manifest. */
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
};

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a manifest or an index. Bytes that could be read as both are refused, and so is a type that the server and
 * the document do not agree on: two programs would see two images.
 */
export function readDocument(
  bytes: Buffer,
  said: { readonly digest: Digest; readonly type: string | null },
): Document {
  const value = jsonOf(bytes, said.digest);
  const served = said.type?.split(';')[0]?.trim() ?? '';
  const own = typeof value.mediaType === 'string' ? value.mediaType : undefined;
  const isGeneral = served === '' || served === 'application/json' || served === 'application/octet-stream';
  if (own !== undefined && !isGeneral && own !== served)
    throw bad(said.digest, `says it is ${own.slice(0, 100)} and is served as ${served.slice(0, 100)}`);
  const mediaType = own ?? (isGeneral ? guessed(value) : served);
  const artifactType = typeof value.artifactType === 'string' ? { artifactType: value.artifactType } : {};
  const base = { digest: said.digest, mediaType, ...artifactType };
  if (INDEXES.includes(mediaType)) {
    if (value.layers !== undefined || value.config !== undefined)
      throw bad(said.digest, 'is an index with layers');
    return { ...base, manifests: listOf(value.manifests, said.digest) };
  }
  if (!MANIFESTS.includes(mediaType))
    throw bad(said.digest, `is a ${mediaType.slice(0, 100)}, which is not read`);
  if (value.manifests !== undefined) throw bad(said.digest, 'is a manifest with manifests');
  const config = descriptorOf(value.config);
  if (config === undefined) throw bad(said.digest, 'has no configuration');
  return { ...base, config, layers: listOf(value.layers, said.digest) };
}

const guessed = (value: Fields): string =>
  Array.isArray(value.manifests)
    ? 'application/vnd.oci.image.index.v1+json'
    : 'application/vnd.oci.image.manifest.v1+json';

/** The JSON object in bytes. Throws a content problem that names the digest. */
export function jsonOf(bytes: Buffer, digest: Digest): Fields {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Fields;
  } catch {
    // Said below.
  }
  throw bad(digest, 'is not a JSON object');
}

function listOf(value: unknown, digest: Digest): Descriptor[] {
  if (!Array.isArray(value)) throw bad(digest, 'lists nothing');
  return value.map((one) => {
    const descriptor = descriptorOf(one);
    if (descriptor === undefined) throw bad(digest, 'lists something without a sha256 digest and a size');
    return descriptor;
  });
}

function descriptorOf(value: unknown): Descriptor | undefined {
  const { digest, size, mediaType, artifactType, annotations, platform } = fields(value);
  if (typeof digest !== 'string' || !isDigest(digest)) return undefined;
  if (!Number.isSafeInteger(size) || (size as number) < 0) return undefined;
  const named = platformText(fields(platform));
  return {
    digest,
    size: size as number,
    mediaType: typeof mediaType === 'string' ? mediaType : '',
    ...(typeof artifactType === 'string' && { artifactType }),
    annotations: texts(annotations),
    ...(named !== undefined && { platform: named }),
  };
}

/** `os/architecture[/variant]` of a platform or of an image's configuration; undefined when either is missing. */
export function platformText({ os, architecture, variant }: Fields): string | undefined {
  if (typeof os !== 'string' || typeof architecture !== 'string' || os === '' || architecture === '')
    return undefined;
  return [os, architecture, ...(typeof variant === 'string' && variant !== '' ? [variant] : [])].join('/');
}

/** The members that are text. */
export const texts = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields(value)).filter((one): one is [string, string] => typeof one[1] === 'string'),
  );

export const fields = (value: unknown): Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {};

const bad = (digest: Digest, what: string) =>
  new RegistryProblem('content', `${digest} ${what}`, 'push the image again from its build, or name another');
