// Goal: a rollout followed observation by observation. Method: small fleets, each control plane by its place in the plan's
// order, minute by minute; what a test does not say stays as it is.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../base/instant.ts';
import { eValue } from '../health/evidence.ts';
import { FAILED, fieldOf, GOING_BACK, HELD, type Member, RUNNING, SILENT, WAITING } from '../health/field.ts';
import { type Pace, paceOf, USUAL } from '../pace/pace.ts';
import { createPacer, type News, type PacerMove } from './pacer.ts';

const BEGAN_MS = 1_000 * HOUR;
const atMs = (minute: number) => BEGAN_MS + minute * MINUTE;
const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

/** `size` targets, each on a management cluster of its own, beside `controls` that are never changed. */
function follow(
  size: number,
  more: {
    readonly controls?: number;
    readonly member?: (i: number) => Partial<Member>;
    readonly pace?: Partial<Pace>;
    readonly burning?: readonly number[];
  } = {},
) {
  const member = (i: number): Member => ({
    stratum: 's',
    region: 'r',
    managementCluster: `m${i}`,
    customer: `c${i}`,
    ...more.member?.(i),
  });
  const pacer = createPacer({
    field: fieldOf(upTo(size).map(member), upTo(more.controls ?? 0, size).map(member)),
    pace: paceOf({ ...USUAL, harmBudget: 100, ...more.pace }),
    burning: Uint8Array.from({ length: size }, (_, i) => (more.burning?.includes(i) ? 1 : 0)),
    beganMs: BEGAN_MS,
    convergeWithinMs: 30 * MINUTE,
  });
  const see = (news: News, of: readonly number[], minute: number) => {
    for (const i of of) pacer.see(i, news, atMs(minute));
  };
  const step = (minute: number): PacerMove => pacer.step(atMs(minute));
  /** Tells those that start, and sees them run it six minutes later; steps every minute up to one. */
  const play = (from: number, to: number, spoil: (minute: number) => void = () => {}): PacerMove[] => {
    const due = new Map<number, readonly number[]>();
    return upTo(to - from + 1, from).map((minute) => {
      see('running', due.get(minute) ?? [], minute);
      spoil(minute);
      const move = step(minute);
      due.set(minute + 6, move.start);
      return move;
    });
  };
  /** A rollout whose one-box runs the image since minute 6. */
  const begun = () => {
    const { start } = step(0);
    see('running', start, 6);
    step(6);
    return start;
  };
  return { pacer, state: pacer.sight.state, see, step, play, begun };
}

describe('a rollout', () => {
  test('of a good fix is a one-box, then grows by evidence, and is done', () => {
    const { play, state } = follow(300, { controls: 20 });
    const moves = play(0, 240);
    const started = moves.map((m) => m.start.length);
    expect(started[0]).toBe(12);
    expect(started.findIndex((n, minute) => minute > 0 && n > 0)).toBeGreaterThan(30);
    expect(started.reduce((a, b) => a + b)).toBe(300);
    expect(moves.at(-1)!.done).toBe(true);
    expect(state.slice(0, 300).every((s) => s === RUNNING)).toBe(true);
  });

  test('of no more than the one-box starts all at once', () => {
    expect(follow(12).step(0).start).toEqual(upTo(12));
  });

  test('in which one breaks takes that one back at once, and goes on', () => {
    const { play, see, state } = follow(300);
    const moves = play(0, 240, (minute) => minute === 50 && see('unhealthy', [3], 50));
    expect(moves[50]!.rollback).toEqual([3]);
    expect(moves.some((m) => m.halt)).toBe(false);
    expect(state[3]).toBe(GOING_BACK);
    expect(moves.flatMap((m) => m.start)).toHaveLength(300);
  });

  test('starts nothing while nothing is heard, whatever was there before', () => {
    const { play, see, step, state } = follow(300);
    play(0, 30);
    see(
      'silent',
      upTo(300).filter((i) => state[i] === RUNNING),
      31,
    );
    const blind = upTo(600, 31).map(step);
    expect(blind.map((m) => m.counts.seen).every((seen) => seen === 0)).toBe(true);
    // Those that are not heard are replaced once, then no more.
    expect(blind.flatMap((m) => m.start).length).toBeLessThanOrEqual(12);
  });

  test('is followed the same in whatever order one look tells of different control planes', () => {
    const news = fc.record({
      i: fc.nat(39),
      news: fc.constantFrom<News>(
        'running',
        'failed',
        'unhealthy',
        'healthy',
        'silent',
        'heard',
        'back',
        'held',
      ),
    });
    const look = fc.uniqueArray(news, { selector: ({ i }) => i, maxLength: 20 });
    const told = (looks: readonly (readonly { i: number; news: News }[])[], turned: boolean) => {
      const { pacer, step } = follow(40, { burning: [1, 5, 9] });
      return looks.map((look, k) => {
        for (const { i, news } of turned ? [...look].reverse() : look) pacer.see(i, news, atMs(10 * k));
        const { start, rollback, done, counts } = step(10 * k);
        return { start, rollback, done, counts };
      });
    };
    fc.assert(
      fc.property(fc.array(look, { minLength: 2, maxLength: 12 }), (looks) => {
        expect(told(looks, true)).toEqual(told(looks, false));
      }),
      { seed: 4, numRuns: 60 },
    );
  });
});

describe('a halt', () => {
  /** The minute of the halt when those of `struck` break in minute 48. */
  function haltOf(struck: (running: readonly number[]) => readonly number[]) {
    const { play, see, state } = follow(500, { controls: 50 });
    const moves = play(0, 140, (minute) => {
      if (minute === 48) see('unhealthy', struck(upTo(500).filter((i) => state[i] === RUNNING)), 48);
    });
    const minute = moves.findIndex((m) => m.halt);
    return { minute, e: moves[minute]?.counts.e, back: moves[minute]?.rollback, moves };
  }

  test('the OCM trap: a failure that sorts late in the list halts as early as one that sorts first', () => {
    const first = haltOf((running) => running.slice(0, 20));
    const last = haltOf((running) => running.slice(-20));
    expect(first.minute).toBe(48);
    expect(last.minute).toBe(48);
    expect(last.e).toBe(first.e);
  });

  test('takes everything back, the newest first, and starts nothing any more', () => {
    const { minute, back, moves } = haltOf((running) => running.slice(0, 20));
    const started = moves.slice(0, minute).flatMap((m) => m.start);
    expect(new Set(back)).toEqual(new Set(started));
    const wave = moves.slice(0, minute).findLast((m) => m.start.length > 0)!.start;
    expect(new Set(back!.slice(0, wave.length))).toEqual(new Set(wave));
    expect(moves.slice(minute).flatMap((m) => m.start)).toEqual([]);
  });

  test('takes back at most a third of a management cluster at a time', () => {
    const { step, see } = follow(12, { controls: 200, member: () => ({ managementCluster: 'm' }) });
    const first = step(0).start;
    see('running', first, 6);
    const second = step(6).start;
    see('running', second, 12);
    see('unhealthy', upTo(5), 13);
    const halt = step(13);
    expect(halt.halt).toBeDefined();
    expect(halt.rollback).toHaveLength(4);
    expect(step(14).rollback).toEqual([]);
    see('back', halt.rollback, 15);
    expect(step(15).rollback).toHaveLength(4);
  });

  test('of one stratum takes back that one only, and the others go on', () => {
    const strata = ['aws 4.18', 'aws 4.19', 'azure 4.19', 'azure 4.20'];
    const bad = (i: number) => i % 4 === 1;
    const { play, see, state } = follow(400, { controls: 400, member: (i) => ({ stratum: strata[i % 4]! }) });
    const moves = play(0, 400, (minute) =>
      see(
        'unhealthy',
        upTo(400).filter((i) => bad(i) && state[i] === RUNNING),
        minute,
      ),
    );
    const halts = moves.flatMap((m) => m.halt ?? []);
    expect(halts).toMatchObject([{ stratum: 1 }]);
    const minute = moves.findIndex((m) => m.halt);
    const after = moves.slice(minute).flatMap((m) => m.start);
    expect(after.some(bad)).toBe(false);
    expect(
      upTo(400)
        .filter((i) => !bad(i))
        .every((i) => state[i] === RUNNING),
    ).toBe(true);
    expect(upTo(400).filter((i) => bad(i) && state[i] === RUNNING)).toEqual([]);
  });
});

describe('what is said of one control plane', () => {
  test.each<[string, readonly (readonly [News, number])[], number]>([
    ['ill before the change is held', [['unhealthy', 0]], HELD],
    [
      'ill and well again may start',
      [
        ['unhealthy', 0],
        ['healthy', 1],
      ],
      WAITING,
    ],
    [
      'ill, not heard, and heard again is still ill',
      [
        ['unhealthy', 0],
        ['silent', 1],
        ['heard', 2],
      ],
      HELD,
    ],
    [
      'not heard and ill by the next report is held',
      [
        ['silent', 0],
        ['heard', 1],
        ['unhealthy', 1],
      ],
      HELD,
    ],
    ['not heard is held', [['silent', 0]], HELD],
    [
      'held and ill is held until both are over',
      [
        ['held', 0],
        ['unhealthy', 0],
        ['healthy', 1],
      ],
      HELD,
    ],
    [
      'held and free may start',
      [
        ['held', 0],
        ['free', 1],
      ],
      WAITING,
    ],
  ])('that waits: %s', (_what, told, expected) => {
    const { see, state, step } = follow(40);
    step(0);
    for (const [news, minute] of told) see(news, [30], minute);
    expect(state[30]).toBe(expected);
  });

  test.each<[string, readonly (readonly [News, number])[], number]>([
    ['ill within the window broke', [['unhealthy', 20]], FAILED],
    ['that has failed by hard evidence broke', [['failed', 20]], FAILED],
    ['not heard is silent', [['silent', 20]], SILENT],
    [
      'not heard and heard runs it as before',
      [
        ['silent', 20],
        ['heard', 30],
      ],
      RUNNING,
    ],
    [
      'ill while it is not heard breaks when it is',
      [
        ['silent', 20],
        ['unhealthy', 21],
        ['heard', 30],
      ],
      FAILED,
    ],
    [
      'broken, not heard and seen running stays broken',
      [
        ['failed', 20],
        ['silent', 21],
        ['running', 22],
      ],
      FAILED,
    ],
    ['ill long after it began to run it is only watched', [['unhealthy', 60]], RUNNING],
  ])('that runs it: %s', (_what, told, expected) => {
    const { see, state, begun } = follow(40);
    begun();
    for (const [news, minute] of told) see(news, [3], minute);
    expect(state[3]).toBe(expected);
  });

  test('that is ill while it is started is broken as soon as it runs it', () => {
    const { see, state, step } = follow(40);
    step(0);
    see('unhealthy', [3], 2);
    see('running', [3], 6);
    expect(state[3]).toBe(FAILED);
  });

  test('ill long after it began to run goes back when that lasts half an hour, and is no evidence', () => {
    const { see, step, begun } = follow(12, { controls: 100 });
    begun();
    step(60);
    see('unhealthy', [3, 4], 61);
    see('healthy', [4], 80);
    const before = step(90);
    expect(before.rollback).toEqual([]);
    const after = step(91);
    expect(after.rollback).toEqual([3]);
    expect(after.counts.e).toBe(before.counts.e);
  });

  test('deleted is of no interest any more', () => {
    const { see, step, state } = follow(40);
    step(0);
    see('out', [3, 30], 1);
    see('running', [3], 6);
    see('free', [30], 6);
    expect([state[3], state[30]]).toEqual([8, 8]);
  });

  test('not changed, and ill again and again is one bad episode', () => {
    const episodes = (minutes: readonly number[]) => {
      const { see, step } = follow(12, { controls: 50 });
      step(0);
      return minutes.map((minute) => {
        see('unhealthy', [20], minute);
        see('healthy', [20], minute + 5);
        return step(minute + 6).judged.control.episodes;
      });
    };
    expect(episodes([10, 30, 50, 100])).toEqual([1, 1, 1, 1]);
    expect(episodes([10, 131])).toEqual([1, 2]);
  });
});

describe('those that burn', () => {
  test('start first, and are in neither arm', () => {
    const { step, see } = follow(60, { burning: [40, 41, 42] });
    const { start } = step(0);
    expect(start.slice(0, 3)).toEqual([40, 41, 42]);
    see('running', start, 6);
    const { counts } = step(6);
    expect([counts.treated, counts.controls]).toEqual([12, 45]);
    see('unhealthy', [40], 7);
    see('healthy', [40], 8);
    see('unhealthy', [40], 9);
    const again = step(9);
    expect(again.counts.failed).toBe(0);
    expect(again.rollback).toEqual([40]);
  });

  test('and are still reported ill after the change are not broken by it', () => {
    const { step, see, state } = follow(20, { burning: [5] });
    see('running', step(0).start, 6);
    see('unhealthy', [5], 7);
    step(7);
    expect(state[5]).toBe(RUNNING);
  });

  test('and recover by themselves wait like any other from then on', () => {
    const { step, see, pacer } = follow(40, { burning: [39], pace: { maxPerHour: 1 } });
    see('healthy', [39], 0);
    expect(step(0).start).toEqual([0]);
    expect(pacer.sight.burning[39]).toBe(0);
  });

  test('and are not heard are not started', () => {
    const { step, see } = follow(40, { burning: [39] });
    see('silent', [39], 0);
    expect(step(0).start).not.toContain(39);
    see('heard', [39], 1);
    expect(step(1).start).toContain(39);
  });

  test('and do not recover with it stop the rollout with that reason', () => {
    const { play } = follow(200, { burning: upTo(20), pace: { harmBudget: 12 } });
    const moves = play(0, 200);
    const minute = moves.findIndex((m) => m.doubt);
    expect(minute).toBeGreaterThan(30);
    expect(moves.slice(minute).flatMap((m) => m.start)).toEqual([]);
    expect(moves.flatMap((m) => m.start).length).toBeLessThan(200);
  });

  test.each([1, 20])('and recover %i minutes after it raise no doubt', (cureMin) => {
    const burning = upTo(20);
    const { play, see } = follow(200, { burning });
    const moves = play(0, 240, (minute) => minute === 6 + cureMin && see('healthy', burning, minute));
    expect(moves.some((m) => m.doubt)).toBe(false);
    expect(moves.flatMap((m) => m.start)).toHaveLength(200);
  });
});

test('what the rest showed is kept when one stratum is halted', () => {
  const { play, see, state } = follow(400, {
    controls: 400,
    member: (i) => ({ stratum: i % 2 === 0 ? 'even' : 'odd' }),
  });
  const moves = play(0, 30, (minute) => {
    if (minute === 15) see('unhealthy', upTo(6, 500), minute);
    if (minute === 25)
      see(
        'unhealthy',
        upTo(400).filter((i) => i % 2 === 1 && state[i] === RUNNING),
        minute,
      );
  });
  const halted = moves.findIndex((m) => m.halt);
  expect(moves[halted]!.halt).toMatchObject({ stratum: 1 });
  const rest = eValue(moves[halted]!.judged.logs, 1 + 2 + 1);
  expect(rest).toBeLessThan(0.9);
  expect(moves[halted + 1]!.counts.e).toBeCloseTo(rest, 6);
});
