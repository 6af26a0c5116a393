// Goal: a registry is believed only as far as its digests go, and trouble on the way to it is no verdict.
import { describe, expect, it } from 'vitest';
import { registryContract, trouble } from '../../ports/registry.contract.ts';
import { MEDIA } from './media.ts';
import type { RegistrySettings } from './settings.ts';
import { createSigner, envelopeOf, startFakeRegistry, statement } from './testing.ts';
import { lookWith, messageOf, openWith, signer, trust, trustOf, withFakes } from './testing-fakes.ts';

const fakes = withFakes();
const look = (...more: [Partial<RegistrySettings>?, string?]) => lookWith(fakes, ...more);
registryContract(async () => ({
  registry: openWith(fakes),
  trust,
  others: trustOf('another key', createSigner().pem),
  image: async (labels, tag) => ({
    repository: `${fakes.fake.host}/team/image`,
    digest: fakes.fake.image('team/image', { labels }, tag),
  }),
  sign: async (_repository, digest) => {
    fakes.fake.sign('team/image', digest, signer);
    fakes.fake.attest('team/image', digest, {}, signer);
  },
}));

describe('what a registry serves', () => {
  it.each([
    [
      'another manifest for a digest',
      () => {
        const digest = fakes.fake.image('team/image', {}, 'v1');
        const wrong = fakes.fake.manifests.get(
          `team/image@${fakes.fake.image('team/image', { labels: { a: 'b' } })}`,
        )!;
        fakes.fake.manifests.set(`team/image@${digest}`, wrong);
        return `${fakes.fake.host}/team/image@${digest}`;
      },
      /serves sha256:\w+ for sha256:/,
    ],
    [
      'another configuration for a digest',
      () => {
        fakes.fake.image('team/image', {}, 'v1');
        for (const digest of fakes.fake.blobs.keys())
          fakes.fake.blobs.set(digest, Buffer.from('{"os":"linux","architecture":"arm64"}'));
        return undefined;
      },
      /serves sha256:\w+ for the blob sha256:/,
    ],
    [
      'a blob of another size than its manifest says',
      () => {
        const config = fakes.fake.blob('{}');
        fakes.fake.put(
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
        const config = fakes.fake.blob('{}');
        fakes.fake.put('team/image', { mediaType: MEDIA.manifest, config, layers: [], manifests: [] }, 'v1');
        return undefined;
      },
      /is a manifest with manifests/,
    ],
    [
      'a document that says it is something else',
      () => {
        const digest = fakes.fake.image('team/image', {}, 'v1');
        const { bytes } = fakes.fake.manifests.get(`team/image@${digest}`)!;
        fakes.fake.manifests.set('team/image:v1', { type: MEDIA.index, bytes });
        return undefined;
      },
      /says it is .*manifest.v1\+json and is served as .*index/,
    ],
    [
      'an index that names what is not there',
      () => {
        const gone = { digest: `sha256:${'0'.repeat(64)}`, size: 2, mediaType: MEDIA.manifest };
        fakes.fake.put('team/image', { mediaType: MEDIA.index, manifests: [gone] }, 'v1');
        return undefined;
      },
      /lists sha256:0+, which is not there/,
    ],
    [
      'an index of indexes',
      () => {
        const inner = fakes.fake.put('team/image', { mediaType: MEDIA.index, manifests: [] });
        fakes.fake.put(
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
        fakes.fake.manifests.set('team/image:v1', { type: MEDIA.manifest, bytes: Buffer.from('<html>') });
        return undefined;
      },
      /is not a JSON object/,
    ],
  ])('is refused when it is %s', async (_what, make, message) => {
    const ref = make() ?? `${fakes.fake.host}/team/image:v1`;
    const looking = look({}, ref);
    expect(await messageOf(looking)).toMatch(message);
    expect(await trouble(look({}, ref))).toBe('content');
  });

  it('is not read further than allowed, whatever length it claims', async () => {
    fakes.fake.image('team/image', {}, 'v1');
    const limits = { manifestBytes: 1_000 };
    fakes.fake.instead = (_request, response) => {
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
    fakes.fake.instead = (_request, response) => {
      response.writeHead(200, { 'content-length': '5000000000' }).flushHeaders();
      return true;
    };
    expect(await trouble(look({ limits }))).toBe('content');
  });

  it('of signed documents is left out when it is too large, and the others count', async () => {
    const digest = fakes.fake.image('team/image', {}, 'v1');
    fakes.fake.sign('team/image', digest, signer);
    fakes.fake.attest('team/image', digest, { pad: 'x'.repeat(10_000) }, signer);
    const { signed } = await look({ limits: { signedBytes: 5_000 } });
    expect(signed.map(({ signer: by, form }) => [by, form])).toEqual([
      ['our key', 'simple signature'],
      [undefined, 'unreadable'],
    ]);
    expect(signed[1]!.because).toContain('at most 5000 are read');
  });

  it('is left out when a signed document is not what its digest says', async () => {
    const digest = fakes.fake.image('team/image', {}, 'v1');
    const before = new Set(fakes.fake.blobs.keys());
    fakes.fake.attest('team/image', digest, {}, signer);
    for (const name of fakes.fake.blobs.keys())
      if (!before.has(name)) fakes.fake.blobs.set(name, Buffer.from('{}'));
    const { signed } = await look();
    expect(signed).toMatchObject([{ form: 'unreadable', because: expect.stringContaining('for the blob') }]);
  });

  it('lists platforms that differ from what the image says of itself', async () => {
    const digest = fakes.fake.image('team/image', { platform: 'linux/amd64' });
    const attestation = fakes.fake.image('team/image', { platform: 'unknown/unknown' });
    const of = (one: string, architecture: string, os = 'linux') => ({
      digest: one,
      size: 1,
      mediaType: MEDIA.manifest,
      platform: { os, architecture },
    });
    const manifests = [of(digest, 'arm64'), of(attestation, 'unknown', 'unknown')];
    fakes.fake.put('team/image', { mediaType: MEDIA.index, manifests }, 'v1');
    const { images, isIndex } = await look();
    expect(isIndex).toBe(true);
    expect(images).toEqual([{ digest, platform: 'linux/amd64', listedAs: 'linux/arm64', labels: {} }]);
  });
});

describe('a registry that fails', () => {
  it('is asked again when it is overloaded, and then answers', async () => {
    fakes.fake.image('team/image', {}, 'v1');
    let left = 3;
    fakes.fake.instead = (request, response) => {
      if (!request.url!.includes('manifests/v1') || left === 0) return false;
      left -= 1;
      response.writeHead(left === 2 ? 429 : 503, { 'retry-after': '0' }).end();
      return true;
    };
    expect((await look()).images).toHaveLength(1);
    expect(fakes.fake.asked.filter(({ url }) => url.includes('manifests/v1'))).toHaveLength(4);
  });

  it('is given up after some attempts, and that is no verdict on the image', async () => {
    fakes.fake.image('team/image', {}, 'v1');
    fakes.fake.instead = (request, response) => {
      if (!request.url!.includes('manifests/')) return false;
      response.writeHead(503).end('{"errors":[{"message":"down for now"}]}');
      return true;
    };
    expect(await trouble(look())).toBe('unreachable');
    expect(await messageOf(look())).toContain('answers 503: down for now');
  });

  it('is given up when it does not answer in time', async () => {
    fakes.fake.image('team/image', {}, 'v1');
    fakes.fake.instead = (request) => request.url!.includes('manifests/');
    const limits = { attemptMs: 50, attempts: 2 };
    expect(await messageOf(look({ limits }))).toContain('no whole answer in time (2 attempts)');
  });

  it('is given up when it stops in the middle of an answer', async () => {
    fakes.fake.image('team/image', {}, 'v1');
    fakes.fake.instead = (request, response) => {
      if (!request.url!.includes('manifests/')) return false;
      response.writeHead(200, { 'content-type': MEDIA.manifest, 'content-length': '100' });
      response.write('{');
      return true;
    };
    expect(await trouble(look({ limits: { attemptMs: 50, attempts: 1 } }))).toBe('unreachable');
  });

  it('while signatures are read is no refusal either', async () => {
    fakes.fake.image('team/image', {}, 'v1');
    fakes.fake.instead = (request, response) => {
      if (!request.url!.includes('.att')) return false;
      response.writeHead(500).end();
      return true;
    };
    expect(await trouble(look({ limits: { attempts: 1 } }))).toBe('unreachable');
  });

  it('is not there at all', async () => {
    const host = fakes.fake.host;
    await fakes.fake.stop();
    const limits = { attempts: 1 };
    expect(await trouble(openWith(fakes, { limits }).look(`${host}/team/image:v1`, {}))).toBe('unreachable');
    fakes.fake = await startFakeRegistry();
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

describe('referrers', () => {
  /** A bundle as a registry with the referrers API lists it. */
  const bundleFor = (digest: `sha256:${string}`, about = digest) => {
    const type = 'application/vnd.dev.sigstore.bundle.v0.3+json';
    const dsseEnvelope = envelopeOf(statement(about, {}), signer);
    const layer = { ...fakes.fake.blob(JSON.stringify({ mediaType: type, dsseEnvelope })), mediaType: type };
    const config = { ...fakes.fake.blob('{}'), mediaType: 'application/vnd.oci.empty.v1+json' };
    const manifest = fakes.fake.put('team/image', {
      mediaType: MEDIA.manifest,
      artifactType: type,
      config,
      layers: [layer],
    });
    return { digest: manifest, size: 1, mediaType: MEDIA.manifest, artifactType: type };
  };
  const pages = (all: readonly object[][], next: (page: number) => string | undefined) => {
    fakes.fake.instead = (request, response) => {
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
    const digest = fakes.fake.image('team/image', {}, 'v1');
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
    const digest = fakes.fake.image('team/image', {}, 'v1');
    pages([], (page) => next(`/v2/team/image/referrers/${digest}`, page));
    const { signed } = await look({ limits: { pages: 5 } });
    expect(signed).toMatchObject([{ form: 'unreadable', because: expect.stringContaining(message) }]);
    expect(fakes.fake.asked.filter(({ url }) => url.includes('/referrers/')).length).toBeLessThanOrEqual(5);
  });

  it('are found under their tag where the registry does not know the API', async () => {
    const digest = fakes.fake.image('team/image', {}, 'v1');
    fakes.fake.put(
      'team/image',
      { mediaType: MEDIA.index, manifests: [bundleFor(digest)] },
      digest.replace(':', '-'),
    );
    expect((await look()).signed).toMatchObject([{ form: 'statement', signer: 'our key' }]);
  });

  it('are not all read when there are too many, and that is said', async () => {
    const digest = fakes.fake.image('team/image', {}, 'v1');
    const one = bundleFor(digest);
    pages([Array.from({ length: 9 }, () => one)], () => undefined);
    const { signed } = await look({ limits: { signedCount: 3 } });
    expect(signed).toHaveLength(4);
    expect(signed[3]!.because).toBe('9 documents, of which the first 3 were read');
  });
});

describe('mirrors', () => {
  const ref = (digest: string) => `${fakes.fake.host}/team/image@${digest}`;

  it('are asked first, with the path below theirs', async () => {
    const digest = fakes.other.image('copies/team/image', { labels: { a: 'b' } });
    const hosts = { [fakes.fake.host]: { mirrors: [`${fakes.other.host}/copies`] } };
    const seen = await look({ hosts }, ref(digest));
    expect(seen).toMatchObject({
      repository: `${fakes.fake.host}/team/image`,
      images: [{ labels: { a: 'b' } }],
    });
  });

  it('that fail, lack it or lie are passed over', async () => {
    const digest = fakes.fake.image('team/image');
    const wrong = fakes.other.manifests.get(
      `team/image@${fakes.other.image('team/image', { labels: { a: 'b' } })}`,
    )!;
    const hosts = { [fakes.fake.host]: { mirrors: [fakes.other.host] } };
    expect((await look({ hosts }, ref(digest))).digest).toBe(digest);
    fakes.other.manifests.set(`team/image@${digest}`, wrong);
    expect((await look({ hosts }, ref(digest))).digest).toBe(digest);
    await fakes.other.stop();
    expect((await look({ hosts, limits: { attempts: 1 } }, ref(digest))).digest).toBe(digest);
    fakes.other = await startFakeRegistry();
  });
});
