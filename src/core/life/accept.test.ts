// Goal: a proposal is taken as the tree a person looked at, or not at all; and the fix remembers whose word it was.
import { describe, expect, test } from 'vitest';
import type { Assembly } from '../assembly/assembly.ts';
import { agenda } from './agenda.ts';
import type { Command } from './command.ts';
import { decide } from './decide.ts';
import {
  ANA,
  act,
  assemblyOf,
  BOB,
  commitOf,
  declared,
  factsOf,
  lineOf,
  planeOf,
  proposalOf,
  type Story,
  T0,
  tell,
} from './testing.ts';

const LINE = '4.19.1';
const ADJACENT = proposalOf('adjacent');
const REUSE = proposalOf('reuse', { commits: [commitOf('r')], subjects: ['as 4.20 has it'] });
const conflict = assemblyOf('conflict', { proposals: [REUSE, ADJACENT] });
const assembled = (assembly: Assembly = conflict): Story =>
  tell(declared(), 'fleetfix', { type: 'LineAssembled', line: lineOf(LINE), assembly });
const take = (over: object = {}): Command => ({
  do: 'backport',
  to: [LINE],
  accept: { kind: 'adjacent', tree: ADJACENT.tree },
  ...over,
});
const says = (story: Story, command: Command, actor = ANA) => {
  const decision = decide(story.fix, command, factsOf({ actor }), T0);
  return decision.ok ? decision.value : `${decision.error.code}: ${decision.error.detail}`;
};
const onLine = (...events: Parameters<typeof tell>[2][]) => tell(assembled(), 'fleetfix', ...events);

describe('taking a proposal', () => {
  test('records the kind and the tree that was looked at', () => {
    expect(says(assembled(), take())).toEqual([
      { type: 'ProposalAccepted', line: LINE, kind: 'adjacent', tree: ADJACENT.tree },
    ]);
  });

  test.each<readonly [string, Story, Command, RegExp]>([
    ['of no line', assembled(), take({ to: undefined }), /^invalid: a proposal is taken for one line/],
    [
      'of two lines',
      twoLines(),
      take({ to: [LINE, '4.20.1'] }),
      /^invalid: a proposal is taken for one line/,
    ],
    [
      'with prerequisites',
      assembled(),
      take({ with: [commitOf('p')] }),
      /^invalid: .* leave --with and --not out/,
    ],
    [
      'with a line left out',
      assembled(),
      take({ not: [{ line: LINE, reason: 'r' }] }),
      /^invalid: .* by itself/,
    ],
    ['of a line the fix has not', assembled(), take({ to: ['9.9'] }), /^unknown-line: /],
    [
      'of a clean line',
      assembled(assemblyOf('clean')),
      take(),
      /^wrong-state: line 4.19.1 is clean, not in conflict/,
    ],
    [
      'of a line that was refused',
      assembled(assemblyOf('refused')),
      take(),
      /^wrong-state: line 4.19.1 is refused/,
    ],
    [
      'of a line that is being assembled',
      onLine({ type: 'StageRetried', stage: 'assembly' }),
      take(),
      /is being assembled/,
    ],
    [
      'of a line that is not affected',
      onLine({ type: 'LineNotAffected', line: LINE, reason: 'r' }),
      take(),
      /is not affected/,
    ],
    ['of a line without control planes', onLine({ type: 'LineEmptied', line: LINE }), take(), /is empty/],
    [
      'of a kind that is not offered',
      assembled(),
      take({ accept: { kind: 'regenerate', tree: ADJACENT.tree } }),
      /^invalid: line 4.19.1 offers no regenerate: it offers reuse \(tree .{12}\), adjacent \(tree .{12}\)$/,
    ],
    [
      'of a tree that is another by now',
      assembled(),
      take({ accept: { kind: 'adjacent', tree: commitOf('before') } }),
      /^stale-version: line 4.19.1 does not offer adjacent with tree .{12} any more: it offers reuse/,
    ],
  ])('%s is refused', (_what, story, command, expected) => {
    expect(says(story, command)).toMatch(expected);
  });

  test('is an engineer\u2019s act', () => {
    expect(says(assembled(), take(), BOB)).toMatch(/^not-allowed: bob may not backport/);
  });

  test('is refused with every proposal there is, ready to take', () => {
    const decision = decide(
      assembled().fix,
      take({ accept: { kind: 'regenerate', tree: 'x' } }),
      factsOf({ actor: ANA }),
      T0,
    );
    expect(!decision.ok && decision.error.next).toEqual([
      'fleetfix backport FIX-1 --to 4.19.1 --accept reuse',
      'fleetfix backport FIX-1 --to 4.19.1 --accept adjacent',
      'fleetfix describe FIX-1',
    ]);
  });
});

function twoLines(): Story {
  return tell(assembled(), 'fleetfix', { type: 'LineAssembled', line: lineOf('4.20.1'), assembly: conflict });
}

describe('a proposal that was taken', () => {
  const facts = factsOf({ actor: ANA, fleet: [planeOf('a')] });
  const taken = () => {
    const story = assembled();
    act(story, ANA, take(), facts);
    return story;
  };
  const tasks = (story: Story) => agenda(story.fix, facts, story.now).tasks;

  test('is on the fix with whose word it was, and the line is assembled with it', () => {
    const story = taken();
    const accept = { kind: 'adjacent', tree: ADJACENT.tree };
    expect(story.fix.lines[LINE]).toMatchObject({ accepted: { ...accept, by: 'ana' }, prerequisites: [] });
    expect(story.fix.lines[LINE]!.assembly).toBeUndefined();
    expect(tasks(story)).toMatchObject([{ do: 'assemble', accept }]);
  });

  test('stays while the line is tried again, and goes when the line is assembled plainly', () => {
    const refused: Parameters<typeof tell>[2] = {
      type: 'LineAssembled',
      line: lineOf(LINE),
      assembly: assemblyOf('refused'),
    };
    const story = tell(taken(), 'fleetfix', refused, { type: 'StageRetried', stage: 'assembly' });
    expect(tasks(story)).toMatchObject([{ accept: { kind: 'adjacent' } }]);
    tell(story, 'fleetfix', refused);
    act(story, ANA, { do: 'backport', to: [LINE] }, facts);
    expect(story.fix.lines[LINE]!.accepted).toBeUndefined();
    expect(tasks(story)[0]).not.toHaveProperty('accept');
  });

  test('is kept by the clean line it gave, and by none of its neighbours', () => {
    const story = tell(taken(), 'fleetfix', {
      type: 'LineAssembled',
      line: lineOf(LINE),
      assembly: assemblyOf('clean', { commit: commitOf('c') }),
    });
    expect(story.fix.state).toBe('assembled');
    expect(story.fix.lines[LINE]!.accepted?.by).toBe('ana');
  });
});
