// Goal: what the planner does, as pictures. Each picture has the targets stage by stage, what is seen of each, and what
// follows. They are called a, b, c … in the plan's order, and share management cluster `x` and stratum `s` unless the
// rows say otherwise.
import { describe, expect, test } from 'vitest';
import { epochMs, HOUR, MINUTE } from '../base/instant.ts';
import {
  BACK,
  emptySight,
  FAILED,
  fieldOf,
  GOING_BACK,
  HELD,
  OUT,
  RUNNING,
  SILENT,
  STARTING,
  WAITING,
} from '../health/field.ts';
import { notJudged } from '../health/judge.ts';
import { T0 } from '../life/testing.ts';
import { creditOf } from '../pace/credit.ts';
import { guardsOf } from '../pace/guards.ts';
import { type Pace, paceOf, USUAL } from '../pace/pace.ts';
import { type Move, next, type Rolling } from './next.ts';

/**
 * · waiting  * waiting and burning  h held  x out  ▸ starting  ✓ running  ⊛ running and burned  ? silent  ✗ failed
 * ! wanted back  ◂ going back  ◃ going back though it did not break  ○ back
 */
const GLYPHS: Readonly<
  Record<string, { state: number; broke?: true; wanted?: true; burning?: true; ran?: true }>
> = {
  '·': { state: WAITING },
  '*': { state: WAITING, burning: true },
  h: { state: HELD },
  x: { state: OUT },
  '▸': { state: STARTING },
  '✓': { state: RUNNING, ran: true },
  '⊛': { state: RUNNING, ran: true, burning: true },
  '?': { state: SILENT },
  '✗': { state: FAILED, broke: true },
  '!': { state: RUNNING, ran: true, wanted: true },
  '◂': { state: GOING_BACK, broke: true },
  '◃': { state: GOING_BACK },
  '○': { state: BACK, broke: true },
};

type Scene = {
  /** What is seen, stage by stage. */
  readonly see: string;
  readonly cluster?: string;
  readonly stratum?: string;
  /** Minutes after T0 at which each was told; what is not said is 0. */
  readonly told?: readonly number[];
  readonly pace?: Partial<Pace>;
  readonly rest?: Partial<Rolling>;
  readonly passed?: readonly number[];
  readonly advanced?: readonly number[];
  /** Stages after which a person is asked. */
  readonly approval?: readonly number[];
  /** Those that failed did so since the last look. */
  readonly fresh?: true;
  /** So many more that are only compared with. */
  readonly controls?: number;
  /** Minutes after T0; every state began at T0. */
  readonly at?: number;
};

const cells = (row: string): string[] => row.split(/[ |]+/).filter(Boolean);
const START_MS = epochMs(T0);

function rollingOf(scene: Scene): Rolling {
  const stages = scene.see.split('|').map(cells);
  const glyphs = stages.flat();
  const cluster = scene.cluster ? cells(scene.cluster) : [];
  const stratum = scene.stratum ? cells(scene.stratum) : [];
  const member = (i: number, stage: number) => ({
    stratum: stratum[i] ?? 's',
    region: 'r',
    managementCluster: cluster[i] ?? 'x',
    customer: `c${i}`,
    stage,
  });
  const stageOf = stages.flatMap((stage, s) => stage.map(() => s + 1));
  const compared = Array.from({ length: scene.controls ?? 0 }, (_, i) => ({
    ...member(-1, 1),
    customer: `k${i}`,
  }));
  const field = fieldOf(
    stageOf.map((stage, i) => member(i, stage)),
    compared,
  );
  const pace = paceOf({ ...USUAL, harmBudget: 12, inFlightPerManagementCluster: 2, ...scene.pace });
  const sight = emptySight(field);
  glyphs.forEach((glyph, i) => {
    const it = GLYPHS[glyph]!;
    const toldAt = it.state === WAITING || it.state === HELD ? 0 : START_MS + (scene.told?.[i] ?? 0) * MINUTE;
    sight.state[i] = it.state;
    sight.sinceMs[i] = START_MS;
    sight.toldAtMs[i] = toldAt;
    sight.ranAtMs[i] = it.ran ? toldAt : 0;
    sight.broke[i] = it.broke ? 1 : 0;
    sight.wanted[i] = it.wanted ? 1 : 0;
    sight.burning[i] = it.burning ? 1 : 0;
  });
  const failed = glyphs.flatMap((glyph, i) => (glyph === '✗' ? [i] : []));
  return {
    field,
    pace,
    credit: creditOf(pace),
    guards: guardsOf(field, pace.harmBudget),
    sight,
    judged: notJudged(field, START_MS),
    episodes: { treated: scene.fresh ? failed : [], control: [] },
    stages: stages.map((_, s) => ({
      soakMs: 10 * MINUTE,
      approval: scene.approval?.includes(s + 1) ?? false,
      passed: scene.passed?.includes(s + 1) ?? false,
      advanced: scene.advanced?.includes(s + 1) ?? false,
    })),
    paused: false,
    halted: false,
    haltedStrata: [],
    unknownMax: 0,
    orderValidMs: HOUR,
    convergeWithinMs: 20 * MINUTE,
    ...scene.rest,
  };
}

const moveOf = (scene: Scene): Move => next(rollingOf(scene), START_MS + (scene.at ?? 5) * MINUTE);

const nameOf = (i: number): string => String.fromCharCode('a'.charCodeAt(0) + i);

/** `start a b · back c · pass 1 · halt · done`, or `nothing`. */
function told(move: Move): string {
  const names = (of: readonly number[]) => of.map(nameOf).join(' ');
  const parts = [
    move.start.length > 0 && `start ${names(move.start)}`,
    move.rollback.length > 0 && `back ${names(move.rollback)}`,
    move.pass.length > 0 && `pass ${move.pass.map((s) => s + 1).join(' ')}`,
    move.halt !== undefined &&
      (move.halt.stratum === undefined ? 'halt' : `halt stratum ${move.halt.stratum}`),
    move.done && 'done',
  ].filter((part) => part !== false);
  return parts.join(' · ') || 'nothing';
}

const paused = { paused: true };
const halted = { halted: true };
const one = { inFlightPerManagementCluster: 1 };

describe('a step of the rollout', () => {
  test.each<[string, Scene, string]>([
    ['the first ones start, as many as may be on their way', { see: '· · · | · ·' }, 'start a b'],
    [
      'management clusters have room each of their own',
      { see: '· · · · | ·', cluster: 'x x x y y' },
      'start a b d',
    ],
    ['one slot is taken, one is free', { see: '▸ · · | ·' }, 'start b'],
    [
      'the next stage does not start while one of the stage before is under way',
      { see: '✓ ▸ | · ·' },
      'nothing',
    ],
    ['the next stage waits for the soak', { see: '✓ ✓ | · ·', at: 9 }, 'nothing'],
    [
      'after the soak the stage passes and the next starts',
      { see: '✓ ✓ | · ·', at: 10 },
      'start c d · pass 1',
    ],
    ['a soak that a person ended is over', { see: '✓ ✓ | · ·', at: 1, advanced: [1] }, 'start c d · pass 1'],
    [
      'ending the wait of a stage does not hurry what is under way in it',
      { see: '✓ ▸ | · ·', at: 30, advanced: [1] },
      'nothing',
    ],
    [
      'advancing a later stage changes nothing for the one before it',
      { see: '✓ ✓ | · ·', at: 1, advanced: [2] },
      'nothing',
    ],
    ['a stage that asks for a person waits for one', { see: '✓ ✓ | · ·', at: 600, approval: [1] }, 'nothing'],
    [
      'and goes on by that word',
      { see: '✓ ✓ | · ·', at: 600, approval: [1], advanced: [1] },
      'start c d · pass 1',
    ],
    [
      'a failure goes back and its slot is not given away meanwhile',
      { see: '✓ ✗ · | ·', pace: one },
      'back b',
    ],
    [
      'what a person asked back goes back and takes a slot, and the rest goes on',
      { see: '! ✓ · · | ·' },
      'start c · back a',
    ],
    ['a stage with too many silent does not pass', { see: '✓ ? | ·', at: 60 }, 'nothing'],
    [
      'a stage passes with as many silent as the policy allows',
      { see: '✓ ? | ·', at: 60, rest: { unknownMax: 1 } },
      'start c · pass 1',
    ],
    [
      'held targets do not hold up a stage in which others are fine',
      { see: '✓ h | ·', at: 10 },
      'start c · pass 1',
    ],
    [
      'what was held follows when it can, in a stage that has passed',
      { see: '✓ · | ✓', passed: [1], at: 20 },
      'start b · pass 2',
    ],
    [
      'a first stage that is held as a whole does not let the second go first',
      { see: 'h h | · ·', at: 60 },
      'nothing',
    ],
    ['nor does one that failed as a whole', { see: '○ | · ·', at: 60 }, 'nothing'],
    ['nor one that is silent as a whole', { see: '? | · ·', at: 60, rest: { unknownMax: 5 } }, 'nothing'],
    ['a person may go on all the same', { see: '○ | · ·', at: 60, advanced: [1] }, 'start b c · pass 1'],
    ['a stage that nobody is left in passes by itself', { see: 'x x x | · ·', at: 0 }, 'start d e · pass 1'],
    [
      'a stage of which nothing is left does not stop those after it once something runs the image',
      { see: '✓ | ○ h | ·', passed: [1], at: 0 },
      'start d · pass 2',
    ],
    ['the last stage passes, and that is all', { see: '✓ | ✓', passed: [1], at: 10 }, 'pass 2 · done'],
    [
      'one that is released at the end is started, and it is not the end',
      { see: '✓ ·', passed: [1], at: 10 },
      'start b',
    ],
    ['while something goes back it is not the end', { see: '✓ ◂', passed: [1], at: 10 }, 'nothing'],
    ['a plan of nobody is over', { see: '' }, 'pass 1 · done'],
    ['a pause starts nothing', { see: '· ·', rest: paused }, 'nothing'],
    ['a pause passes no stage', { see: '✓ | ·', at: 60, rest: paused }, 'nothing'],
    ['a pause does not keep failures from going back', { see: '✗ ·', rest: paused }, 'back a'],
    [
      'a pause does not keep a bad image from halting',
      { see: '✗ ✓', fresh: true, rest: paused },
      'back a · halt',
    ],
    [
      'a bad image halts and is taken back, a third of a management cluster at a time',
      { see: '✓ ✓ ✗ ✗ ▸ ?', fresh: true },
      'back a b · halt',
    ],
    [
      'the newest go back first',
      { see: '✓ ✓ ✗ ✗ ▸ ?', told: [1, 2, 3, 4, 9, 5], fresh: true, at: 10 },
      'back e f · halt',
    ],
    ['a halt starts nothing', { see: '✓ ·', rest: halted }, 'back a'],
    ['a halt ends when all are back', { see: '○ · x x', rest: halted }, 'done'],
    ['a halt waits for those on their way back', { see: '◂ ○', rest: halted }, 'nothing'],
    [
      'one that is still not back when its order has run out is told again',
      { see: '◂ ○', rest: halted, at: 60 },
      'back a',
    ],
    [
      'one that does not come back in its time does not keep the others',
      { see: '◂ ✓', rest: halted, at: 20 },
      'back b',
    ],
    ['and until then they wait', { see: '◂ ✓', rest: halted, at: 19 }, 'nothing'],
    ['a deleted target is not told to go back', { see: 'x ✓', rest: halted }, 'back b'],
    ['a halt of one takes back the silent too', { see: '? ?', rest: halted, cluster: 'x y' }, 'back a b'],
  ])('%s', (_name, scene, expected) => {
    expect(told(moveOf(scene))).toBe(expected);
  });
});

describe('evidence', () => {
  const many = (glyph: string, count: number) => Array(count).fill(glyph).join(' ');
  const wide = { inFlightPerManagementCluster: 100 };

  test('the one-box is all that starts until it has half its credit', () => {
    const scene = { see: `${many('✓', 12)} ${many('·', 30)}`, pace: wide };
    expect(told(moveOf({ see: many('·', 42), pace: wide }))).toBe('start a b c d e f g h i j k l');
    expect(moveOf({ ...scene, at: 29 }).start).toEqual([]);
    expect(moveOf({ ...scene, at: 31 }).start.length).toBeGreaterThan(5);
    expect(moveOf({ ...scene, at: 29 }).counts.oneBox).toBe(true);
    expect(moveOf({ ...scene, at: 31 }).counts.oneBox).toBe(false);
  });

  test('the one-box has one of each stratum first, and a silent one in it is replaced, a broken one not', () => {
    const strata = { see: many('·', 9), stratum: 's s s s s s s t u', pace: { ...wide, oneBox: 3 } };
    expect(told(moveOf(strata))).toBe('start a h i');
    const box = { pace: { ...wide, oneBox: 3 } };
    expect(told(moveOf({ ...box, see: '✓ ✓ ? · ·' }))).toBe('start d');
    expect(told(moveOf({ ...box, see: '✓ ✓ ○ · ·' }))).toBe('nothing');
    expect(told(moveOf({ ...box, see: '? ? ? · · · · · ·' }))).toBe('start d e f');
    expect(told(moveOf({ ...box, see: '? ? ? ? ? ? · · ·' }))).toBe('nothing');
    expect(told(moveOf({ ...box, see: '✓ ✓ ◃ · ·' }))).toBe('start d');
  });

  test('those that burn go first, do not wait for the one-box, and are no part of it', () => {
    const box = { pace: { ...wide, oneBox: 2 } };
    expect(told(moveOf({ ...box, see: '· · · * *' }))).toBe('start d e a b');
    expect(told(moveOf({ ...box, see: '⊛ ⊛ ⊛ · · ·', at: 600 }))).toBe('start d e');
    expect(told(moveOf({ ...box, see: '✓ ✓ · * ·' }))).toBe('start d');
  });

  test('those that burn count a quarter: four times as many of them may be unknown at once', () => {
    const pace = { ...wide, harmBudget: 3, oneBox: 1 };
    const started = (see: string) => moveOf({ see, pace }).start.length;
    expect(started(many('*', 40))).toBe(12);
    expect(started(many('·', 40))).toBe(1);
  });

  test('more start the more is known: at most so many that the budget holds', () => {
    const at = (minutes: number) => {
      const { start, counts } = moveOf({ see: `${many('✓', 12)} ${many('·', 60)}`, pace: wide, at: minutes });
      expect(counts.rateAtMost * (counts.unknown + start.length)).toBeLessThanOrEqual(12);
      return start.length;
    };
    const starts = [31, 45, 60, 90, 600].map(at);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(starts.at(-1)).toBeGreaterThan(starts[0]!);
  });

  test('nothing more starts when too much of what is out is silent', () => {
    const see = `${many('✓', 12)} ${many('?', 40)} ${many('·', 30)}`;
    const { start, counts } = moveOf({ see, pace: wide, at: 90 });
    expect(start).toEqual([]);
    expect(counts.room).toBeLessThan(0);
  });

  test('a management cluster keeps half of its own to compare with while others have room', () => {
    const scene = {
      see: `✓ ✓ · · ${many('·', 4)}`,
      cluster: 'x x x x y y y y',
      pace: { ...wide, oneBox: 2, harmBudget: 8 },
      at: 600,
    };
    expect(told(moveOf({ ...scene, pace: { ...scene.pace, maxPerHour: 2 } }))).toBe('start e f');
    expect(moveOf(scene).start.slice(0, 2).map(nameOf)).toEqual(['e', 'f']);
    expect(moveOf(scene).start.length).toBe(6);
  });

  test('no more start in an hour than people allow, whatever is known', () => {
    const scene = (at: number) => ({
      see: `✓ ✓ ✓ ${many('·', 20)}`,
      pace: { ...wide, oneBox: 1, maxPerHour: 4 },
      at,
    });
    expect(moveOf(scene(59)).start.length).toBe(1);
    expect(moveOf(scene(60)).start.length).toBe(4);
  });

  test('a minimum soak gives no credit before it is over', () => {
    const scene = { see: `✓ ✓ ${many('·', 20)}`, pace: { ...wide, oneBox: 2, minSoakMs: 3 * HOUR } };
    expect(moveOf({ ...scene, at: 179 }).start).toEqual([]);
    expect(moveOf({ ...scene, at: 180 }).start.length).toBeGreaterThan(0);
  });

  test('a single failure among many, with many to compare with, does not halt; many do', () => {
    const scene = (failed: number): Scene => ({
      see: `${many('✗', failed)} ${many('✓', 12 - failed)}`,
      controls: 40,
      fresh: true,
    });
    expect([1, 2, 3, 4, 5, 6].map((n) => moveOf(scene(n)).halt !== undefined)).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  test('one stratum that is bad is halted alone, once, and what waits of it does not start', () => {
    const scene: Scene = {
      see: `${many('✗', 6)} ${many('✓', 6)} · · · ·`,
      stratum: `${many('t', 6)} ${many('s', 6)} t s t s`,
      cluster: `${many('x', 6)} ${many('y', 6)} z z z z`,
      controls: 40,
      fresh: true,
      pace: { oneBox: 2, harmBudget: 100 },
      at: 120,
    };
    const move = moveOf(scene);
    expect(told(move)).toMatch(/^start n p · back a b · halt stratum 0$/);
    const again = moveOf({ ...scene, rest: { haltedStrata: [0], judged: move.judged } });
    expect(again.halt).toBeUndefined();
    expect(again.start.map(nameOf)).toEqual(['n', 'p']);
  });
});

test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, undefined as unknown as number])(
  'a limit of %s on those in flight lets one start at a time, on those in an hour one an hour, and on harm one at a time',
  (limit) => {
    const see = '· · ·';
    expect(told(moveOf({ see, pace: { inFlightPerManagementCluster: limit } }))).toBe('start a');
    const known = { see: '✓ · · ·', at: 600 };
    const pace = { oneBox: 1, inFlightPerManagementCluster: 9 };
    expect(moveOf({ ...known, pace }).start.length).toBe(3);
    expect(moveOf({ ...known, pace: { ...pace, harmBudget: limit === 0.5 ? 1 : limit } }).start.length).toBe(
      1,
    );
    const hourly = moveOf({ ...known, pace: { ...pace, maxPerHour: limit } });
    expect(hourly.start.length).toBe(limit === undefined ? 3 : 1);
  },
);
