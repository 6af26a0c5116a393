// Goal: what cosign signs is verified, and cosign agrees wherever it can judge; a policy allows what it names and no more.
// Method: Debian's docker-registry and cosign, and the command line as people type it.
import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import {
  attest,
  BOTH,
  BUILDER,
  because,
  COMMIT,
  cosignSays,
  FINE,
  goodImage,
  goodIndex,
  key,
  LABELS,
  LOCAL,
  lab,
  OTHER,
  refOf,
  SOURCE,
  sign,
  stranger,
  v1,
  v02,
  verify,
  withLab,
} from './corpus.ts';

withLab();

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
