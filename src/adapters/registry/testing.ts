import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Digest } from '../../core/base/ids.ts';
import { signedBytes } from './judge.ts';
import { MEDIA } from './media.ts';

/** A registry in memory that can be made to misbehave; for tests. */
export type FakeRegistry = {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly blobs: Map<string, Buffer>;
  /** By `path:tag` or `path@digest`. */
  readonly manifests: Map<string, { readonly type: string; readonly bytes: Buffer }>;
  /** What was asked, in order: method, path with query, headers. */
  readonly asked: Asked[];
  /** Answers instead of the registry when it returns true. */
  instead: (request: IncomingMessage, response: ServerResponse) => boolean;
  blob(bytes: Buffer | string): { readonly digest: Digest; readonly size: number };
  put(path: string, document: object, tag?: string): Digest;
  image(path: string, of?: { platform?: string; labels?: Record<string, string> }, tag?: string): Digest;
  /** Puts cosign's signature of a digest beside it. */
  sign(path: string, digest: Digest, by: Signer): void;
  attest(path: string, digest: Digest, predicate: object, by: Signer): void;
  stop(): Promise<void>;
};
type Asked = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
};
export type Signer = ReturnType<typeof createSigner>;

export function createSigner() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    signature: (bytes: Buffer) => sign('sha256', bytes, privateKey).toString('base64'),
  };
}

const digestOf = (bytes: Buffer): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const PROVENANCE = 'https://slsa.dev/provenance/v0.2';

export async function startFakeRegistry(): Promise<FakeRegistry> {
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    fake.asked.push({ method, url, headers });
    if (!fake.instead(request, response)) answer(fake, url, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake: FakeRegistry = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    blobs: new Map(),
    manifests: new Map(),
    asked: [],
    instead: () => false,
    blob: (content) => {
      const bytes = Buffer.from(content);
      const digest = digestOf(bytes);
      fake.blobs.set(digest, bytes);
      return { digest, size: bytes.length };
    },
    put: (path, document, tag) => {
      const bytes = Buffer.from(JSON.stringify(document));
      const type = String((document as { mediaType?: unknown }).mediaType);
      const digest = digestOf(bytes);
      for (const name of [`${path}@${digest}`, ...(tag ? [`${path}:${tag}`] : [])])
        fake.manifests.set(name, { type, bytes });
      return digest;
    },
    image: (path, { platform = 'linux/amd64', labels = {} } = {}, tag = undefined) => {
      const [os, architecture] = platform.split('/');
      const config = fake.blob(JSON.stringify({ os, architecture, config: { Labels: labels } }));
      return fake.put(path, { mediaType: MEDIA.manifest, config, layers: [] }, tag);
    },
    sign: (path, digest, by) => {
      const critical = {
        type: 'cosign container image signature',
        image: { 'docker-manifest-digest': digest },
      };
      const payload = Buffer.from(JSON.stringify({ critical }));
      const annotations = { 'dev.cosignproject.cosign/signature': by.signature(payload) };
      beside(fake, path, `${digest.replace(':', '-')}.sig`, {
        ...fake.blob(payload),
        mediaType: MEDIA.simpleSigning,
        annotations,
      });
    },
    attest: (path, digest, predicate, by) => {
      const envelope = Buffer.from(JSON.stringify(envelopeOf(statement(digest, predicate), by)));
      beside(fake, path, `${digest.replace(':', '-')}.att`, {
        ...fake.blob(envelope),
        mediaType: MEDIA.envelope,
      });
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}

export const statement = (digest: Digest, predicate: object, predicateType = PROVENANCE) => ({
  _type: 'https://in-toto.io/Statement/v0.1',
  predicateType,
  subject: [{ name: 'image', digest: { sha256: digest.slice('sha256:'.length) } }],
  predicate,
});

export function envelopeOf(content: object, by: Signer) {
  const type = 'application/vnd.in-toto+json';
  const body = Buffer.from(JSON.stringify(content));
  const sig = by.signature(signedBytes(type, body));
  return { payloadType: type, payload: body.toString('base64'), signatures: [{ keyid: '', sig }] };
}

function beside(fake: FakeRegistry, path: string, tag: string, layer: object) {
  const config = fake.blob('{}');
  fake.put(path, { mediaType: MEDIA.manifest, config, layers: [layer] }, tag);
}

function answer(fake: FakeRegistry, url: string, response: ServerResponse) {
  const [, path = '', kind = '', by = ''] =
    /^\/v2\/(.+)\/(manifests|blobs|referrers)\/([^/?]+)/.exec(url) ?? [];
  if (url === '/v2/') return response.writeHead(200).end('{}');
  const manifest = fake.manifests.get(`${path}${by.startsWith('sha256:') ? '@' : ':'}${by}`);
  if (kind === 'manifests' && manifest)
    return response.writeHead(200, { 'content-type': manifest.type }).end(manifest.bytes);
  const blob = kind === 'blobs' ? fake.blobs.get(by) : undefined;
  if (blob) return response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(blob);
  return response
    .writeHead(404, { 'content-type': 'application/json' })
    .end('{"errors":[{"message":"not known"}]}');
}
