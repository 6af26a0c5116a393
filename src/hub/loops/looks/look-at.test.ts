// Goal: what a look at a link comes to, and what is told of it: an advisory without a digest, a pull request that is not merged, or
// that did not bring the change.
import { describe, expect, it, test } from 'vitest';
import type { Commit, Digest } from '../../../core/base/ids.ts';
import type { LinkItem } from '../../../core/proof/closing-item.ts';
import type { PullRequestSeen } from '../../../ports/links.ts';
import { SourceProblem } from '../../../ports/repository.ts';
import { memoryLinks } from '../../../ports/testing-links.ts';
import { lookAt } from './look-at.ts';
import type { LookRun } from './look-run.ts';

const d = (c: string): Digest => `sha256:${c.repeat(64)}`;
const id = (c: string): Commit => c.repeat(40);
const PULL = 'https://github.com/example/lease/pull/7';
const KEY = 'github.com/example/lease#7';

const merged = (over: Partial<PullRequestSeen> = {}): PullRequestSeen => ({
  repository: 'example/lease',
  merged: true,
  state: 'closed',
  commit: id('c'),
  branch: 'main',
  commits: 2,
  ...over,
});

type World = {
  readonly item: LinkItem;
  readonly link: string;
  readonly pages?: Readonly<Record<string, string>>;
  readonly pull?: PullRequestSeen;
  /** What the hub's own copy has: other names for its commits, who of them holds the change, and what a pull request brought. */
  readonly git?: {
    readonly location?: string;
    readonly names?: Readonly<Record<string, Commit>>;
    readonly holds?: readonly Commit[];
    /** Where it was taken back. */
    readonly reverted?: readonly Commit[];
    readonly pulls?: Readonly<Record<number, readonly Commit[]>>;
  };
};

async function look({ item, link, pages = {}, pull, git = {} }: World) {
  const links = memoryLinks({
    hosts: ['errata.example', 'github.com'],
    pages,
    pulls: pull ? { [KEY]: pull } : {},
  });
  const lines = {
    '4.19': { build: { state: 'done', digest: d('a') } },
    '4.20': { build: { state: 'done', digest: d('e') } },
  };
  const repository = {
    resolve: async (name: string) => git.names?.[name],
    contains: async (commit: Commit) => ({
      contained: git.holds?.includes(commit) ?? false,
      gitReverted: git.reverted?.includes(commit) ?? false,
    }),
    commitsOf: async ({ number }: { number: number }) => {
      const found = git.pulls?.[number];
      if (found === undefined) throw new SourceProblem('no such pull request');
      return found;
    },
  };
  const sought = item.kind === 'advisory' ? [d('a'), d('e')] : [];
  const found = await lookAt({
    parts: { repositories: { open: async () => repository } },
    component: { repository: git.location ?? 'lease', branch: 'main' },
    it: { fix: { id: 'FIX-1', lines, change: { kind: 'commits', commits: [id('c')] } } },
    task: { do: 'look', item: item.name, link, sought },
    item,
    links,
    signal: new AbortController().signal,
  } as unknown as LookRun);
  return { found, asked: links.asked };
}

test('a link that answers is shown by its status, and one that does not tells it, with what to do', async () => {
  const item: LinkItem = { name: 'docs', kind: 'link' };
  const link = 'https://errata.example/7';
  expect((await look({ item, link, pages: { [link]: 'x' } })).found).toEqual({
    result: 'pass',
    because: 'it answers 200',
    status: 200,
  });
  expect((await look({ item, link })).found).toEqual({
    result: 'fail',
    because: 'errata.example answers 404; check it',
    status: 404,
  });
  expect((await look({ item, link: 'https://other.example/' })).found).toMatchObject({
    result: 'fail',
    because: 'other.example is not allowed; name it',
  });
});

describe('an advisory', () => {
  const item: LinkItem = { name: 'advisory', kind: 'advisory' };
  const link = 'https://errata.example/7';
  const both = [d('a'), d('e')];

  it('is shown by a document that holds the digest of every delivered line', async () => {
    const pages = { [link]: `images: ${d('a')} and ${'E'.repeat(64)}` };
    expect((await look({ item, link, pages })).found).toEqual({
      result: 'pass',
      because: 'it holds the digest of 2 delivered images',
      status: 200,
      sought: both,
      holds: both,
    });
  });

  it('names the line whose digest is missing', async () => {
    expect((await look({ item, link, pages: { [link]: d('a') } })).found).toEqual({
      result: 'fail',
      because: `it holds the digests of 1 of 2 delivered images; missing is that of 4.20 (${d('e').slice(0, 19)}…)`,
      status: 200,
      sought: both,
      holds: [d('a')],
    });
  });

  it.each([`https://errata.example/?q=${d('a')}`, `https://errata.example/?q=%61${'A'.repeat(63)}`])(
    'is not an address that may only repeat what it is asked',
    async (echo) => {
      const { found, asked } = await look({ item, link: echo, pages: { [echo]: `${d('a')} ${d('e')}` } });
      expect(found).toMatchObject({ result: 'fail', because: expect.stringContaining('may only repeat') });
      expect(asked).toEqual([]);
    },
  );
});

describe('a pull request', () => {
  const item: LinkItem = { name: 'upstream', kind: 'pull-request' };
  const withChange: LinkItem = { ...item, contains: 'change' };

  it('that is merged, says its forge', async () => {
    expect((await look({ item, link: PULL, pull: merged() })).found).toEqual({
      result: 'pass',
      because: 'example/lease#7 is merged into main: cccccccccccc',
      commit: id('c'),
    });
  });

  it('that is open or was closed is not', async () => {
    for (const state of ['open', 'closed'] as const) {
      const { commit: _, ...rest } = merged({ merged: false, state });
      expect((await look({ item, link: PULL, pull: rest })).found).toMatchObject({
        result: 'fail',
        because: `example/lease#7 is ${state}, not merged; have it looked at again once it is`,
      });
    }
  });

  it('of a repository that has another name by now is not of the one that is asked for', async () => {
    const wanted: LinkItem = { ...item, repository: 'example/lease' };
    const pull = merged({ repository: 'eve/lease' });
    expect((await look({ item: wanted, link: PULL, pull })).found).toMatchObject({
      result: 'fail',
      because: 'it is eve/lease#7 by now, not of example/lease',
    });
  });

  const names = { [id('c')]: id('c'), [`${id('c')}^1`]: id('b'), [`${id('c')}~2`]: id('a') };
  const asMerge = { ...names, [`${id('c')}^2`]: id('d') };

  it.each<[string, NonNullable<World['git']>, 'pass' | 'fail', string]>([
    ['brought it', { names, holds: [id('c')] }, 'pass', ', with the change'],
    [
      'is the last of several, of which an earlier one did',
      { names, holds: [id('c'), id('b')] },
      'pass',
      'with the',
    ],
    ['does not hold it', { names }, 'fail', ', but its merge does not hold the change'],
    ['came after it', { names, holds: [id('c'), id('b'), id('a')] }, 'fail', 'another one brought it'],
    [
      'came after it, as a merge',
      { names: asMerge, holds: [id('c'), id('b')] },
      'fail',
      'another one brought it',
    ],
    ['brought it, as a merge', { names: asMerge, holds: [id('c')] }, 'pass', ', with the change'],
    [
      'was taken back since',
      { names: { ...names, main: id('f') }, holds: [id('c'), id('f')], reverted: [id('f')] },
      'fail',
      'but main has it git-reverted since',
    ],
    ['is nowhere in our copy', {}, 'fail', 'nobody can tell whether it holds the change'],
  ])('whose merge %s, where the change is asked for', async (_, git, result, because) => {
    const { found } = await look({ item: withChange, link: PULL, pull: merged(), git });
    expect(found).toMatchObject({ result, because: expect.stringContaining(because) });
  });

  describe('of the repository that the component is built from', () => {
    const location = 'https://github.com/Example/lease.git';
    const git = {
      location,
      names: { ...names, [`${id('c')}^`]: id('b') },
      holds: [id('c')],
      pulls: { 7: [id('c')] },
    };

    it('is merged when git says so, and its forge is not asked', async () => {
      const { found, asked } = await look({ item: withChange, link: PULL, git });
      expect(found).toEqual({
        result: 'pass',
        because: 'merged into main, says git: cccccccccccc, with the change',
        commit: id('c'),
      });
      expect(asked).toEqual([]);
    });

    it('is asked of its forge where git does not know it', async () => {
      const { found, asked } = await look({ item, link: PULL, pull: merged(), git: { ...git, pulls: {} } });
      expect([found.result, asked]).toEqual(['pass', [KEY]]);
    });

    it('of another repository is never told by this one', async () => {
      const other = { ...git, location: 'https://github.com/example/other' };
      expect((await look({ item, link: PULL, git: other })).found).toMatchObject({
        result: 'fail',
        status: 404,
      });
    });
  });
});
