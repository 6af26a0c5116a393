import { type Digest, isDigest } from '../../core/base/ids.ts';
import { RegistryProblem } from '../../ports/registry.ts';

/** Where an image is: `host/path`, and the tag or digest it is asked by. */
export type Reference = {
  /** As people write it; `docker.io` stays. */
  readonly host: string;
  readonly path: string;
  readonly tag?: string;
  readonly digest?: Digest;
};

const HOST = /^(?:\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?)(?::\d{1,5})?$/;
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+|\/)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/**
 * Reads `host/path:tag`, `host/path@sha256:…` or both, also with `docker://` before it. A name without a host is
 * Docker Hub's, as everywhere. Throws a RegistryProblem that says which part is wrong.
 */
export function readReference(text: string): Reference {
  const bare = text.trim().replace(/^docker:\/\//, '');
  const [named = '', digest, ...more] = bare.split('@');
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  const { host, path } = splitHost(hasTag ? named.slice(0, colon) : named);
  if (!HOST.test(host)) throw wrong(text, `"${host}" is no host`);
  if (!PATH.test(path) || path.length > 255)
    throw wrong(text, `"${path}" is no repository (lower case letters and digits)`);
  if (tag !== undefined && !TAG.test(tag)) throw wrong(text, `"${tag}" is no tag`);
  if (more.length > 0 || (digest !== undefined && !isDigest(digest)))
    throw wrong(text, 'after @ comes sha256: and 64 hex digits in lower case');
  const by =
    digest === undefined ? { tag: tag ?? 'latest' } : { digest: digest as Digest, ...(tag && { tag }) };
  return { host, path, ...by };
}

function splitHost(name: string): { host: string; path: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  if (/[.:]/.test(first) || first === 'localhost') return { host: first, path: name.slice(slash + 1) };
  return { host: 'docker.io', path: slash < 0 ? `library/${name}` : name };
}

const wrong = (text: string, why: string) =>
  new RegistryProblem(
    'usage',
    `${text.slice(0, 300)} names no image: ${why}`,
    'write host/path:tag or host/path@sha256:…, such as quay.io/example/operator@sha256:…',
  );

/** Where Docker Hub answers. */
export const addressOf = (host: string): string => (host === 'docker.io' ? 'registry-1.docker.io' : host);

/** This machine: the only place where http without TLS is fine without being asked for. */
export function isLoopback(host: string): boolean {
  const name = new URL(`http://${host}`).hostname;
  return name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
}
