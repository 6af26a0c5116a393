import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { strictBase64 } from './base64.ts';
import { readKeys, signedBy } from './keys.ts';

const NOW = '2026-11-22T12:00:00.000Z';
const BYTES = Buffer.from('what is signed');
const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const p256 = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const of = (pem: string, more: object = {}) => readKeys([{ name: 'key', pem, ...more }], NOW);

describe('a key', () => {
  it.each([
    ['ECDSA P-256', p256(), 'sha256'],
    ['ECDSA P-384 with SHA-256', generateKeyPairSync('ec', { namedCurve: 'P-384' }), 'sha256'],
    ['ECDSA P-384 with SHA-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }), 'sha384'],
    ['ECDSA P-521 with SHA-512', generateKeyPairSync('ec', { namedCurve: 'P-521' }), 'sha512'],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2_048 }), 'sha256'],
    ['Ed25519', generateKeyPairSync('ed25519'), null],
  ])('of %s is held against the bytes', (_what, { publicKey, privateKey }, hash) => {
    const signature = sign(hash, BYTES, privateKey);
    expect(signedBy(of(pemOf(publicKey)), BYTES, signature)).toEqual({
      signer: 'key',
      because: 'signed with key',
    });
    expect(signedBy(of(pemOf(publicKey)), Buffer.from('other'), signature).signer).toBeUndefined();
    signature[signature.length - 1]! ^= 1;
    expect(signedBy(of(pemOf(publicKey)), BYTES, signature).signer).toBeUndefined();
  });

  it('counts within its time only, and says which one is over', () => {
    const { publicKey, privateKey } = p256();
    const by = (more: object) =>
      signedBy(of(pemOf(publicKey), more), BYTES, sign('sha256', BYTES, privateKey));
    expect(by({ notBefore: NOW, notAfter: '2026-11-22T12:00:00.001Z' }).signer).toBe('key');
    expect(by({ notAfter: NOW })).toEqual({ because: `signed with key, which was valid until ${NOW}` });
    const later = '2026-11-22T12:00:00.001Z';
    expect(by({ notBefore: later })).toEqual({
      because: `signed with key, which is not valid before ${later}`,
    });
  });

  it('that is over hides no other that made the signature too', () => {
    const { publicKey, privateKey } = p256();
    const pem = pemOf(publicKey);
    const keys = readKeys(
      [
        { name: 'old', pem, notAfter: NOW },
        { name: 'new', pem },
      ],
      NOW,
    );
    expect(signedBy(keys, BYTES, sign('sha256', BYTES, privateKey)).signer).toBe('new');
  });

  it.each([
    ['no PEM', 'text', 'is no public key in PEM'],
    [
      'a private key',
      p256().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      'is a private key',
    ],
    [
      'a short RSA key',
      pemOf(generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey),
      'RSA key of 1024 bits',
    ],
    ['a key to agree on keys', pemOf(generateKeyPairSync('x25519').publicKey), 'is a x25519 key'],
  ])('is refused when it is %s', (_what, pem, why) => {
    expect(() => of(pem)).toThrow(why);
  });
});

describe('base64', () => {
  const text = Buffer.from('payload').toString('base64');

  it('is read when it is exactly that, with a line end or without', () => {
    expect(strictBase64(text)?.toString()).toBe('payload');
    expect(strictBase64(`${text}\n`)?.toString()).toBe('payload');
  });

  it.each([
    ['junk behind it', `${text}QQ`],
    ['junk behind its padding', `${Buffer.from('p').toString('base64')}x`],
    ['no padding', text.replace(/=+$/, '')],
    ['a space in it', `${text.slice(0, 4)} ${text.slice(4)}`],
    ['bits that nothing uses', 'cB=='],
    ['the letters of URLs', Buffer.from([255, 255, 255]).toString('base64url')],
    ['nothing', ''],
    ['no text', 7],
  ])('is not read with %s', (_what, wrong) => {
    expect(strictBase64(wrong)).toBeUndefined();
  });
});
