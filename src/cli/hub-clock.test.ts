import { expect, test } from 'vitest';
import { openHubClock } from './hub-clock.ts';

test('ages and deadlines follow the hub once it has answered', () => {
  let wall = '2026-11-21T20:00:00.000Z';
  const clock = openHubClock(() => wall);
  expect([clock.isHeard(), clock.now()]).toEqual([false, wall]);
  clock.heard('2026-11-23T02:00:00.000Z');
  wall = '2026-11-21T20:00:10.000Z';
  expect([clock.isHeard(), clock.now()]).toEqual([true, '2026-11-23T02:00:10.000Z']);
});

test.each([null, '', 'soon'])('a hub that says %j for its time leaves this machine its own', (said) => {
  const clock = openHubClock(() => '2026-11-21T20:00:00.000Z');
  clock.heard(said);
  expect([clock.isHeard(), clock.now()]).toEqual([false, '2026-11-21T20:00:00.000Z']);
});
