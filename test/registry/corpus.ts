import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createRegistry } from '../../src/adapters/registry/index.ts';
import type { Digest } from '../../src/core/base/ids.ts';
import { instantOf } from '../../src/core/base/instant.ts';
import type { ImageVerdict } from '../../src/core/proof/image.ts';
import { runCli } from '../worlds/hub.ts';
import { type Lab, type Made, startLab } from './lab.ts';
import { findTools } from './tools.ts';

export const COMMIT = 'c0ffee'.padEnd(40, '0');
export const OTHER = 'decade'.padEnd(40, '0');
export const SOURCE = 'https://github.com/example/operator';
export const BUILDER = 'https://tekton.dev/chains/v2';
export const LABELS = { 'vcs-ref': COMMIT, 'io.openshift.hypershift.restricted-psa': 'true' };
export const BOTH = ['linux/amd64', 'linux/arm64'];
export const LOCAL = ['--tlog-upload=false', '--allow-http-registry', '--yes'];

export let lab: Lab;
export let key: { private: string; public: string };
export let stranger: typeof key;
let reason: string | undefined;

/** For the top of a test file: a registry, and the keys of the builder and of a stranger; without the tools, every test is skipped with the reason. */
export function withLab(): void {
  beforeAll(async () => {
    const found = await findTools();
    if (found.tools === undefined) {
      reason = found.reason;
      return;
    }
    lab = await startLab(found.tools);
    [key, stranger] = [await lab.keyPair('build'), await lab.keyPair('stranger')];
  }, 900_000);
  afterAll(() => lab?.stop());
  beforeEach((context) => {
    if (reason !== undefined) context.skip(reason);
  });
}

export type Said = {
  readonly commit?: string;
  readonly uri?: string;
  readonly parameters?: Record<string, string>;
  readonly builder?: string;
};
export const v02 = ({
  commit = COMMIT,
  uri = `git+${SOURCE}.git`,
  parameters = {},
  builder = BUILDER,
}: Said = {}) => ({
  builder: { id: builder },
  buildType: 'tekton.dev/v1beta1/PipelineRun',
  invocation: { configSource: {}, parameters: { hermetic: 'true', ...parameters } },
  materials: [
    { uri: 'oci://quay.io/example/task', digest: { sha256: 'a'.repeat(64) } },
    { uri, digest: { sha1: commit } },
  ],
});
export const v1 = ({
  commit = COMMIT,
  uri = `git+${SOURCE}`,
  parameters = {},
  builder = BUILDER,
}: Said = {}) => ({
  buildDefinition: {
    buildType: 'https://tekton.dev/chains/v2/slsa',
    externalParameters: {
      runSpec: {
        params: Object.entries({ hermetic: 'true', ...parameters }).map(([name, value]) => ({ name, value })),
      },
    },
    resolvedDependencies: [
      { name: 'pipeline', uri: 'git+https://github.com/example/pipelines.git', digest: { sha1: OTHER } },
      { name: 'inputs/result', uri, digest: { sha1: commit } },
    ],
  },
  runDetails: { builder: { id: builder } },
});

export const refOf = (repository: string, digest: Digest) => `${lab.host}/${repository}@${digest}`;
export const sign = (ref: string, by = key) => lab.cosigned('sign', '--key', by.private, ...LOCAL, ref);

export type Attested = {
  readonly type?: 'slsaprovenance' | 'slsaprovenance1';
  readonly by?: typeof key;
  readonly bundle?: boolean;
};
export async function attest(
  ref: string,
  predicate: object,
  { type = 'slsaprovenance', by = key, bundle = false }: Attested = {},
) {
  const file = await lab.file('predicate.json', predicate);
  const how = [
    '--key',
    by.private,
    '--type',
    type,
    '--predicate',
    file,
    ...(bundle ? ['--new-bundle-format'] : []),
  ];
  await lab.cosigned('attest', ...how, ...LOCAL, ref);
}

/** An index that is all it must be, attested for itself and for each platform. */
export async function goodIndex(repository: string, said: Said = {}): Promise<Made> {
  const made = await lab.index(repository, { platforms: BOTH, labels: LABELS, salt: repository });
  await sign(refOf(repository, made.digest));
  for (const digest of [made.digest, ...made.children]) await attest(refOf(repository, digest), v02(said));
  return made;
}

export async function goodImage(repository: string, said: Said = {}): Promise<Digest> {
  const digest = await lab.image(repository, { labels: LABELS, salt: repository });
  await sign(refOf(repository, digest));
  await attest(refOf(repository, digest), v02(said));
  return digest;
}

export type Answer = {
  readonly exit: number;
  readonly verdict: ImageVerdict;
  readonly failed: string[];
  readonly err: string;
};
export async function verify(ref: string, ...more: string[]): Promise<Answer> {
  const keys = more.includes('--policy') || more.includes('--key') ? [] : ['--key', key.public];
  const args = ['image', 'verify', ref, '--commit', COMMIT, ...keys, ...more, '-o', 'json'];
  const { exit, out, err } = await runCli(args, {
    fetch,
    alone: {
      open: () => Promise.reject(new Error('no repository is asked')),
      registry: async (reach) =>
        createRegistry({ ...reach, env: { HOME: lab.dir }, fetch, now: () => instantOf(Date.now()) }),
    },
  });
  const verdict = out === '' ? undefined : (JSON.parse(out) as ImageVerdict);
  const failed = (verdict?.checks ?? []).filter(({ ok }) => !ok).map(({ name }) => name);
  return { exit, verdict: verdict!, failed, err };
}
export const because = ({ verdict }: Answer, name: string) =>
  verdict.checks.find((check) => check.name === name)?.because;

/** What cosign says of signature and attestation, with the same key. */
export async function cosignSays(ref: string, by = key) {
  const how = ['--key', by.public, '--insecure-ignore-tlog=true', '--allow-http-registry'];
  const [signed, attested] = [
    await lab.cosign('verify', ...how, ref),
    await lab.cosign('verify-attestation', ...how, '--type', 'slsaprovenance', ref),
  ];
  return { signature: signed.code === 0, provenance: attested.code === 0 };
}
/** The same two answers, of ours. */
export const weSay = ({ failed }: Answer) => ({
  signature: !failed.includes('signature'),
  provenance: !failed.includes('provenance'),
});

export const FINE = { signature: true, provenance: true };
