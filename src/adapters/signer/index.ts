import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Order, SignedOrder } from '../../core/rollout/order.ts';
import type { Signer } from '../../ports/signer.ts';
import { keyIdOf, signedBytes } from './verify.ts';

/** The key file cannot be used; the message says what, where, what is allowed and what to do. */
export class KeyProblem extends Error {
  override name = 'KeyProblem';
}

const KEY_FILE = 'orders.pem';
const KEY_BYTES_MAX = 64 * 1024;

/**
 * The hub's signing key (Ed25519, PKCS #8 PEM), from a file or from `orders.pem` in a folder, made with
 * mode 0600 when there is none. Of several hubs that start at once all get the same key.
 * Throws a KeyProblem for a file that others can read or write, or that holds something else.
 */
export function openSigner(
  from: { readonly keyFile: string } | { readonly dir: string },
): Signer & SharedSecrets {
  const file = 'keyFile' in from ? from.keyFile : join(from.dir, KEY_FILE);
  const key = readKey(file) ?? makeKey(file);
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
  const keyId = keyIdOf(publicKey);
  return {
    keyId,
    publicKey,
    sign(order: Order): SignedOrder {
      const signature = sign(null, signedBytes(order), key).toString('base64');
      return { ...order, keyId, signature };
    },
    secretFor(purpose) {
      const der = key.export({ type: 'pkcs8', format: 'der' });
      return Buffer.from(hkdfSync('sha256', der, Buffer.alloc(0), purpose, SECRET_BYTES));
    },
  };
}

/** Secrets that all hubs with this key share without telling one another. */
export type SharedSecrets = {
  /** 32 bytes, for each purpose others. They tell nothing of the key or of one another. */
  secretFor(purpose: string): Buffer;
};

const SECRET_BYTES = 32;

/** The key in the file; undefined when there is no file. */
function readKey(file: string): KeyObject | undefined {
  let opened: number;
  try {
    opened = openSync(file, 'r');
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KeyProblem(`the key file ${file} cannot be read: ${(problem as Error).message}`);
  }
  try {
    // Of the open file, so that what is checked is what is read.
    const stat = fstatSync(opened);
    if (!stat.isFile()) throw new KeyProblem(`${file} is not a file; name the PEM file of the signing key`);
    refuseLoose(file, stat.mode & 0o777);
    if (stat.size > KEY_BYTES_MAX) throw notAKey(file);
    return keyIn(readFileSync(opened, 'utf8'), file);
  } finally {
    closeSync(opened);
  }
}

function refuseLoose(file: string, mode: number) {
  if ((mode & 0o077) === 0) return;
  throw new KeyProblem(
    `the key file ${file} is open to other users (mode ${mode.toString(8).padStart(4, '0')}; allowed: 0600 or 0400). ` +
      `Run: chmod 600 ${file} – and if somebody may have read it, remove it, restart for a new key, and pin that in the agents`,
  );
}

function keyIn(pem: string, file: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    // What the library says may quote the file.
    throw notAKey(file);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw notAKey(file);
  return key;
}

const notAKey = (file: string) =>
  new KeyProblem(
    `${file} holds no Ed25519 private key in PEM without a passphrase. Move it away to get a new key, or put the right one there`,
  );

/**
 * Makes a key and puts it in place whole or not at all; where somebody was faster, theirs is taken.
 * A link, unlike a rename, never replaces a key that agents have pinned.
 */
function makeKey(file: string): KeyObject {
  const temp = `${file}.${randomUUID()}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    const opened = openSync(temp, 'wx', 0o600);
    try {
      writeFileSync(opened, pem);
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
    linkSync(temp, file);
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new KeyProblem(`no signing key could be made at ${file}: ${(problem as Error).message}`);
    }
  } finally {
    rmSync(temp, { force: true });
  }
  const key = readKey(file);
  if (key === undefined)
    throw new KeyProblem(`the key file ${file} disappeared while it was read; try again`);
  return key;
}
