import { describe, expect, test } from 'vitest';
import { type Ancestry, companionSigns } from './companions.ts';

/** `m` is the main line, `p` a pull request merged into it; `parents` as in git, the first is the main one. */
const graph: Record<string, { parents: string[]; subject: string }> = {
  m1: { parents: [], subject: 'Begin' },
  p1: { parents: ['m1'], subject: 'Fix it' },
  p2: { parents: ['p1'], subject: 'Run make update' },
  m2: { parents: ['m1', 'p2'], subject: 'Merge pull request #7 from x/y' },
  m3: { parents: ['m2'], subject: 'Squashed (#8)' },
  q1: { parents: ['m3'], subject: 'Alone' },
  m4: { parents: ['m3', 'q1'], subject: 'Merge pull request #9 from x/z' },
  r1: { parents: ['m3'], subject: 'Line' },
  r2: { parents: ['r1', 'q1'], subject: 'Merge on a release' },
};

const ancestors = (id: string): string[] => [id, ...(graph[id]?.parents ?? []).flatMap(ancestors)];
const history: Ancestry = {
  get: (id) => graph[id],
  childrenOf: (id) => Object.keys(graph).filter((one) => graph[one]!.parents.includes(id)),
  isAncestor: (ancestor, of) => ancestors(of).includes(ancestor),
  broughtBy: (merge) => {
    const main = new Set(ancestors(graph[merge]!.parents[0]!));
    const sides = graph[merge]!.parents.slice(1).flatMap(ancestors);
    return sides.filter((id) => !main.has(id)).map((id) => ({ id, subject: graph[id]!.subject }));
  },
};
const nothing = () => false;

describe('companions of a picked commit', () => {
  test('that its pull request brought in and the change leaves out are named', () => {
    expect(companionSigns(history, ['p1'], nothing)).toEqual([
      'pull request #7 brought in one more commit that is not picked: p2 Run make update',
    ]);
    expect(companionSigns(history, ['p2'], nothing)).toHaveLength(1);
  });

  test('are no sign when all are picked, or when the line has the rest', () => {
    expect(companionSigns(history, ['p1', 'p2'], nothing)).toEqual([]);
    expect(companionSigns(history, ['p1'], (id) => id === 'p2')).toEqual([]);
  });

  test('do not exist for a commit of the main line, even when branches started at it', () => {
    expect(companionSigns(history, ['m1'], nothing)).toEqual([]);
    expect(companionSigns(history, ['m3'], nothing)).toEqual([]);
  });

  test('do not exist for a pull request of one commit, merged here and there', () => {
    expect(companionSigns(history, ['q1'], nothing)).toEqual([]);
  });
});
