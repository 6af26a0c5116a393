import { expect, test } from 'vitest';
import { MINUTE, plus, SECOND } from '../core/base/instant.ts';
import { EPOCH } from './sample-world.ts';
import { createSteppedClock } from './stepped-clock.ts';

test('wakes are called at their own time, earliest first, and once', () => {
  const clock = createSteppedClock(EPOCH);
  const calls: string[] = [];
  const note = (name: string) => () => void calls.push(`${name} ${clock.now().slice(11, 19)}`);
  clock.at(plus(EPOCH, 2 * MINUTE), note('second'));
  clock.at(plus(EPOCH, MINUTE), note('first'));
  clock.at(plus(EPOCH, 9 * MINUTE), note('never'));
  expect(clock.nextWakeAt()).toBe(plus(EPOCH, MINUTE));
  clock.advanceTo(plus(EPOCH, 3 * MINUTE));
  clock.advanceTo(plus(EPOCH, 4 * MINUTE));
  expect(calls).toEqual(['first 20:01:00', 'second 20:02:00']);
  expect(clock.now()).toBe(plus(EPOCH, 4 * MINUTE));
});

test('a wake that was called off is not called and not waited for', () => {
  const clock = createSteppedClock(EPOCH);
  const callOff = clock.at(plus(EPOCH, SECOND), () => expect.unreachable());
  callOff();
  callOff();
  expect(clock.nextWakeAt()).toBeUndefined();
  clock.advanceTo(plus(EPOCH, MINUTE));
});

test('a wake may call off another that is due at the same time', () => {
  const clock = createSteppedClock(EPOCH);
  const at = plus(EPOCH, SECOND);
  clock.at(at, () => callOff());
  const callOff = clock.at(at, () => expect.unreachable());
  clock.advanceTo(at);
});

test('a wake asked for by a wake comes on the way, unless it is for at once: then with the next move', () => {
  const clock = createSteppedClock(EPOCH);
  const calls: string[] = [];
  clock.at(plus(EPOCH, SECOND), () => {
    clock.at(plus(clock.now(), SECOND), () => void calls.push(`later ${clock.now()}`));
    const again = () => {
      calls.push(`again ${clock.now()}`);
      clock.at(clock.now(), again);
    };
    clock.at(clock.now(), again);
  });
  clock.advanceTo(plus(EPOCH, MINUTE));
  expect(calls).toEqual([`later ${plus(EPOCH, 2 * SECOND)}`]);
  expect(clock.nextWakeAt()).toBe(plus(EPOCH, SECOND));
  clock.advanceTo(plus(EPOCH, MINUTE));
  expect(calls.slice(1)).toEqual([`again ${plus(EPOCH, MINUTE)}`]);
});

test('a wake asked for in the past is due at once', () => {
  const clock = createSteppedClock(EPOCH);
  let calls = 0;
  clock.at(plus(EPOCH, -MINUTE), () => {
    calls += 1;
  });
  clock.advanceTo(EPOCH);
  expect([calls, clock.now()]).toEqual([1, EPOCH]);
});

test('time never goes back, and only to instants', () => {
  const clock = createSteppedClock(EPOCH);
  expect(() => clock.advanceTo(plus(EPOCH, -1))).toThrow('it only goes on');
  expect(() => clock.at('soon', () => {})).toThrow('soon is not an instant');
});
