// Goal: a registry is believed only as far as its digests go, and the way to it gives nothing away.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registryContract, trouble } from '../../ports/registry.contract.ts';
import type { Trust } from '../../ports/registry.ts';
import { createRegistry } from './index.ts';
import { MEDIA } from './media.ts';
import type { RegistrySettings } from './settings.ts';
import { createSigner, envelopeOf, type FakeRegistry, startFakeRegistry, statement } from './testing.ts';

const QUICK = { backOffMs: 1, backOffMsMax: 2 };
const signer = createSigner();
const trustOf = (name: string, pem: string): Trust => ({ keys: [{ name, pem }], bundles: [] });
const trust = trustOf('our key', signer.pem);

let fake: FakeRegistry;
let other: FakeRegistry;
let dir: string;
beforeEach(async () => {
  [fake, other] = [await startFakeRegistry(), await startFakeRegistry()];
  dir = await mkdtemp(join(tmpdir(), 'registry-client-'));
});
afterEach(async () => {
  await Promise.all([fake.stop(), other.stop()]);
  await rm(dir, { recursive: true, force: true });
});

const open = (more: Partial<RegistrySettings> = {}) =>
  createRegistry({
    hosts: {},
    env: { HOME: dir },
    now: () => '2026-11-22T12:00:00.000Z',
    fetch,
    ...more,
    limits: { ...QUICK, ...more.limits },
  });
const look = (more: Partial<RegistrySettings> = {}, ref = `${fake.host}/team/image:v1`) =>
  open(more).look(ref, { trust });

async function authFile(auths: object, name = 'auth.json') {
  const file = join(dir, name);
  await writeFile(file, JSON.stringify({ auths }));
  return file;
}
const authOf = (text: string) => Buffer.from(text).toString('base64');
const messageOf = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing was thrown',
    (problem: Error) => problem.message,
  );

registryContract(async () => ({
  registry: open(),
  trust,
  others: trustOf('another key', createSigner().pem),
  image: async (labels, tag) => ({
    repository: `${fake.host}/team/image`,
    digest: fake.image('team/image', { labels }, tag),
  }),
  sign: async (_repository, digest) => {
    fake.sign('team/image', digest, signer);
    fake.attest('team/image', digest, {}, signer);
  },
}));

describe('what a registry serves', () => {
  it.each([
    [
      'another manifest for a digest',
      () => {
        const digest = fake.image('team/image', {}, 'v1');
        const wrong = fake.manifests.get(`team/image@${fake.image('team/image', { labels: { a: 'b' } })}`)!;
        fake.manifests.set(`team/image@${digest}`, wrong);
        return `${fake.host}/team/image@${digest}`;
      },
      /serves sha256:\w+ for sha256:/,
    ],
    [
      'another configuration for a digest',
      () => {
        fake.image('team/image', {}, 'v1');
        for (const digest of fake.blobs.keys())
          fake.blobs.set(digest, Buffer.from('{"os":"linux","architecture":"arm64"}'));
        return undefined;
      },
      /serves sha256:\w+ for the blob sha256:/,
    ],
    [
      'a blob of another size than its manifest says',
      () => {
        const config = fake.blob('{}');
        fake.put(
          'team/image',
          { mediaType: MEDIA.manifest, config: { ...config, size: 3 }, layers: [] },
          'v1',
        );
        return undefined;
      },
      /of 2 bytes, not 3/,
    ],
    [
      'a manifest that is an index as well',
      () => {
        const config = fake.blob('{}');
        fake.put('team/image', { mediaType: MEDIA.manifest, config, layers: [], manifests: [] }, 'v1');
        return undefined;
      },
      /is a manifest with manifests/,
    ],
    [
      'a document that says it is something else',
      () => {
        const digest = fake.image('team/image', {}, 'v1');
        const { bytes } = fake.manifests.get(`team/image@${digest}`)!;
        fake.manifests.set('team/image:v1', { type: MEDIA.index, bytes });
        return undefined;
      },
      /says it is .*manifest.v1\+json and is served as .*index/,
    ],
    [
      'an index that names what is not there',
      () => {
        const gone = { digest: `sha256:${'0'.repeat(64)}`, size: 2, mediaType: MEDIA.manifest };
        fake.put('team/image', { mediaType: MEDIA.index, manifests: [gone] }, 'v1');
        return undefined;
      },
      /lists sha256:0+, which is not there/,
    ],
    [
      'an index of indexes',
      () => {
        const inner = fake.put('team/image', { mediaType: MEDIA.index, manifests: [] });
        fake.put(
          'team/image',
          { mediaType: MEDIA.index, manifests: [{ digest: inner, size: 1, mediaType: MEDIA.index }] },
          'v1',
        );
        return undefined;
      },
      /an index itself/,
    ],
    [
      'no JSON',
      () => {
        fake.manifests.set('team/image:v1', { type: MEDIA.manifest, bytes: Buffer.from('<html>') });
        return undefined;
      },
      /is not a JSON object/,
    ],
  ])('is refused when it is %s', async (_what, make, message) => {
    const ref = make() ?? `${fake.host}/team/image:v1`;
    const looking = look({}, ref);
    expect(await messageOf(looking)).toMatch(message);
    expect(await trouble(look({}, ref))).toBe('content');
  });

  it('is not read further than allowed, whatever length it claims', async () => {
    fake.image('team/image', {}, 'v1');
    const limits = { manifestBytes: 1_000 };
    fake.instead = (_request, response) => {
      // Never ends by itself: only a reader that gives up gets away.
      response.writeHead(200, { 'content-type': MEDIA.manifest });
      const pour = () => {
        while (!response.destroyed && response.write(' '.repeat(64 * 1024)));
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
      return true;
    };
    expect(await messageOf(look({ limits }))).toContain('answers with more than 1000 bytes');
    fake.instead = (_request, response) => {
      response.writeHead(200, { 'content-length': '5000000000' }).flushHeaders();
      return true;
    };
    expect(await trouble(look({ limits }))).toBe('content');
  });

  it('of signed documents is left out when it is too large, and the others count', async () => {
    const digest = fake.image('team/image', {}, 'v1');
    fake.sign('team/image', digest, signer);
    fake.attest('team/image', digest, { pad: 'x'.repeat(10_000) }, signer);
    const { signed } = await look({ limits: { signedBytes: 5_000 } });
    expect(signed.map(({ signer: by, form }) => [by, form])).toEqual([
      ['our key', 'simple signature'],
      [undefined, 'unreadable'],
    ]);
    expect(signed[1]!.because).toContain('at most 5000 are read');
  });

  it('is left out when a signed document is not what its digest says', async () => {
    const digest = fake.image('team/image', {}, 'v1');
    const before = new Set(fake.blobs.keys());
    fake.attest('team/image', digest, {}, signer);
    for (const name of fake.blobs.keys()) if (!before.has(name)) fake.blobs.set(name, Buffer.from('{}'));
    const { signed } = await look();
    expect(signed).toMatchObject([{ form: 'unreadable', because: expect.stringContaining('for the blob') }]);
  });

  it('lists platforms that differ from what the image says of itself', async () => {
    const digest = fake.image('team/image', { platform: 'linux/amd64' });
    const attestation = fake.image('team/image', { platform: 'unknown/unknown' });
    const of = (one: string, architecture: string, os = 'linux') => ({
      digest: one,
      size: 1,
      mediaType: MEDIA.manifest,
      platform: { os, architecture },
    });
    const manifests = [of(digest, 'arm64'), of(attestation, 'unknown', 'unknown')];
    fake.put('team/image', { mediaType: MEDIA.index, manifests }, 'v1');
    const { images, isIndex } = await look();
    expect(isIndex).toBe(true);
    expect(images).toEqual([{ digest, platform: 'linux/amd64', listedAs: 'linux/arm64', labels: {} }]);
  });
});

describe('a registry that fails', () => {
  it('is asked again when it is overloaded, and then answers', async () => {
    fake.image('team/image', {}, 'v1');
    let left = 3;
    fake.instead = (request, response) => {
      if (!request.url!.includes('manifests/v1') || left === 0) return false;
      left -= 1;
      response.writeHead(left === 2 ? 429 : 503, { 'retry-after': '0' }).end();
      return true;
    };
    expect((await look()).images).toHaveLength(1);
    expect(fake.asked.filter(({ url }) => url.includes('manifests/v1'))).toHaveLength(4);
  });

  it('is given up after some attempts, and that is no verdict on the image', async () => {
    fake.image('team/image', {}, 'v1');
    fake.instead = (request, response) => {
      if (!request.url!.includes('manifests/')) return false;
      response.writeHead(503).end('{"errors":[{"message":"down for now"}]}');
      return true;
    };
    expect(await trouble(look())).toBe('unreachable');
    expect(await messageOf(look())).toContain('answers 503: down for now');
  });

  it('is given up when it does not answer in time', async () => {
    fake.image('team/image', {}, 'v1');
    fake.instead = (request) => request.url!.includes('manifests/');
    const limits = { attemptMs: 50, attempts: 2 };
    expect(await messageOf(look({ limits }))).toContain('no whole answer in time (2 attempts)');
  });

  it('is given up when it stops in the middle of an answer', async () => {
    fake.image('team/image', {}, 'v1');
    fake.instead = (request, response) => {
      if (!request.url!.includes('manifests/')) return false;
      response.writeHead(200, { 'content-type': MEDIA.manifest, 'content-length': '100' });
      response.write('{');
      return true;
    };
    expect(await trouble(look({ limits: { attemptMs: 50, attempts: 1 } }))).toBe('unreachable');
  });

  it('while signatures are read is no refusal either', async () => {
    fake.image('team/image', {}, 'v1');
    fake.instead = (request, response) => {
      if (!request.url!.includes('.att')) return false;
      response.writeHead(500).end();
      return true;
    };
    expect(await trouble(look({ limits: { attempts: 1 } }))).toBe('unreachable');
  });

  it('is not there at all', async () => {
    const host = fake.host;
    await fake.stop();
    const limits = { attempts: 1 };
    expect(await trouble(open({ limits }).look(`${host}/team/image:v1`, {}))).toBe('unreachable');
    fake = await startFakeRegistry();
  });

  it('without TLS elsewhere than on this machine is told how to allow it', async () => {
    // The name of no machine: what would be asked is answered here.
    const urls: string[] = [];
    const noTls = async (url: unknown) => {
      urls.push(String(url));
      throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ERR_SSL_WRONG_VERSION_NUMBER' } });
    };
    const looking = look({ fetch: noTls as typeof fetch }, 'registry.example/team/image:v1');
    expect(await messageOf(looking)).toContain('does not speak TLS');
    expect(urls).toEqual(['https://registry.example/v2/team/image/manifests/v1']);
  });
});

describe('a redirect', () => {
  it('of a blob is followed to another host without the credentials', async () => {
    fake.image('team/image', {}, 'v1');
    const config = await authFile({ [fake.host]: { auth: authOf('user:secret') } });
    fake.instead = (request, response) => {
      if (request.headers.authorization === undefined && request.url !== '/v2/') {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
        return true;
      }
      if (!request.url!.includes('/blobs/')) return false;
      response.writeHead(307, { location: `http://${other.host}/store${request.url}` }).end();
      return true;
    };
    other.instead = (request, response) => {
      response.end(fake.blobs.get(request.url!.split('/').at(-1)!));
      return true;
    };
    expect((await look({ authFile: config })).images).toHaveLength(1);
    expect(fake.asked.some(({ headers }) => headers.authorization !== undefined)).toBe(true);
    expect(other.asked).toHaveLength(1);
    expect(other.asked[0]!.headers.authorization).toBeUndefined();
  });

  it.each([
    [
      'of a manifest',
      'manifests',
      (path: string) => `http://${other.host}${path}`,
      'only blobs may be elsewhere',
    ],
    ['that goes in a circle', 'blobs', (path: string) => path, 'go in a circle'],
    ['to what is no web address', 'blobs', () => 'file:///etc/passwd', 'tell who runs it'],
    ['to a host without TLS', 'blobs', () => 'http://store.example/x', 'plainHttp'],
  ])('%s is not followed', async (_what, kind, to, next) => {
    fake.image('team/image', {}, 'v1');
    fake.instead = (request, response) => {
      if (!request.url!.includes(`/${kind}/`)) return false;
      response.writeHead(302, { location: to(request.url!) }).end();
      return true;
    };
    await expect(look()).rejects.toMatchObject({ trouble: 'content', next: expect.stringContaining(next) });
    expect(other.asked).toEqual([]);
  });

  it('from elsewhere to this machine is not followed', async () => {
    const seen: string[] = [];
    const target = `http://${other.host}/secrets`;
    fake.image('team/image', {}, 'v1');
    const elsewhere = async (url: unknown, init?: RequestInit) => {
      const asked = new URL(String(url));
      seen.push(asked.host);
      if (asked.pathname.includes('/blobs/'))
        return new Response(null, { status: 307, headers: { location: target } });
      return await fetch(`http://${fake.host}${asked.pathname}`, init);
    };
    const looking = look({ fetch: elsewhere as typeof fetch }, 'registry.example/team/image:v1');
    expect(await messageOf(looking)).toContain('on this machine or its link');
    expect(new Set(seen)).toEqual(new Set(['registry.example']));
  });
});

describe('a registry that wants to know who asks', () => {
  const bearer = (realm: string) =>
    `Bearer realm="${realm}",service="registry",scope="repository:team/image:pull,push"`;
  /** Wants `Bearer good`, which the token service at `realm` gives. */
  const wantsToken = (realm: string) => {
    fake.instead = (request, response) => {
      if (request.url!.startsWith('/token')) return token(request.headers.authorization, response);
      if (request.url === '/v2/' || request.headers.authorization === 'Bearer good') return false;
      response.writeHead(401, { 'www-authenticate': bearer(realm) }).end();
      return true;
    };
  };
  const token = (_who: string | undefined, response: { end(text: string): unknown }) => {
    response.end(JSON.stringify({ token: 'good' }));
    return true;
  };

  it('gets a token that is asked for once, to read this repository alone', async () => {
    fake.image('team/image', {}, 'v1');
    wantsToken(`http://${fake.host}/token`);
    const config = await authFile({ [`${fake.host}/team`]: { auth: authOf('user:secret') } });
    expect((await look({ authFile: config })).images).toHaveLength(1);
    const tokens = fake.asked.filter(({ url }) => url.startsWith('/token'));
    expect(tokens).toHaveLength(1);
    expect(tokens[0]!.headers.authorization).toBe(`Basic ${authOf('user:secret')}`);
    expect(new URL(tokens[0]!.url, 'http://x').searchParams.get('scope')).toBe('repository:team/image:pull');
  });

  it('gives nobody’s credentials to a token service of another host', async () => {
    fake.image('team/image', {}, 'v1');
    const elsewhere = `localhost:${other.host.split(':')[1]}`;
    wantsToken(`http://${elsewhere}/token`);
    other.instead = (request, response) => token(request.headers.authorization, response);
    const config = await authFile({ [fake.host]: { auth: authOf('user:secret') } });
    const looking = look({ authFile: config });
    await expect(looking).rejects.toMatchObject({
      trouble: 'denied',
      next: expect.stringContaining('tokenHosts'),
    });
    expect(await messageOf(look({ authFile: config }))).not.toContain('secret');
    expect(other.asked).toEqual([]);
    // Named, it gets them; without credentials there is nothing to give away.
    const hosts = { [fake.host]: { tokenHosts: [elsewhere] } };
    expect((await look({ authFile: config, hosts })).images).toHaveLength(1);
    expect((await look()).images).toHaveLength(1);
    expect(other.asked.map(({ headers }) => headers.authorization !== undefined)).toEqual([true, false]);
  });

  it.each([
    ['has no TLS elsewhere', 'http://auth.example/token', 'has no TLS'],
    ['is none', 'nowhere', 'names no token service'],
    ['has a user in it', 'https://user@auth.example/token', 'has a user in it'],
  ])('is refused when its token service %s', async (_what, realm, message) => {
    fake.image('team/image', {}, 'v1');
    wantsToken(realm);
    expect(await trouble(look())).toBe('denied');
    expect(await messageOf(look())).toContain(message);
  });

  it('denies who has no credentials, or wrong ones', async () => {
    fake.image('team/image', {}, 'v1');
    fake.instead = (request, response) => {
      if (request.url === '/v2/') return false;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      return true;
    };
    expect(await trouble(look())).toBe('denied');
    const config = await authFile({ [fake.host]: { auth: authOf('user:wrong') } });
    expect(await trouble(look({ authFile: config }))).toBe('denied');
  });

  it('is sent an identity token to trade, never as a password', async () => {
    fake.image('team/image', {}, 'v1');
    const bodies: string[] = [];
    wantsToken(`http://${fake.host}/token`);
    const server = createServer((request, response) => {
      request.on('data', (chunk) => bodies.push(String(chunk)));
      request.on('end', () => response.end('{"access_token":"good"}'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    wantsToken(`http://127.0.0.1:${port}/token`);
    const config = await authFile({ [fake.host]: { identitytoken: 'long-lived' } });
    try {
      expect((await look({ authFile: config })).images).toHaveLength(1);
    } finally {
      server.closeAllConnections();
      server.close();
    }
    expect(bodies.join('')).toContain('grant_type=refresh_token');
    expect(new URLSearchParams(bodies.join('')).get('refresh_token')).toBe('long-lived');
    for (const { headers } of fake.asked) expect(headers.authorization ?? 'Bearer good').toBe('Bearer good');
  });

  it('is told that an auth file cannot be read, without a word of it', async () => {
    const file = join(dir, 'broken.json');
    await writeFile(file, '{"auths": secret-word');
    fake.image('team/image', {}, 'v1');
    wantsToken(`http://${fake.host}/token`);
    const message = await messageOf(look({ authFile: file }));
    expect(message).toContain('broken.json cannot be read: it is not JSON');
    expect(message).not.toContain('secret-word');
  });
});

describe('referrers', () => {
  /** A bundle as a registry with the referrers API lists it. */
  const bundleFor = (digest: `sha256:${string}`, about = digest) => {
    const type = 'application/vnd.dev.sigstore.bundle.v0.3+json';
    const dsseEnvelope = envelopeOf(statement(about, {}), signer);
    const layer = { ...fake.blob(JSON.stringify({ mediaType: type, dsseEnvelope })), mediaType: type };
    const config = { ...fake.blob('{}'), mediaType: 'application/vnd.oci.empty.v1+json' };
    const manifest = fake.put('team/image', {
      mediaType: MEDIA.manifest,
      artifactType: type,
      config,
      layers: [layer],
    });
    return { digest: manifest, size: 1, mediaType: MEDIA.manifest, artifactType: type };
  };
  const pages = (all: readonly object[][], next: (page: number) => string | undefined) => {
    fake.instead = (request, response) => {
      const url = new URL(request.url!, 'http://x');
      if (!url.pathname.includes('/referrers/')) return false;
      const page = Number(url.searchParams.get('page') ?? 0);
      const link = next(page);
      response
        .writeHead(200, { 'content-type': MEDIA.index, ...(link && { link: `<${link}>; rel="next"` }) })
        .end(JSON.stringify({ mediaType: MEDIA.index, manifests: all[page] ?? [] }));
      return true;
    };
  };

  it('are read page by page', async () => {
    const digest = fake.image('team/image', {}, 'v1');
    const sbom = { ...bundleFor(digest), artifactType: 'application/spdx+json' };
    const at = `/v2/team/image/referrers/${digest}`;
    pages([[sbom], [bundleFor(digest)]], (page) => (page === 0 ? `${at}?page=1` : undefined));
    const { signed } = await look();
    expect(signed).toMatchObject([{ form: 'statement', signer: 'our key', of: digest }]);
  });

  it.each([
    ['in a circle', (at: string) => `${at}?page=0`, 'in a circle'],
    ['without end', (at: string, page: number) => `${at}?page=${page + 1}`, 'more than 5 pages'],
    ['on another host', () => 'http://127.0.0.1:1/v2/team/image/referrers/x', 'outside of the repository'],
    ['in another repository', () => '/v2/team/secret/referrers/x', 'outside of the repository'],
  ])('that go on %s are not followed', async (_what, next, message) => {
    const digest = fake.image('team/image', {}, 'v1');
    pages([], (page) => next(`/v2/team/image/referrers/${digest}`, page));
    const { signed } = await look({ limits: { pages: 5 } });
    expect(signed).toMatchObject([{ form: 'unreadable', because: expect.stringContaining(message) }]);
    expect(fake.asked.filter(({ url }) => url.includes('/referrers/')).length).toBeLessThanOrEqual(5);
  });

  it('are found under their tag where the registry does not know the API', async () => {
    const digest = fake.image('team/image', {}, 'v1');
    fake.put(
      'team/image',
      { mediaType: MEDIA.index, manifests: [bundleFor(digest)] },
      digest.replace(':', '-'),
    );
    expect((await look()).signed).toMatchObject([{ form: 'statement', signer: 'our key' }]);
  });

  it('are not all read when there are too many, and that is said', async () => {
    const digest = fake.image('team/image', {}, 'v1');
    const one = bundleFor(digest);
    pages([Array.from({ length: 9 }, () => one)], () => undefined);
    const { signed } = await look({ limits: { signedCount: 3 } });
    expect(signed).toHaveLength(4);
    expect(signed[3]!.because).toBe('9 documents, of which the first 3 were read');
  });
});

describe('mirrors', () => {
  const ref = (digest: string) => `${fake.host}/team/image@${digest}`;

  it('are asked first, with the path below theirs', async () => {
    const digest = other.image('copies/team/image', { labels: { a: 'b' } });
    const hosts = { [fake.host]: { mirrors: [`${other.host}/copies`] } };
    const seen = await look({ hosts }, ref(digest));
    expect(seen).toMatchObject({ repository: `${fake.host}/team/image`, images: [{ labels: { a: 'b' } }] });
  });

  it('that fail, lack it or lie are passed over', async () => {
    const digest = fake.image('team/image');
    const wrong = other.manifests.get(`team/image@${other.image('team/image', { labels: { a: 'b' } })}`)!;
    const hosts = { [fake.host]: { mirrors: [other.host] } };
    expect((await look({ hosts }, ref(digest))).digest).toBe(digest);
    other.manifests.set(`team/image@${digest}`, wrong);
    expect((await look({ hosts }, ref(digest))).digest).toBe(digest);
    await other.stop();
    expect((await look({ hosts, limits: { attempts: 1 } }, ref(digest))).digest).toBe(digest);
    other = await startFakeRegistry();
  });
});
