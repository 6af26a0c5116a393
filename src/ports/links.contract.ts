import { describe, expect, it } from 'vitest';
import type { PullRequestRef } from '../core/proof/closing-item.ts';
import type { Links, PullRequestSeen } from './links.ts';

/** Links to look at, and what is there: a page with a text, a pull request that is merged and one that is not. */
export type Web = {
  readonly links: Links;
  readonly page: string;
  readonly text: string;
  readonly missing: string;
  /** On a host that is not allowed. */
  readonly elsewhere: string;
  readonly merged: PullRequestRef & { readonly seen: PullRequestSeen };
  readonly open: PullRequestRef;
};

/** What every way to look at links promises. */
export function linksContract(open: () => Promise<Web>): void {
  const ends = new AbortController().signal;

  describe('links', () => {
    it('says that an address answers', async () => {
      const { links, page } = await open();
      expect(await links.page(page, [], ends)).toEqual({ status: 200, holds: [] });
    });

    it('says which of the texts a document holds, in letters of either case', async () => {
      const { links, page, text } = await open();
      const seen = await links.page(page, [text.toUpperCase(), 'what is not in it'], ends);
      expect(seen).toEqual({ status: 200, holds: [text.toUpperCase()] });
    });

    it('throws where there is nothing, with the status', async () => {
      const { links, missing } = await open();
      await expect(links.page(missing, [], ends)).rejects.toMatchObject({
        name: 'LinkProblem',
        trouble: 'missing',
        status: 404,
      });
    });

    it('asks no host that is not named', async () => {
      const { links, elsewhere, merged } = await open();
      const refused = { name: 'LinkProblem', trouble: 'refused' };
      await expect(links.page(elsewhere, [], ends)).rejects.toMatchObject(refused);
      const { host } = new URL(elsewhere);
      await expect(links.pullRequest({ ...merged, host }, ends)).rejects.toMatchObject(refused);
    });

    it('tells a merged pull request from one that is not', async () => {
      const { links, merged, open: unmerged } = await open();
      expect(await links.pullRequest(merged, ends)).toEqual(merged.seen);
      const seen = await links.pullRequest(unmerged, ends);
      // A forge tries merges of what is open: that is no merge.
      expect(seen).not.toHaveProperty('commit');
      expect(seen).toMatchObject({ merged: false, state: 'open' });
    });

    it('throws for a pull request that is not there', async () => {
      const { links, merged } = await open();
      await expect(links.pullRequest({ ...merged, number: 999 }, ends)).rejects.toMatchObject({
        trouble: 'missing',
        status: 404,
      });
    });
  });
}
