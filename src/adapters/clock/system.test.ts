import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DAY, HOUR, plus } from '../../core/base/instant.ts';
import { run } from '../process/run.ts';
import { systemClock } from './system.ts';

const NOW = '2026-11-21T20:31:07.000Z';
const clock = systemClock();

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(NOW) });
});
afterEach(() => {
  vi.useRealTimers();
});

const waking = (at: string) => {
  const wake = vi.fn();
  return { wake, callOff: clock.at(at, wake) };
};

it('tells the time in the one spelling of instants', () => {
  expect(clock.now()).toBe(NOW);
});

it('wakes once, at its instant and not before', () => {
  const { wake } = waking(plus(NOW, 5_000));
  vi.advanceTimersByTime(4_999);
  expect(wake).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(wake).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(HOUR);
  expect(wake).toHaveBeenCalledTimes(1);
});

it('wakes at once for an instant that has passed, but not within the call', () => {
  const { wake } = waking(plus(NOW, -DAY));
  expect(wake).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(wake).toHaveBeenCalledTimes(1);
});

it('waits for an instant further away than a timer can hold', () => {
  const { wake } = waking(plus(NOW, 40 * DAY));
  vi.advanceTimersByTime(40 * DAY - 1);
  expect(wake).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(wake).toHaveBeenCalledTimes(1);
});

it('never wakes once it was called off', () => {
  const near = waking(plus(NOW, 1_000));
  const far = waking(plus(NOW, DAY));
  vi.advanceTimersByTime(500);
  near.callOff();
  vi.advanceTimersByTime(HOUR);
  far.callOff();
  vi.advanceTimersByTime(2 * DAY);
  expect(near.wake).not.toHaveBeenCalled();
  expect(far.wake).not.toHaveBeenCalled();
});

it('may be called off after it woke', () => {
  const { wake, callOff } = waking(NOW);
  vi.advanceTimersByTime(1);
  callOff();
  expect(wake).toHaveBeenCalledTimes(1);
});

it('waits on when the clock was put back meanwhile', () => {
  const { wake } = waking(plus(NOW, 5_000));
  vi.setSystemTime(new Date(plus(NOW, -10_000)));
  vi.advanceTimersByTime(5_000);
  expect(wake).not.toHaveBeenCalled();
  vi.advanceTimersByTime(10_000);
  expect(wake).toHaveBeenCalledTimes(1);
});

it('wakes within a minute when the clock jumped over its instant', () => {
  const { wake } = waking(plus(NOW, DAY));
  vi.setSystemTime(new Date(plus(NOW, 2 * DAY)));
  vi.advanceTimersByTime(60_001);
  expect(wake).toHaveBeenCalledTimes(1);
});

it('refuses what is not a time', () => {
  expect(() => clock.at('soon', () => {})).toThrow('not an instant: "soon"');
});

it('does not keep a process alive', async () => {
  vi.useRealTimers();
  const script = `const { systemClock } = await import(${JSON.stringify(new URL('./system.ts', import.meta.url).href)});
    systemClock().at('2999-01-01T00:00:00.000Z', () => {});`;
  const args = ['--input-type=module', '-e', script];
  const ran = await run({ file: process.execPath, args, env: {}, timeoutMs: 120_000 });
  expect(ran).toMatchObject({ ended: 'exited', code: 0 });
});
