import { type Digest, isDigest } from '../base/ids.ts';

/**
 * The digest an image reference or a kubelet's imageID ends with (`host/path@sha256:…`, with or without a tag or
 * `docker-pullable://`, or the digest alone); undefined when it names none.
 */
export function digestIn(ref: string | undefined): Digest | undefined {
  const text = ref?.slice(ref.lastIndexOf('@') + 1) ?? '';
  return isDigest(text) ? text : undefined;
}

/** `host/path` of a reference, without scheme, tag and digest. */
export function repositoryOf(ref: string): string {
  const bare = ref.replace(/^[a-z-]+:\/\//, '').replace(/@.*$/s, '');
  const tag = bare.lastIndexOf(':');
  return tag > bare.lastIndexOf('/') ? bare.slice(0, tag) : bare;
}

export const refOf = (repository: string, digest: Digest): string => `${repository}@${digest}`;

/** Whether two references name the same image, as far as one can tell without a registry: same digest, or same text. */
export function isSameRef(a: string, b: string): boolean {
  const [digestA, digestB] = [digestIn(a), digestIn(b)];
  return digestA !== undefined && digestB !== undefined ? digestA === digestB : a === b;
}

/** The index that a platform's image belongs to; itself when it is none or nobody knows. */
export type SameImage = (digest: Digest) => Digest;
