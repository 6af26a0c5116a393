import { describe, expect, it } from 'vitest';
import type { Digest } from '../core/base/ids.ts';
import type { Trust } from '../core/proof/trust.ts';
import { type Registry, RegistryProblem } from './registry.ts';

/** A registry to read, and a way to put images into it. */
export type Shop = {
  readonly registry: Registry;
  /** Who signs below, and somebody else. */
  readonly trust: Trust;
  readonly others: Trust;
  /** An image of `linux/amd64` with these labels under a tag; returns `host/path` and its digest. */
  image(
    labels: Record<string, string>,
    tag: string,
  ): Promise<{ readonly repository: string; readonly digest: Digest }>;
  /** Signs it, and says with SLSA v0.2 that it was built from a commit. */
  sign(repository: string, digest: Digest): Promise<void>;
};

/** What every registry promises. `open` is called for each test. */
export function registryContract(open: () => Promise<Shop>): void {
  describe('registry', () => {
    it('says of a tag and of a digest the same', async () => {
      const shop = await open();
      const { repository, digest } = await shop.image({ a: 'b' }, 'v1');
      const [byTag, byDigest] = [
        await shop.registry.look(`${repository}:v1`, {}),
        await shop.registry.look(`${repository}@${digest}`, {}),
      ];
      expect(byTag).toEqual({ ...byDigest, reference: `${repository}:v1` });
      expect(byDigest).toMatchObject({
        repository,
        digest,
        isIndex: false,
        images: [{ digest, platform: 'linux/amd64', labels: { a: 'b' } }],
        signed: [],
      });
    });

    it('says who of the trusted signed, and gives what they signed', async () => {
      const shop = await open();
      const { repository, digest } = await shop.image({}, 'v1');
      await shop.sign(repository, digest);
      const { signed } = await shop.registry.look(`${repository}@${digest}`, { trust: shop.trust });
      expect(signed.map(({ form, of, signer }) => [form, of, signer])).toEqual([
        ['simple signature', digest, shop.trust.keys[0]!.name],
        ['statement', digest, shop.trust.keys[0]!.name],
      ]);
      expect(signed[1]!.content).toMatchObject({ predicateType: 'https://slsa.dev/provenance/v0.2' });
    });

    it('gives nothing that only others signed, and says why', async () => {
      const shop = await open();
      const { repository, digest } = await shop.image({}, 'v1');
      await shop.sign(repository, digest);
      const { signed } = await shop.registry.look(`${repository}@${digest}`, { trust: shop.others });
      expect(signed).toHaveLength(2);
      for (const one of signed) {
        expect(one.signer).toBeUndefined();
        expect(one.content).toBeUndefined();
        expect(one.because).toContain(`not signed with ${shop.others.keys[0]!.name}`);
      }
    });

    it('throws a problem for what is not there, and for what names no image', async () => {
      const shop = await open();
      const { repository } = await shop.image({}, 'v1');
      expect(await trouble(shop.registry.look(`${repository}:v2`, {}))).toBe('missing');
      expect(await trouble(shop.registry.look(`${repository}@sha256:00`, {}))).toBe('usage');
      expect(await trouble(shop.registry.look(`${repository}/UPPER:v1`, {}))).toBe('usage');
    });
  });
}

/** What a look that must fail says; it always says what to do next. */
export async function trouble(look: Promise<unknown>): Promise<string> {
  const problem = await look.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(problem instanceof RegistryProblem)) throw problem ?? new Error('nothing was thrown');
  expect(problem.next).not.toBe('');
  return problem.trouble;
}
