// Goal: signers with certificates are trusted by name, offline. Data: bundles of sigstore's conformance suite
// (test/registry/fixtures/sigstore/README.md).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createJudge } from './judge.ts';

const NOW = '2026-11-22T12:00:00.000Z';
const SUBJECT =
  'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main';
const ISSUER = 'https://token.actions.githubusercontent.com';
const GOOD = 'intoto-with-custom-trust-root';

const file = (name: string, what: string) => {
  const dir = join(import.meta.dirname, '../../../test/registry/fixtures/sigstore');
  return JSON.parse(readFileSync(join(dir, name, what), 'utf8'));
};
const judgeWith = (root: string, who = { subject: SUBJECT, issuer: ISSUER }) =>
  createJudge(
    { keys: [], bundles: [], keyless: { trustedRoot: file(root, 'trusted_root.json'), identities: [who] } },
    NOW,
  );
const good = () => file(GOOD, 'bundle.sigstore.json');

/** The same signature as cosign keeps it beside a layer of its tags. */
function annotations(bundle: ReturnType<typeof good>): Record<string, string> {
  const { x509CertificateChain, tlogEntries } = bundle.verificationMaterial;
  const [entry] = tlogEntries;
  const der: string = x509CertificateChain.certificates[0].rawBytes;
  return {
    'dev.sigstore.cosign/certificate': `-----BEGIN CERTIFICATE-----\n${der}\n-----END CERTIFICATE-----\n`,
    'dev.sigstore.cosign/bundle': JSON.stringify({
      SignedEntryTimestamp: entry.inclusionPromise.signedEntryTimestamp,
      Payload: {
        body: entry.canonicalizedBody,
        integratedTime: Number(entry.integratedTime),
        logIndex: Number(entry.logIndex),
        logID: Buffer.from(entry.logId.keyId, 'base64').toString('hex'),
      },
    }),
  };
}

describe('a signer with a certificate', () => {
  it('is trusted when the certificate, the log and the identity hold', async () => {
    const judged = (await judgeWith(GOOD)).bundle(good());
    expect(judged).toMatchObject({ form: 'statement', signer: `${SUBJECT} (${ISSUER})` });
    expect(judged.content).toMatchObject({ predicateType: 'https://slsa.dev/provenance/v1' });
  });

  it('is trusted the same when the parts are annotations of a layer', async () => {
    const bundle = good();
    const judge = await judgeWith(GOOD);
    expect(judge.envelope(bundle.dsseEnvelope, annotations(bundle))).toEqual(judge.bundle(bundle));
  });

  it.each([
    ['another subject', { subject: 'somebody@example.com', issuer: ISSUER }],
    ['a part of the subject', { subject: 'https://github.com/sigstore-conformance/', issuer: ISSUER }],
    ['a pattern', { subject: '.*', issuer: ISSUER }],
    ['another issuer', { subject: SUBJECT, issuer: 'https://issuer.example' }],
  ])('is not trusted when %s may sign', async (_what, who) => {
    const judged = (await judgeWith(GOOD, who)).bundle(good());
    expect(judged.signer).toBeUndefined();
    expect(judged.content).toBeUndefined();
    expect(judged.because).toContain(`signed by ${SUBJECT} (${ISSUER}); allowed: ${who.subject}`);
  });

  it('is not trusted when the statement was changed', async () => {
    const bundle = good();
    const text = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString('utf8');
    const other = text.replace(/"sha256": "./, '"sha256": "f');
    expect(other).not.toBe(text);
    bundle.dsseEnvelope.payload = Buffer.from(other).toString('base64');
    expect((await judgeWith(GOOD)).bundle(bundle)).toMatchObject({
      because: expect.stringContaining('does not hold'),
    });
  });

  it.each(['intoto-log-entry-mismatch_fail', 'intoto-set-outside-signing-cert-validity_fail'])(
    'is not trusted in %s',
    async (name) => {
      const judged = (await judgeWith(name)).bundle(file(name, 'bundle.sigstore.json'));
      expect(judged.signer).toBeUndefined();
      expect(judged.because).toContain('does not hold');
    },
  );

  it('is not trusted without a trusted root, and that is said', async () => {
    const judge = await createJudge({ keys: [], bundles: [] }, NOW);
    expect(judge.bundle(good()).because).toBe('signed with a certificate, and no trusted root was given');
  });

  it('is not trusted under another root', async () => {
    const root = { mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1' };
    const identities = [{ subject: SUBJECT, issuer: ISSUER }];
    const judge = await createJudge(
      { keys: [], bundles: [], keyless: { trustedRoot: root, identities } },
      NOW,
    );
    expect(judge.bundle(good()).signer).toBeUndefined();
  });
});
