import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../core/base/hash.ts';
import { epochMs, type Instant } from '../../core/base/instant.ts';

/** The last calendar of an address that could be understood. */
export type KeptCopy = { readonly fetchedAt: Instant; readonly bytes: Buffer };

/** The name tells nothing of the address, which can be a secret. */
const fileOf = (dir: string, address: string): string => join(dir, `${sha256(address)}.kept`);

/** Keeps a copy in place of the last one; a reader sees the one or the other, whole. Rejects when it cannot be written. */
export async function keepCopy(dir: string, address: string, { fetchedAt, bytes }: KeptCopy): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const fresh = join(dir, `${randomUUID()}.part`);
  try {
    await writeFile(fresh, Buffer.concat([Buffer.from(`${fetchedAt}\n`), bytes]), { mode: 0o600 });
    await rename(fresh, fileOf(dir, address));
  } catch (problem) {
    await rm(fresh, { force: true });
    throw problem;
  }
}

/** The copy of an address; undefined when there is none that can be read. */
export async function keptCopy(dir: string, address: string): Promise<KeptCopy | undefined> {
  try {
    const whole = await readFile(fileOf(dir, address));
    const end = whole.indexOf('\n');
    const fetchedAt = whole.subarray(0, Math.max(0, end)).toString('latin1');
    return Number.isNaN(epochMs(fetchedAt)) ? undefined : { fetchedAt, bytes: whole.subarray(end + 1) };
  } catch {
    return undefined;
  }
}
