import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type Ran, run } from '../../src/adapters/process/run.ts';
import type { Digest } from '../../src/core/base/ids.ts';
import type { Tools } from './tools.ts';

/** A registry that runs, with a folder for keys and predicates. */
export type Lab = {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly dir: string;
  /** Puts an image of one platform into a repository. */
  image(repository: string, of: Partial<ImageOf>): Promise<Digest>;
  /** Puts an image of several platforms. */
  index(repository: string, of: Partial<ImageOf> & { readonly platforms: readonly string[] }): Promise<Made>;
  put(repository: string, by: string, manifest: object): Promise<Digest>;
  blob(repository: string, bytes: Buffer): Promise<Part>;
  read(repository: string, by: string): Promise<Manifest>;
  remove(repository: string, digest: Digest): Promise<void>;
  /** A pair of keys, as files. */
  keyPair(name: string): Promise<{ readonly private: string; readonly public: string }>;
  file(name: string, value: unknown): Promise<string>;
  cosign(...args: readonly string[]): Promise<Ran>;
  /** The same, and throws when it fails. */
  cosigned(...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
};

export type ImageOf = {
  readonly platform: string;
  readonly labels: Record<string, string>;
  readonly salt: string;
};
export type Made = { readonly digest: Digest; readonly children: readonly Digest[] };
export type Part = { readonly mediaType: string; readonly digest: Digest; readonly size: number };
type Layer = Part & { readonly annotations?: Record<string, string> };
export type Manifest = {
  readonly mediaType: string;
  readonly config: Part;
  readonly layers: readonly Layer[];
  readonly manifests?: readonly Part[];
};

const OCI = 'application/vnd.oci.image';
const ACCEPT = `${OCI}.index.v1+json, ${OCI}.manifest.v1+json`;

export async function startLab(tools: Tools): Promise<Lab> {
  const dir = await mkdtemp(path.join(tmpdir(), 'registry-test-'));
  const { child, host } = await startRegistry(tools, dir);
  const at = (repository: string, what: string) => `http://${host}/v2/${repository}/${what}`;

  const blob: Lab['blob'] = async (repository, bytes) => {
    const digest = digestOf(bytes);
    const opened = await expectOk(await fetch(at(repository, 'blobs/uploads/'), { method: 'POST' }));
    const where = new URL(opened.headers.get('location')!, `http://${host}`);
    where.searchParams.set('digest', digest);
    const headers = { 'content-type': 'application/octet-stream' };
    await expectOk(await fetch(where, { method: 'PUT', body: new Uint8Array(bytes), headers }));
    return { mediaType: 'application/octet-stream', digest, size: bytes.length };
  };
  const put: Lab['put'] = async (repository, by, manifest) => {
    const body = JSON.stringify(manifest);
    const headers = { 'content-type': (manifest as Manifest).mediaType };
    await expectOk(await fetch(at(repository, `manifests/${by}`), { method: 'PUT', body, headers }));
    return digestOf(Buffer.from(body));
  };
  const image: Lab['image'] = async (repository, { platform = 'linux/amd64', labels = {}, salt = '' }) => {
    const [os, architecture, variant] = platform.split('/');
    const layer = await blob(repository, Buffer.from(`layer ${salt}`));
    const config = { os, architecture, ...(variant && { variant }), config: { Labels: labels }, salt };
    const described = await blob(repository, Buffer.from(JSON.stringify(config)));
    const manifest = {
      schemaVersion: 2,
      mediaType: `${OCI}.manifest.v1+json`,
      config: { ...described, mediaType: `${OCI}.config.v1+json` },
      layers: [{ ...layer, mediaType: `${OCI}.layer.v1.tar+gzip` }],
    };
    return await put(repository, digestOf(Buffer.from(JSON.stringify(manifest))), manifest);
  };
  const read: Lab['read'] = async (repository, by) =>
    (await (
      await expectOk(await fetch(at(repository, `manifests/${by}`), { headers: { accept: ACCEPT } }))
    ).json()) as Manifest;
  const cosign: Lab['cosign'] = async (...args) => await runCosign(tools.cosign, args, dir);

  return {
    host,
    dir,
    image,
    blob,
    put,
    read,
    cosign,
    cosigned: async (...args) => {
      const done = await cosign(...args);
      if (done.code !== 0) throw new Error(`cosign ${args.join(' ')}: ${done.stderr}`);
      return done.stdout.toString('utf8');
    },
    index: async (repository, { platforms, ...of }) => {
      const children: Digest[] = [];
      const manifests: object[] = [];
      for (const platform of platforms) {
        const digest = await image(repository, { ...of, platform });
        const [os, architecture, variant] = platform.split('/');
        const size = JSON.stringify(await read(repository, digest)).length;
        children.push(digest);
        manifests.push({
          mediaType: `${OCI}.manifest.v1+json`,
          digest,
          size,
          platform: { os, architecture, ...(variant && { variant }) },
        });
      }
      const whole = { schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests };
      const digest = digestOf(Buffer.from(JSON.stringify(whole)));
      return { digest: await put(repository, digest, whole), children };
    },
    remove: async (repository, digest) => {
      await expectOk(await fetch(at(repository, `manifests/${digest}`), { method: 'DELETE' }));
    },
    keyPair: async (name) => {
      const done = await cosign('generate-key-pair', '--output-key-prefix', name);
      if (done.code !== 0) throw new Error(done.stderr);
      return { private: path.join(dir, `${name}.key`), public: path.join(dir, `${name}.pub`) };
    },
    file: async (name, value) => {
      const file = path.join(dir, name);
      await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value));
      return file;
    },
    stop: async () => {
      await ended(child);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

const digestOf = (bytes: Buffer): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function startRegistry({ registry }: Tools, dir: string) {
  const config = path.join(dir, 'registry.yml');
  const root = path.join(dir, 'storage');
  await mkdir(root);
  await writeFile(
    config,
    [
      'version: 0.1',
      'log: { level: info, accesslog: { disabled: true } }',
      `storage: { filesystem: { rootdirectory: ${JSON.stringify(root)} }, delete: { enabled: true } }`,
      'http: { addr: "127.0.0.1:0" }',
    ].join('\n'),
  );
  const child = spawn(registry, ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  const host = await new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`docker-registry ended: ${said.join('\n')}`)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      const found = /listening on (127\.0\.0\.1:\d+)/.exec(line);
      if (found) resolve(found[1]!);
    });
  });
  return { child, host };
}

async function ended(child: ChildProcess) {
  if (child.exitCode !== null) return;
  const over = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await over;
}

/** Without network: nothing is asked of the public log, and no password is asked for. */
async function runCosign(file: string, args: readonly string[], dir: string): Promise<Ran> {
  // Signing by referrers is an experiment in cosign 2.
  const trial = args.some((arg) => /oci-1-1|oci11/.test(arg)) ? { COSIGN_EXPERIMENTAL: '1' } : {};
  const env = { COSIGN_PASSWORD: '', HOME: dir, PATH: process.env.PATH ?? '', DOCKER_CONFIG: dir, ...trial };
  return await run({ file, args, cwd: dir, env, timeoutMs: 120_000 });
}

async function expectOk(answer: Response): Promise<Response> {
  if (answer.ok) return answer;
  throw new Error(`${answer.url} answers ${answer.status}: ${await answer.text()}`);
}
