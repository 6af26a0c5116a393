// Goal: machine time and people's time of a stage, which add up to how long it ran. A row is a story in
// words with the minute each came at: start, person, move, end.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MINUTE, msBetween } from '../base/instant.ts';
import { awaitsPerson, ended, movesAgain, readAt, started } from './clocks.ts';
import type { StageClock } from './fix.ts';
import { minute } from './testing.ts';

type Word = 'start' | 'person' | 'move' | 'end';

function apply(clocks: readonly StageClock[], word: Word, at: number): readonly StageClock[] {
  switch (word) {
    case 'start':
      return started(clocks, 'build', minute(at));
    case 'person':
      return awaitsPerson(clocks, 'build', { at: minute(at), for: `word at ${at}` });
    case 'move':
      return movesAgain(clocks, 'build', minute(at));
    case 'end':
      return ended(clocks, 'build', minute(at));
  }
}

/** `start 0 person 5 end 9` */
function clockAfter(story: string): StageClock | undefined {
  const words = story.split(' ');
  let clocks: readonly StageClock[] = [];
  for (let i = 0; i < words.length; i += 2) clocks = apply(clocks, words[i] as Word, Number(words[i + 1]));
  return clocks[0];
}

const times = (clock: StageClock | undefined) =>
  clock && { machine: clock.machineMs / MINUTE, people: clock.peopleMs / MINUTE, endedAt: clock.endedAt };

describe('a stage clock', () => {
  test.each([
    ['start 0 end 9', { machine: 9, people: 0, endedAt: minute(9) }],
    ['start 0 person 5 end 9', { machine: 5, people: 4, endedAt: minute(9) }],
    ['start 0 person 5 move 7 end 9', { machine: 7, people: 2, endedAt: minute(9) }],
    ['start 0 person 5 person 6 move 7 end 9', { machine: 7, people: 2, endedAt: minute(9) }],
    ['start 0 start 3 end 9', { machine: 9, people: 0, endedAt: minute(9) }],
    ['person 2 move 5 end 9', { machine: 4, people: 3, endedAt: minute(9) }],
    ['end 9', { machine: 0, people: 0, endedAt: minute(9) }],
    // Between two runs nobody waited for it: the gap belongs to neither.
    ['start 0 end 9 start 20 end 22', { machine: 11, people: 0, endedAt: minute(22) }],
    ['start 0 end 9 person 20 move 22 end 23', { machine: 10, people: 2, endedAt: minute(23) }],
    // What has ended keeps its end.
    ['start 0 end 9 end 30', { machine: 9, people: 0, endedAt: minute(9) }],
    ['start 0 end 9 move 30', { machine: 9, people: 0, endedAt: minute(9) }],
  ])('%s', (story, expected) => {
    expect(times(clockAfter(story))).toEqual(expected);
  });

  test('reads up to now without being moved, and says since when a person is awaited and for what', () => {
    const clock = clockAfter('start 0 person 5')!;
    const read = readAt(clock, minute(8));
    expect(read).toMatchObject({
      machineMs: 5 * MINUTE,
      peopleMs: 3 * MINUTE,
      personSince: minute(5),
      personFor: 'word at 5',
    });
    expect(readAt(clock, minute(8))).toEqual(read);
    expect(readAt(clockAfter('start 0 end 9')!, minute(60))).toEqual(clockAfter('start 0 end 9'));
  });

  test('waits since the first time a person was awaited, for what was asked last', () => {
    expect(clockAfter('start 0 person 5 person 6')).toMatchObject({
      personSince: minute(5),
      personFor: 'word at 6',
    });
    expect(clockAfter('start 0 person 5 move 6')?.personFor).toBeUndefined();
  });

  test('that never ran is not moved', () => {
    expect(clockAfter('move 3')).toBeUndefined();
  });

  test('adds up: machine and people are the time it ran, whatever happens', () => {
    const word = fc.record({ word: fc.constantFrom<Word>('start', 'person', 'move', 'end'), gap: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), (words) => {
        let clocks: readonly StageClock[] = [];
        let [at, ran] = [0, 0];
        for (const { word, gap } of words) {
          const running = clocks[0] !== undefined && clocks[0].endedAt === undefined;
          at += gap;
          if (running) ran += gap;
          clocks = apply(clocks, word, at);
        }
        const clock = clocks[0];
        if (clock === undefined) return;
        const read = readAt(clock, minute(at));
        expect(read.machineMs + read.peopleMs).toBe(ran * MINUTE);
        expect(ran * MINUTE).toBeLessThanOrEqual(msBetween(clock.startedAt, minute(at)));
      }),
      { seed: 10, numRuns: 200 },
    );
  });

  test('of one stage says nothing of another', () => {
    const both = started(started([], 'build', minute(0)), 'proof', minute(2));
    expect(ended(both, 'build', minute(5)).map((c) => [c.stage, c.endedAt])).toEqual([
      ['build', minute(5)],
      ['proof', undefined],
    ]);
  });
});
