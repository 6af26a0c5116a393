// Goal: what is wrong with an image is refused and named, and cosign agrees wherever it can judge.
// Method: as in verified.test.ts.
import { describe, expect, it } from 'vitest';
import type { Digest } from '../../src/core/base/ids.ts';
import {
  attest,
  BOTH,
  BUILDER,
  because,
  COMMIT,
  cosignSays,
  FINE,
  goodImage,
  key,
  LABELS,
  lab,
  OTHER,
  refOf,
  SOURCE,
  sign,
  stranger,
  v1,
  v02,
  verify,
  weSay,
  withLab,
} from './corpus.ts';

withLab();

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

  it('by no means for what runs now being elsewhere: that is said as wrong use', async () => {
    const ref = refOf('bad/deployed', await goodImage('bad/deployed'));
    const answer = await verify(ref, '--deployed', refOf('bad/none', `sha256:${'0'.repeat(64)}`));
    expect(answer.exit).toBe(2);
    expect(answer.err).toMatch(/the deployed image cannot be read: .*bad\/none has no sha256:0+/);
  });
});
