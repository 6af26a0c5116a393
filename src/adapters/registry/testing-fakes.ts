import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { Trust } from '../../core/proof/trust.ts';
import type { Registry } from '../../ports/registry.ts';
import { createRegistry } from './index.ts';
import type { RegistrySettings } from './settings.ts';
import { createSigner, type FakeRegistry, startFakeRegistry } from './testing.ts';

export const signer = createSigner();
export const trustOf = (name: string, pem: string): Trust => ({ keys: [{ name, pem }], bundles: [] });
export const trust = trustOf('our key', signer.pem);

/** Two registries in memory and a folder, fresh for each test of the file. */
export type Fakes = { fake: FakeRegistry; other: FakeRegistry; dir: string };

export function withFakes(): Fakes {
  const fakes = {} as Fakes;
  beforeEach(async () => {
    fakes.fake = await startFakeRegistry();
    fakes.other = await startFakeRegistry();
    fakes.dir = await mkdtemp(join(tmpdir(), 'registry-client-'));
  });
  afterEach(async () => {
    await Promise.all([fakes.fake.stop(), fakes.other.stop()]);
    await rm(fakes.dir, { recursive: true, force: true });
  });
  return fakes;
}

/** A client that waits next to nothing between two attempts. */
export const openWith = (fakes: Fakes, more: Partial<RegistrySettings> = {}): Registry =>
  createRegistry({
    hosts: {},
    env: { HOME: fakes.dir },
    now: () => '2026-11-22T12:00:00.000Z',
    fetch,
    ...more,
    limits: { backOffMs: 1, backOffMsMax: 2, ...more.limits },
  });

/** Looks at `team/image:v1` of the first registry, or at `ref`. */
export const lookWith = (
  fakes: Fakes,
  more: Partial<RegistrySettings> = {},
  ref = `${fakes.fake.host}/team/image:v1`,
) => openWith(fakes, more).look(ref, { trust });

export async function authFileIn(dir: string, auths: object): Promise<string> {
  const file = join(dir, 'auth.json');
  await writeFile(file, JSON.stringify({ auths }));
  return file;
}

export const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing was thrown',
    (problem: Error) => problem.message,
  );
