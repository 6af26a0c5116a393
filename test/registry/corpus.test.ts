// Goal: what cosign signs is verified, what is wrong with an image is refused and named, and cosign agrees wherever it
// can judge. Method: Debian's docker-registry and cosign, images of every kind, and the command line as people type it.
import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRegistry } from '../../src/adapters/registry/index.ts';
import type { Digest } from '../../src/core/base/ids.ts';
import { instantOf } from '../../src/core/base/instant.ts';
import type { ImageVerdict } from '../../src/core/proof/image.ts';
import { runCli } from '../worlds/hub.ts';
import { type Lab, type Made, startLab } from './lab.ts';
import { findTools } from './tools.ts';

const COMMIT = 'c0ffee'.padEnd(40, '0');
const OTHER = 'decade'.padEnd(40, '0');
const SOURCE = 'https://github.com/example/operator';
const BUILDER = 'https://tekton.dev/chains/v2';
const LABELS = { 'vcs-ref': COMMIT, 'io.openshift.hypershift.restricted-psa': 'true' };
const BOTH = ['linux/amd64', 'linux/arm64'];
const LOCAL = ['--tlog-upload=false', '--allow-http-registry', '--yes'];

let lab: Lab;
let key: { private: string; public: string };
let stranger: typeof key;
let reason: string | undefined;

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

type Said = {
  readonly commit?: string;
  readonly uri?: string;
  readonly parameters?: Record<string, string>;
  readonly builder?: string;
};
const v02 = ({
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
const v1 = ({ commit = COMMIT, uri = `git+${SOURCE}`, parameters = {}, builder = BUILDER }: Said = {}) => ({
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

const refOf = (repository: string, digest: Digest) => `${lab.host}/${repository}@${digest}`;
const sign = (ref: string, by = key) => lab.cosigned('sign', '--key', by.private, ...LOCAL, ref);

type Attested = {
  readonly type?: 'slsaprovenance' | 'slsaprovenance1';
  readonly by?: typeof key;
  readonly bundle?: boolean;
};
async function attest(
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
async function goodIndex(repository: string, said: Said = {}): Promise<Made> {
  const made = await lab.index(repository, { platforms: BOTH, labels: LABELS, salt: repository });
  await sign(refOf(repository, made.digest));
  for (const digest of [made.digest, ...made.children]) await attest(refOf(repository, digest), v02(said));
  return made;
}

async function goodImage(repository: string, said: Said = {}): Promise<Digest> {
  const digest = await lab.image(repository, { labels: LABELS, salt: repository });
  await sign(refOf(repository, digest));
  await attest(refOf(repository, digest), v02(said));
  return digest;
}

type Answer = {
  readonly exit: number;
  readonly verdict: ImageVerdict;
  readonly failed: string[];
  readonly err: string;
};
async function verify(ref: string, ...more: string[]): Promise<Answer> {
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
const because = ({ verdict }: Answer, name: string) =>
  verdict.checks.find((check) => check.name === name)?.because;

/** What cosign says of signature and attestation, with the same key. */
async function cosignSays(ref: string, by = key) {
  const how = ['--key', by.public, '--insecure-ignore-tlog=true', '--allow-http-registry'];
  const [signed, attested] = [
    await lab.cosign('verify', ...how, ref),
    await lab.cosign('verify-attestation', ...how, '--type', 'slsaprovenance', ref),
  ];
  return { signature: signed.code === 0, provenance: attested.code === 0 };
}
/** The same two answers, of ours. */
const weSay = ({ failed }: Answer) => ({
  signature: !failed.includes('signature'),
  provenance: !failed.includes('provenance'),
});

const FINE = { signature: true, provenance: true };

describe('an image that is the candidate', () => {
  it('of two platforms, each attested in SLSA v0.2, is verified', async () => {
    const made = await goodIndex('good/index');
    const ref = refOf('good/index', made.digest);
    const flags = ['--arch', 'amd64,linux/arm64', '--builder', BUILDER, '--source', SOURCE];
    const answer = await verify(ref, ...flags);
    expect(answer.failed).toEqual([]);
    expect(answer).toMatchObject({
      exit: 0,
      verdict: { verdict: 'verified', digest: made.digest, reference: ref },
    });
    expect(answer.verdict.provenance).toMatchObject({
      type: 'slsa-v0.2',
      builder: BUILDER,
      commit: COMMIT,
      parameters: { hermetic: ['true'] },
      subjects: [made.digest],
    });
    expect(answer.verdict.architectures.map(({ digest }) => digest)).toEqual(made.children);
    expect(answer.verdict.labels).toEqual(LABELS);
    expect(await cosignSays(ref)).toEqual(FINE);
  });

  it('is verified by its tag, which is read once', async () => {
    const digest = await goodImage('good/tag');
    await lab.put('good/tag', 'v1', await lab.read('good/tag', digest));
    expect(await verify(`${lab.host}/good/tag:v1`)).toMatchObject({ exit: 0, verdict: { digest } });
  });

  it('attested in SLSA v1 is verified', async () => {
    const digest = await lab.image('good/v1', { labels: LABELS });
    const ref = refOf('good/v1', digest);
    await sign(ref);
    await attest(ref, v1(), { type: 'slsaprovenance1' });
    const answer = await verify(ref, '--source', `${SOURCE}.git`);
    expect(answer.failed).toEqual([]);
    expect(answer.verdict.provenance).toMatchObject({
      type: 'slsa-v1',
      commit: COMMIT,
      parameters: { hermetic: ['true'] },
    });
  });

  it('attested in a sigstore bundle among the referrers is verified, and by cosign too', async () => {
    const digest = await lab.image('good/bundle', { labels: LABELS });
    const ref = refOf('good/bundle', digest);
    await sign(ref);
    await attest(ref, v1(), { type: 'slsaprovenance1', bundle: true });
    const answer = await verify(ref);
    expect(answer.failed).toEqual([]);
    expect(answer.verdict.provenance?.place).toMatch(/^referrer sha256:/);
    const root = await lab.file('root.json', {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    });
    const said = await lab.cosign(
      ...['verify-attestation', '--key', key.public, '--insecure-ignore-tlog=true', '--allow-http-registry'],
      ...['--new-bundle-format', '--trusted-root', root, '--type', 'slsaprovenance1', ref],
    );
    expect(said.code).toBe(0);
  });

  it('signed several times, by others too, is verified by the one signature that is trusted', async () => {
    const digest = await goodImage('good/many');
    const ref = refOf('good/many', digest);
    await sign(ref, stranger);
    await attest(ref, v02({ commit: OTHER }), { by: stranger });
    const answer = await verify(ref);
    expect(answer.failed).toEqual([]);
    expect(answer.verdict.signatures.filter(({ signer }) => signer === null)).toHaveLength(2);
    expect(await cosignSays(ref)).toEqual(FINE);
  });

  it('signed among the referrers is verified, and by cosign too', async () => {
    const digest = await lab.image('good/referrers', { labels: LABELS });
    const ref = refOf('good/referrers', digest);
    await lab.cosigned('sign', '--key', key.private, '--registry-referrers-mode=oci-1-1', ...LOCAL, ref);
    await attest(ref, v02());
    const answer = await verify(ref);
    expect(answer.failed).toEqual([]);
    expect(because(answer, 'signature')).toMatch(/\(referrer sha256:\w+\)$/);
    const how = [
      '--key',
      key.public,
      '--insecure-ignore-tlog=true',
      '--allow-http-registry',
      '--experimental-oci11',
    ];
    expect((await lab.cosign('verify', ...how, ref)).code).toBe(0);
  });

  it('signed with a key of Ed25519 is verified', async () => {
    // Debian's cosign takes no key of RSA or of another curve than P-256; ours are held against Node's own signatures.
    const repository = 'good/ed25519';
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const file = await lab.file('import.pem', pem);
    await lab.cosigned('import-key-pair', '--key', file, '--output-key-prefix', 'ed25519');
    const by = { private: `${lab.dir}/ed25519.key`, public: `${lab.dir}/ed25519.pub` };
    const ref = refOf(repository, await lab.image(repository, { labels: LABELS }));
    await sign(ref, by);
    await attest(ref, v02(), { by });
    expect((await verify(ref, '--key', by.public)).failed).toEqual([]);
    expect(await cosignSays(ref, by)).toEqual(FINE);
  });

  it('has every label and platform of what is deployed', async () => {
    const old = await lab.image('good/deployed', {
      labels: { ...LABELS, 'vcs-ref': OTHER, version: '1' },
      salt: 'old',
    });
    const digest = await lab.image('good/deployed', { labels: { ...LABELS, version: '2' }, salt: 'new' });
    const ref = refOf('good/deployed', digest);
    await sign(ref);
    await attest(ref, v02());
    expect((await verify(ref, '--deployed', refOf('good/deployed', old))).failed).toEqual([]);
  });
});

/** An image or index, what else is said on the command line, and what must be refused. */
type Wrong = {
  readonly what: string;
  readonly make: () => Promise<{ ref: string; flags?: string[] }>;
  readonly failed: readonly string[];
  readonly because: [name: string, text: string | RegExp];
  /** Left out: cosign looks at neither. */
  readonly cosign?: { readonly signature: boolean; readonly provenance: boolean };
};

const onlyKey = (by: () => typeof key) => ['--key', by().public];
const attestationTag = (digest: Digest) => `${digest.replace(':', '-')}.att`;
const signatureTag = (digest: Digest) => `${digest.replace(':', '-')}.sig`;

/** Takes what is signed for one digest and puts it where that of another belongs. */
async function move(repository: string, from: Digest, to: Digest, tagOf: (digest: Digest) => string) {
  await lab.put(repository, tagOf(to), await lab.read(repository, tagOf(from)));
}

/** The manifest of an attestation or signature with its one layer changed. */
async function changeLayer(
  repository: string,
  tag: string,
  change: (
    text: string,
    annotations: Record<string, string>,
  ) => { text?: string; annotations?: Record<string, string> },
) {
  const manifest = await lab.read(repository, tag);
  const [layer] = manifest.layers;
  const text = await (await fetch(`http://${lab.host}/v2/${repository}/blobs/${layer!.digest}`)).text();
  const changed = change(text, layer!.annotations ?? {});
  const blob = await lab.blob(repository, Buffer.from(changed.text ?? text));
  const annotations = changed.annotations ?? layer!.annotations;
  const fresh = { ...layer, digest: blob.digest, size: blob.size, annotations };
  await lab.put(repository, tag, { ...manifest, schemaVersion: 2, layers: [fresh] });
}

const WRONG: readonly Wrong[] = [
  {
    what: 'signed with another key',
    make: async () => ({ ref: refOf('bad/key', await goodImage('bad/key')), flags: onlyKey(() => stranger) }),
    failed: ['signature', 'provenance'],
    because: ['signature', /not signed with .*stranger\.pub/],
    cosign: { signature: false, provenance: false },
  },
  {
    what: 'not signed at all',
    make: async () => ({ ref: refOf('bad/none', await lab.image('bad/none', { labels: LABELS })) }),
    failed: ['signature', 'provenance'],
    because: ['signature', 'nothing of that kind is in the repository'],
    cosign: { signature: false, provenance: false },
  },
  {
    what: 'given no key',
    make: async () => {
      const policy = await lab.file('no-keys.yaml', 'architectures: [linux/amd64]\n');
      return { ref: refOf('bad/no-key', await goodImage('bad/no-key')), flags: ['--policy', policy] };
    },
    failed: ['signature', 'provenance'],
    because: ['signature', 'no key was given'],
  },
  {
    what: 'with signature and attestation of another digest',
    make: async () => {
      const good = await goodImage('bad/digest');
      const digest = await lab.image('bad/digest', { labels: LABELS, salt: 'another' });
      await move('bad/digest', good, digest, signatureTag);
      await move('bad/digest', good, digest, attestationTag);
      return { ref: refOf('bad/digest', digest) };
    },
    failed: ['signature', 'provenance'],
    because: ['provenance', /about sha256:/],
    cosign: { signature: false, provenance: false },
  },
  {
    what: 'with a replaced attestation',
    make: async () => {
      const digest = await goodImage('bad/replaced');
      await changeLayer('bad/replaced', attestationTag(digest), (text) => {
        const envelope = JSON.parse(text);
        const payload = Buffer.from(envelope.payload, 'base64').toString().replaceAll(COMMIT, OTHER);
        return { text: JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString('base64') }) };
      });
      return { ref: refOf('bad/replaced', digest) };
    },
    failed: ['provenance'],
    because: ['provenance', 'not signed with'],
    cosign: { signature: true, provenance: false },
  },
  {
    what: 'with its attestation taken away',
    make: async () => {
      const digest = await goodImage('bad/stripped');
      const manifest = await lab.read('bad/stripped', attestationTag(digest));
      const at = `http://${lab.host}/v2/bad/stripped/manifests/${attestationTag(digest)}`;
      const accept = { accept: manifest.mediaType };
      const named = (await fetch(at, { headers: accept })).headers.get('docker-content-digest') as Digest;
      await lab.remove('bad/stripped', named);
      return { ref: refOf('bad/stripped', digest) };
    },
    failed: ['provenance'],
    because: ['provenance', 'nothing of that kind is in the repository'],
    cosign: { signature: true, provenance: false },
  },
  {
    what: 'built from another commit',
    make: async () => ({ ref: refOf('bad/commit', await goodImage('bad/commit', { commit: OTHER })) }),
    failed: ['commit'],
    because: ['commit', `@${OTHER.slice(0, 12)}`],
    cosign: FINE,
  },
  {
    what: 'built from another repository',
    make: async () => {
      const ref = refOf(
        'bad/source',
        await goodImage('bad/source', { uri: 'git+https://github.com/fork/operator' }),
      );
      return { ref, flags: ['--source', SOURCE] };
    },
    failed: ['commit', 'source'],
    because: ['source', 'github.com/fork/operator'],
    cosign: FINE,
  },
  {
    what: 'built by another builder',
    make: async () => {
      const ref = refOf('bad/builder', await goodImage('bad/builder', { builder: 'https://laptop.example' }));
      return { ref, flags: ['--builder', BUILDER] };
    },
    failed: ['builder'],
    because: ['builder', 'https://laptop.example'],
    cosign: FINE,
  },
  {
    what: 'built without a closed network, and without checks',
    make: async () => {
      const parameters = { hermetic: 'False', 'skip-checks': 'true' };
      return { ref: refOf('bad/weak', await goodImage('bad/weak', { parameters })) };
    },
    failed: ['parameters'],
    because: ['parameters', 'hermetic=False, skip-checks=true'],
    cosign: FINE,
  },
  {
    what: 'signed with a key whose time is over',
    make: async () => {
      const policy = await lab.file(
        'expired.yaml',
        'keys: [{file: build.pub, notAfter: 2026-01-01T00:00:00Z}]\n',
      );
      return { ref: refOf('bad/expired', await goodImage('bad/expired')), flags: ['--policy', policy] };
    },
    failed: ['signature', 'provenance'],
    because: ['signature', 'was valid until 2026-01-01T00:00:00.000Z'],
  },
  {
    what: 'with junk after the base64 of its payload',
    make: async () => {
      const digest = await goodImage('bad/junk');
      await changeLayer('bad/junk', attestationTag(digest), (text) => {
        const envelope = JSON.parse(text);
        return { text: JSON.stringify({ ...envelope, payload: `${envelope.payload}QQ` }) };
      });
      return { ref: refOf('bad/junk', digest) };
    },
    failed: ['provenance'],
    because: ['provenance', 'its payload is not base64'],
    cosign: { signature: true, provenance: false },
  },
  {
    what: 'with junk after the base64 of its signature',
    make: async () => {
      const digest = await goodImage('bad/junk-signature');
      await changeLayer('bad/junk-signature', signatureTag(digest), (_text, annotations) => ({
        annotations: Object.fromEntries(
          Object.entries(annotations).map(([name, value]) => [name, `${value}QQ`]),
        ),
      }));
      return { ref: refOf('bad/junk-signature', digest) };
    },
    failed: ['signature'],
    because: ['signature', 'its signature is not base64'],
    cosign: { signature: false, provenance: true },
  },
  {
    what: 'of two platforms, of which only the index is attested',
    make: async () => {
      const made = await lab.index('bad/children', { platforms: BOTH, labels: LABELS });
      await sign(refOf('bad/children', made.digest));
      await attest(refOf('bad/children', made.digest), v02());
      return { ref: refOf('bad/children', made.digest) };
    },
    failed: ['provenance-platforms'],
    because: ['provenance-platforms', /linux\/amd64 .* linux\/arm64/],
    cosign: FINE,
  },
  {
    what: 'of two platforms, of which one is from another commit',
    make: async () => {
      const made = await lab.index('bad/child', { platforms: BOTH, labels: LABELS });
      await sign(refOf('bad/child', made.digest));
      await attest(refOf('bad/child', made.digest), v02());
      await attest(refOf('bad/child', made.children[0]!), v02());
      await attest(refOf('bad/child', made.children[1]!), v02({ commit: OTHER }));
      return { ref: refOf('bad/child', made.digest) };
    },
    failed: ['provenance-platforms'],
    because: [
      'provenance-platforms',
      /^linux\/arm64 \(sha256:\w+\) is no subject of a provenance that passes$/,
    ],
    cosign: FINE,
  },
  {
    what: 'of one platform where two are wanted',
    make: async () => ({
      ref: refOf('bad/arch', await goodImage('bad/arch')),
      flags: ['--arch', 'amd64,s390x'],
    }),
    failed: ['architectures'],
    because: ['architectures', 'missing: linux/s390x'],
    cosign: FINE,
  },
  {
    what: 'with the label of another commit',
    make: async () => {
      const digest = await lab.image('bad/label', { labels: { ...LABELS, 'vcs-ref': OTHER } });
      await sign(refOf('bad/label', digest));
      await attest(refOf('bad/label', digest), v02());
      return { ref: refOf('bad/label', digest) };
    },
    failed: ['commit-label'],
    because: ['commit-label', `label vcs-ref of linux/amd64 is ${OTHER}`],
    cosign: FINE,
  },
  {
    what: 'that lost a label and turned one off',
    make: async () => {
      const had = { ...LABELS, 'io.openshift.hypershift.skips-haproxy': 'true', name: 'a' };
      const old = await lab.image('bad/labels', { labels: had, salt: 'old' });
      const digest = await lab.image('bad/labels', {
        labels: { 'vcs-ref': COMMIT, 'io.openshift.hypershift.skips-haproxy': 'false', name: 'b' },
        salt: 'new',
      });
      await sign(refOf('bad/labels', digest));
      await attest(refOf('bad/labels', digest), v02());
      return { ref: refOf('bad/labels', digest), flags: ['--deployed', refOf('bad/labels', old)] };
    },
    failed: ['label-set'],
    because: [
      'label-set',
      /lacks io\.openshift\.hypershift\.restricted-psa; .* skips-haproxy=false, was true|skips-haproxy=false, was true/,
    ],
    cosign: FINE,
  },
  {
    what: 'attested in a bundle for another digest',
    make: async () => {
      const other = await lab.image('bad/bundle', { labels: LABELS, salt: 'other' });
      await attest(refOf('bad/bundle', other), v1(), { type: 'slsaprovenance1', bundle: true });
      const digest = await lab.image('bad/bundle', { labels: LABELS });
      await sign(refOf('bad/bundle', digest));
      const index = await lab.read('bad/bundle', other.replace(':', '-'));
      await lab.put('bad/bundle', digest.replace(':', '-'), { ...index, schemaVersion: 2 });
      return { ref: refOf('bad/bundle', digest) };
    },
    failed: ['provenance'],
    because: ['provenance', /referrer sha256:\w+: about sha256:/],
    cosign: { signature: true, provenance: false },
  },
];

describe('an image is refused', () => {
  it.each(WRONG)('$what', async ({ make, failed, because: [name, text], cosign }) => {
    const { ref, flags = [] } = await make();
    const answer = await verify(ref, ...flags);
    expect(answer.failed).toEqual(failed);
    expect(answer.exit).toBe(5);
    expect(answer.verdict.verdict).toBe('refused');
    expect(because(answer, name)).toMatch(text);
    for (const check of answer.verdict.checks.filter(({ ok }) => !ok)) expect(check.next).toBeTruthy();
    if (cosign === undefined) return;
    const by = flags.includes(stranger.public) ? stranger : key;
    const said = await cosignSays(ref, by);
    expect(said).toEqual(cosign);
    expect(weSay(answer)).toEqual(said);
  });

  it('that is not there', async () => {
    const answer = await verify(refOf('bad/none', `sha256:${'0'.repeat(64)}`));
    expect(answer).toMatchObject({ exit: 5, failed: ['registry'], verdict: { digest: null } });
  });
});

describe('a policy may allow', () => {
  const policy = (text: string) =>
    lab.file('policy.yaml', `keys: [{file: build.pub, name: the build key}]\n${text}`);

  it('platforms that only their index proves', async () => {
    const made = await lab.index('policy/index', { platforms: BOTH, labels: LABELS });
    const ref = refOf('policy/index', made.digest);
    await sign(ref);
    await attest(ref, v02());
    expect((await verify(ref, '--policy', await policy('platformsProvenBy: index'))).failed).toEqual([]);
  });

  it('a parameter, a missing signature and labels that go, and nothing else with them', async () => {
    const old = await lab.image('policy/some', { labels: { ...LABELS, gone: 'x', also: 'y' }, salt: 'old' });
    const digest = await lab.image('policy/some', { labels: LABELS });
    const ref = refOf('policy/some', digest);
    await attest(ref, v02({ parameters: { hermetic: 'false', 'skip-checks': 'true' } }));
    const text = 'signature: optional\nparametersThatMayWeaken: [hermetic]\nlabels: {mayGo: [gone]}';
    const answer = await verify(ref, '--deployed', refOf('policy/some', old), '--policy', await policy(text));
    expect(answer.failed).toEqual(['label-set', 'parameters']);
    expect(because(answer, 'label-set')).toBe('linux/amd64 lacks also');
    expect(because(answer, 'parameters')).toContain('built with skip-checks=true');
    expect(answer.verdict.provenance?.signer).toBe('the build key');
  });

  it('is refused by name when a field is not known or a key is none', async () => {
    const wrong = await verify(
      refOf('policy/some', `sha256:${'0'.repeat(64)}`),
      '--policy',
      await policy('builder: x'),
    );
    expect(wrong).toMatchObject({ exit: 2, err: expect.stringContaining('"builder"') });
    const none = await verify(refOf('policy/some', `sha256:${'0'.repeat(64)}`), '--key', key.private);
    expect(none.exit).toBe(2);
    expect(none.err).toContain('is a private key, which is never needed here');
    expect(none.err).not.toContain(await readFile(key.private, 'utf8'));
  });
});
