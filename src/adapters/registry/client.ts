import { createHash } from 'node:crypto';
import { type Digest, isDigest } from '../../core/base/ids.ts';
import { RegistryProblem } from '../../ports/registry.ts';
import { type Descriptor, type Document, readDocument } from './documents.ts';
import { INDEXES, MANIFESTS } from './media.ts';
import { createSession, denied, type Place, type Session } from './session.ts';
import type { Limits, RegistrySettings } from './settings.ts';
import { createTransport, type Reply } from './transport.ts';

/** One repository, at its host or at a mirror of it. Everything it returns was held against its digest. */
export type Client = {
  /** Undefined: it is nowhere. `by`: a tag or a digest. */
  manifest(by: string): Promise<Document | undefined>;
  /** Throws a problem when it is nowhere, too long, or not what its descriptor says. */
  blob(of: Descriptor, bytesMax: number): Promise<Buffer>;
  /** What says that it belongs to a digest, by the referrers API or the tag that stands for it. */
  referrers(of: Digest): Promise<readonly Descriptor[]>;
};

export function createClient(place: Place, settings: RegistrySettings, limits: Limits): Client {
  const transport = createTransport(settings, limits);
  const mirrors = settings.hosts[place.host]?.mirrors ?? [];
  const places = [...mirrors.map((mirror) => mirrored(mirror, place)), place];
  const sites = places.map((at) => ({ at, session: createSession(at, settings, transport) }));
  const first = <T>(read: (site: Site) => Promise<T | undefined>) => firstOf(sites, read);
  const manifest = (by: string) => first((site) => manifestAt(site, by, limits));
  return {
    manifest,
    blob: async (of, bytesMax) => {
      const bytes = await first((site) => blobAt(site, of, bytesMax));
      if (bytes) return bytes;
      throw content(place, `has no blob ${of.digest}`);
    },
    referrers: async (of) =>
      (await first((site) => referrersAt(site, of, limits))) ??
      (await manifest(of.replace(':', '-')))?.manifests ??
      [],
  };
}

type Site = { readonly at: Place; readonly session: Session };

/** `mirror.example/copies` for `quay.io/team/image` → `copies/team/image` at `mirror.example`. */
function mirrored(mirror: string, { path }: Place): Place {
  const [host = '', ...prefix] = mirror.split('/').filter((part) => part !== '');
  return { host, path: [...prefix, path].join('/') };
}

/** Asks one after the other. A mirror that fails is passed over: the last one, the host itself, has the last word. */
async function firstOf<T>(
  sites: readonly Site[],
  read: (site: Site) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const [n, site] of sites.entries()) {
    try {
      const found = await read(site);
      if (found !== undefined) return found;
    } catch (problem) {
      if (n === sites.length - 1 || !(problem instanceof RegistryProblem)) throw problem;
    }
  }
  return undefined;
}

async function manifestAt({ at, session }: Site, by: string, limits: Limits): Promise<Document | undefined> {
  const accept = [...INDEXES, ...MANIFESTS];
  const reply = await session({ what: `manifests/${by}`, accept, bytesMax: limits.manifestBytes });
  if (isAbsent(reply)) return undefined;
  if (reply.status !== 200) throw unexpected(at, `manifests/${by}`, reply);
  const digest = digestOf(reply.bytes);
  const claimed = isDigest(by) ? by : reply.headers.get('docker-content-digest');
  if (claimed !== null && claimed !== digest && claimed.startsWith('sha256:'))
    throw content(at, `serves ${digest} for ${claimed}`);
  return readDocument(reply.bytes, { digest, type: reply.headers.get('content-type') });
}

async function blobAt({ at, session }: Site, of: Descriptor, bytesMax: number): Promise<Buffer | undefined> {
  if (of.size > bytesMax)
    throw content(
      at,
      `has a blob ${of.digest} of ${of.size} bytes, and at most ${bytesMax} are read for this`,
    );
  const reply = await session({ what: `blobs/${of.digest}`, bytesMax, redirects: true });
  if (isAbsent(reply)) return undefined;
  if (reply.status !== 200) throw unexpected(at, `blobs/${of.digest}`, reply);
  const digest = digestOf(reply.bytes);
  if (digest !== of.digest) throw content(at, `serves ${digest} for the blob ${of.digest}`);
  if (reply.bytes.length !== of.size)
    throw content(
      at,
      `has a blob ${of.digest} of ${reply.bytes.length} bytes, not ${of.size} as its manifest says`,
    );
  return reply.bytes;
}

/** Undefined when the registry does not know the API; pages are read until there is none. */
async function referrersAt(
  { at, session }: Site,
  of: Digest,
  limits: Limits,
): Promise<Descriptor[] | undefined> {
  const found: Descriptor[] = [];
  const seen = new Set<string>();
  let what: string | URL = `referrers/${of}`;
  for (;;) {
    const reply: Reply = await session({ what, accept: [INDEXES[0]!], bytesMax: limits.manifestBytes });
    // Before the first page: old registries answer so. Amid the pages it would hide what comes after.
    if (seen.size === 0 && (reply.status === 404 || reply.status === 405 || reply.status === 400))
      return undefined;
    if (reply.status !== 200) throw unexpected(at, `referrers/${of}`, reply);
    if (seen.size === 0 && !/json/.test(reply.headers.get('content-type') ?? '')) return undefined;
    seen.add(reply.url.href);
    const digest = digestOf(reply.bytes);
    found.push(...(readDocument(reply.bytes, { digest, type: INDEXES[0]! }).manifests ?? []));
    const next = nextPage(reply, at);
    if (next === undefined) return found;
    if (seen.has(next.href)) throw content(at, `pages its referrers of ${of} in a circle`);
    if (seen.size >= limits.pages)
      throw content(at, `has more than ${limits.pages} pages of referrers of ${of}`);
    what = next;
  }
}

/** The next page, which may only be on the same host and of the same repository. */
function nextPage({ headers, url }: Pick<Reply, 'headers' | 'url'>, at: Place): URL | undefined {
  const found = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(headers.get('link') ?? '');
  if (!found) return undefined;
  const next = URL.canParse(found[1]!, url.href) ? new URL(found[1]!, url.href) : undefined;
  if (next?.origin === url.origin && next.pathname.startsWith(`/v2/${at.path}/referrers/`)) return next;
  throw content(at, `has its next page at ${next?.host ?? 'no address'}, outside of the repository`);
}

const isAbsent = ({ status }: Reply) => status === 404;
const digestOf = (bytes: Buffer): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const content = ({ host, path }: Place, what: string) =>
  new RegistryProblem(
    'content',
    `${host}/${path} ${what}`,
    'push the image again from its build, or ask who runs the registry',
  );

function unexpected(at: Place, what: string, { status, bytes }: Reply): RegistryProblem {
  if (status === 401 || status === 403) return denied(at, status);
  const why = `${at.host}/${at.path}/${what} answers ${status}${reasonIn(bytes)}`;
  if (status === 429 || status >= 500)
    return new RegistryProblem('unreachable', why, 'run the same again when the registry is well');
  return new RegistryProblem('content', why, 'check the reference');
}

/** The message of a registry's error, in the form that all of them use. */
function reasonIn(bytes: Buffer): string {
  try {
    const said = JSON.parse(bytes.toString('utf8')) as { errors?: readonly { message?: unknown }[] };
    const message = said.errors?.[0]?.message;
    return typeof message === 'string' ? `: ${message.slice(0, 200)}` : '';
  } catch {
    return '';
  }
}
