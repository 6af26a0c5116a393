import { generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Order, SignedOrder } from '../../core/rollout/order.ts';
import { run } from '../process/run.ts';
import { KeyProblem, openSigner } from './index.ts';
import { keyIdOf, verifyOrder } from './verify.ts';

const ORDER: Order = {
  key: 'FIX-12/u-1/3',
  fix: 'FIX-12',
  uid: 'u-1',
  name: 'cp-1',
  managementCluster: 'mc-1',
  component: 'operator',
  action: 'set',
  digest: `sha256:${'a'.repeat(64)}`,
  ifOverride: null,
  expiresAt: '2026-11-21T20:31:07.000Z',
  sequence: 3,
};

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'signer-test-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the signing key', () => {
  it('is made once, for its owner alone, and stays', () => {
    const first = openSigner({ dir: join(dir, 'keys') });
    const file = join(dir, 'keys/orders.pem');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'keys')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(dir, 'keys'))).toEqual(['orders.pem']);
    const again = openSigner({ keyFile: file });
    expect([again.keyId, again.publicKey]).toEqual([first.keyId, first.publicKey]);
  });

  it('is named by the hash of its public half, and gives nothing else away', () => {
    const signer = openSigner({ dir });
    expect(signer.keyId).toMatch(/^[0-9a-f]{16}$/);
    expect(signer.keyId).toBe(keyIdOf(signer.publicKey));
    expect(signer.publicKey).toMatch(/^-----BEGIN PUBLIC KEY-----/);
    const secret = readFileSync(join(dir, 'orders.pem'), 'utf8').split('\n')[1]!;
    expect(JSON.stringify([signer, signer.sign(ORDER)])).not.toContain(secret);
  });

  it('is one key when several hubs make it at once', async () => {
    const script = `const { openSigner } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
      console.log(openSigner({ dir: process.argv[1] }).keyId);`;
    const args = ['--input-type=module', '-e', script, '--', dir];
    const ran = await Promise.all(
      [1, 2, 3, 4].map(() => run({ file: process.execPath, args, env: {}, timeoutMs: 120_000 })),
    );
    expect(ran.map((r) => r.stderr)).toEqual(['', '', '', '']);
    expect(new Set(ran.map((r) => r.stdout.toString())).size).toBe(1);
    expect(readdirSync(dir)).toEqual(['orders.pem']);
  });

  it.each([0o640, 0o604, 0o620, 0o666])('is refused when its file has mode %o', (mode) => {
    openSigner({ dir });
    const file = join(dir, 'orders.pem');
    chmodSync(file, mode);
    expect(() => openSigner({ dir })).toThrow(KeyProblem);
    expect(() => openSigner({ dir })).toThrow(
      `the key file ${file} is open to other users (mode 0${mode.toString(8)}; allowed: 0600 or 0400). Run: chmod 600 ${file}`,
    );
  });

  it('may be kept read-only', () => {
    const { keyId } = openSigner({ dir });
    chmodSync(join(dir, 'orders.pem'), 0o400);
    expect(openSigner({ dir }).keyId).toBe(keyId);
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['half a key', '-----BEGIN PRIVATE KEY-----\nMC4CAQ'],
    ['a public key', openPublic()],
    ['a key of another kind', rsa()],
  ])('is refused, and left as it is, when the file holds %s', (_what, text) => {
    const file = join(dir, 'orders.pem');
    writeFileSync(file, text, { mode: 0o600 });
    expect(() => openSigner({ dir })).toThrow(`${file} holds no Ed25519 private key in PEM`);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('is refused when its place is a folder, or cannot be', () => {
    mkdirSync(join(dir, 'orders.pem'));
    expect(() => openSigner({ dir })).toThrow('orders.pem is not a file');
    writeFileSync(join(dir, 'file'), '');
    expect(() => openSigner({ dir: join(dir, 'file/keys') })).toThrow(KeyProblem);
    expect(existsSync(join(dir, 'file/keys'))).toBe(false);
  });
});

describe('an order', () => {
  const changes: [string, (order: SignedOrder) => unknown][] = [
    ...Object.keys(ORDER).map((key): [string, (order: SignedOrder) => unknown] => [
      `another ${key}`,
      (order) => ({ ...order, [key]: key === 'sequence' ? 4 : 'x' }),
    ]),
    ['a member more', (order) => ({ ...order, force: true })],
    ['a member less', ({ digest: _digest, ...order }) => order],
    ['another key id', (order) => ({ ...order, keyId: '0'.repeat(16) })],
    ['no signature', ({ signature: _signature, ...order }) => order],
    ['an empty signature', (order) => ({ ...order, signature: '' })],
    ['a signature of another order', (order) => ({ ...order, signature: other.sign(ORDER).signature })],
    ['a signature spelled otherwise', (order) => ({ ...order, signature: `${order.signature}\n` })],
    ['a signature that is no text', (order) => ({ ...order, signature: 7 })],
    ['a value JSON cannot say', (order) => ({ ...order, sequence: Number.NaN })],
    ['nothing at all', () => null],
  ];
  const other = { sign: (order: Order) => openSigner({ dir: join(dir, 'other') }).sign(order) };

  it('that was signed verifies, whatever order its members come in', () => {
    const signer = openSigner({ dir });
    const signed = signer.sign(ORDER);
    expect(signed).toMatchObject(ORDER);
    expect(verifyOrder(signer.publicKey, signed)).toBe(true);
    const travelled = JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(signed).reverse())));
    expect(verifyOrder(signer.publicKey, travelled)).toBe(true);
  });

  it.each(changes)('with %s does not verify', (_what, change) => {
    const signer = openSigner({ dir });
    expect(verifyOrder(signer.publicKey, change(signer.sign(ORDER)) as SignedOrder)).toBe(false);
  });

  it.each<[string, () => string]>([
    ['another', () => openSigner({ dir: join(dir, 'other') }).publicKey],
    ['a private', () => readFileSync(join(dir, 'orders.pem'), 'utf8')],
    ['a malformed', () => 'key'],
  ])('does not verify against %s key', (_what, key) => {
    const signed = openSigner({ dir }).sign(ORDER);
    expect(verifyOrder(key(), signed)).toBe(false);
  });
});

function openPublic() {
  return generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

function rsa() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
}
