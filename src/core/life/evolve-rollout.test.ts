// Goal: what the ledger keeps of a rollout. A row is what was seen, minute by minute, and what counts as a bad episode.
import { describe, expect, test } from 'vitest';
import { epochMs, MINUTE, type Ms } from '../base/instant.ts';
import type { SeenOther } from '../rollout/observed.ts';
import type { Event, TargetChange } from './event.ts';
import type { Rollout } from './fix.ts';
import { minute, proven, type Story, tell, wait } from './testing.ts';

const PLAN = 'P-00000001';
const COUNTS = {
  e: 1,
  treated: 0,
  controls: 0,
  seen: 0,
  failed: 0,
  unknown: 0,
  rateAtMost: 1,
  room: 1,
  oneBox: true,
  background: 0,
};
const DECIDED: Event = {
  type: 'Decided',
  because: 'r',
  counts: COUNTS,
  episodes: { treated: [], control: [] },
};
const started = () => tell(proven(), 'eve', { type: 'RolloutStarted', plan: PLAN, hash: '' });
const say = (it: Story, ms: Ms, ...events: Event[]): Story => tell(wait(it, ms), 'fleetfix', ...events);
const others = (uid: string, seen: SeenOther): Event => ({
  type: 'OthersObserved',
  changes: [{ uid, seen }],
});
const told = (...targets: string[]): Event => ({ type: 'TargetsStarted', targets, because: 'r' });
const seen = (uid: string, to: TargetChange['to'], over: Partial<TargetChange> = {}): Event => ({
  type: 'TargetsObserved',
  changes: [{ uid, to, ...over }],
});
const rollout = (it: Story): Rollout => it.fix.rollout!;

describe('one that is not told', () => {
  /** Words of what is seen a minute after another; `+N` waits N minutes. The first look was before. */
  const SEEN: Readonly<Record<string, SeenOther>> = {
    ill: { unwell: 'api down' },
    well: {},
    deaf: { unheard: true },
    'ill and deaf': { unwell: 'api down', unheard: true },
    burning: { unwell: 'etcd is full', burning: true },
  };
  const play = (words: string): Story => {
    const it = say(started(), 0, DECIDED);
    for (const word of words.split(', '))
      if (word.startsWith('+')) wait(it, Number(word.slice(1)) * MINUTE);
      else say(it, MINUTE, others('c', SEEN[word]!));
    return it;
  };

  test.each([
    ['ill', 1],
    ['ill, well', 1],
    ['ill, well, ill', 1],
    ['ill, well, +117, ill', 1],
    ['ill, well, +118, ill', 2],
    ['ill, well, +60, ill, well, +100, ill', 1],
    ['deaf, well', 0],
    ['ill, ill and deaf, ill', 1],
    ['deaf, ill', 1],
    ['burning', 0],
    ['burning, well, ill', 1],
  ])('seen as %s had %d bad episodes', (words, count) => {
    expect(rollout(play(words)).episodes).toEqual({ treated: [], control: Array(count).fill('c') });
  });

  test('was ill already at the first look: that is not an episode, getting well and ill again is', () => {
    const it = say(started(), 0, others('c', SEEN.ill!), DECIDED);
    expect(rollout(it).episodes.control).toEqual([]);
    say(it, MINUTE, others('c', {}));
    say(it, MINUTE, others('c', SEEN.ill!));
    expect(rollout(it).episodes.control).toEqual(['c']);
  });

  test('has its episodes weighed once', () => {
    const it = play('ill');
    say(it, 0, DECIDED);
    expect(rollout(it).episodes.control).toEqual([]);
    expect(rollout(it).struck).toEqual({ c: minute(1) });
  });

  test('is forgotten when there is nothing to say of it', () => {
    const it = play('ill');
    expect(rollout(it).others).toEqual({ c: { unwell: 'api down' } });
    expect(rollout(play('ill, well')).others).toEqual({});
  });

  test('burns from the first moment it is seen to, until it is heard without the symptom', () => {
    expect(rollout(play('burning, burning')).burners).toEqual({ c: { from: minute(1) } });
    expect(rollout(play('burning, deaf')).burners).toEqual({ c: { from: minute(1) } });
    expect(rollout(play('burning, deaf, well, burning')).burners).toEqual({
      c: { from: minute(1), recoveredAt: minute(3) },
    });
  });
});

describe('one that is told', () => {
  test('belongs to the wave it was told with; a wave is what starts together', () => {
    const it = say(started(), 0, DECIDED, told('a', 'b'));
    say(it, MINUTE, told('c'));
    const { targets, waves } = rollout(it);
    expect(waves).toBe(2);
    expect(Object.entries(targets).map(([uid, t]) => [uid, t.wave])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 2],
    ]);
  });

  test('is of the one-box while that is what the decision was about, and burned when it showed the symptom', () => {
    const it = say(started(), 0, others('b', { unwell: 'full', burning: true }), DECIDED, told('a', 'b'));
    say(it, MINUTE, { ...DECIDED, counts: { ...COUNTS, oneBox: false } }, told('c'));
    const { a, b, c } = rollout(it).targets;
    expect([a?.oneBox, a?.burned]).toEqual([true, undefined]);
    expect([b?.oneBox, b?.burned]).toEqual([undefined, true]);
    expect([c?.oneBox, c?.burned]).toEqual([undefined, undefined]);
    expect(rollout(it).others).toEqual({});
  });

  test('that fails has one bad episode, however often', () => {
    const it = say(started(), 0, DECIDED, told('a'));
    say(it, MINUTE, seen('a', 'patched'));
    say(it, MINUTE, seen('a', 'failed'));
    expect(rollout(it).episodes.treated).toEqual(['a']);
    say(it, MINUTE, seen('a', 'patched'), seen('a', 'failed'));
    expect(rollout(it).episodes.treated).toEqual(['a']);
    expect(rollout(it).targets.a).toMatchObject({ broke: true, brokeAt: minute(2), ranAt: minute(1) });
  });

  test('that is ill when it is first seen to run the image ran it from then on; one that never came to run it did not', () => {
    const it = say(started(), 0, DECIDED, told('a', 'b'));
    say(it, MINUTE, seen('a', 'failed', { ran: true }), seen('b', 'failed'));
    expect(rollout(it).targets.a).toMatchObject({ ranAt: minute(1), brokeAt: minute(1) });
    expect(rollout(it).targets.b?.ranAt).toBeUndefined();
  });

  test('that burned when it was told never counts as an episode', () => {
    const it = say(started(), 0, others('a', { unwell: 'full', burning: true }), DECIDED, told('a'));
    say(it, MINUTE, seen('a', 'failed'));
    expect(rollout(it).episodes.treated).toEqual([]);
  });

  test('that falls ill long after it began to run the image says nothing of it, also when it goes back for it', () => {
    const it = say(started(), 0, DECIDED, told('a'));
    say(it, MINUTE, seen('a', 'patched'));
    say(it, 60 * MINUTE, seen('a', 'patched', { ill: true }));
    expect(rollout(it).targets.a).toMatchObject({ illAt: minute(61), ranAt: minute(1), since: minute(1) });
    say(it, MINUTE, seen('a', 'patched'));
    expect(rollout(it).targets.a?.illAt).toBeUndefined();
    say(it, MINUTE, seen('a', 'patched', { ill: true }));
    say(it, MINUTE, seen('a', 'failed'));
    expect(rollout(it).episodes.treated).toEqual([]);
    expect(rollout(it).targets.a?.broke).toBe(true);
  });

  test('keeps since when it runs the image over a silence, and loses it when it runs something else', () => {
    const it = say(started(), 0, DECIDED, told('a'));
    say(it, MINUTE, seen('a', 'patched'));
    say(it, MINUTE, seen('a', 'silent'));
    say(it, MINUTE, seen('a', 'patched'));
    expect(rollout(it).targets.a).toMatchObject({ ranAt: minute(1), since: minute(3), state: 'patched' });
    say(it, MINUTE, seen('a', 'starting'));
    expect(rollout(it).targets.a?.ranAt).toBeUndefined();
    say(it, MINUTE, seen('a', 'patched'));
    expect(rollout(it).targets.a?.ranAt).toBe(minute(5));
  });

  test('that recovers is where it was, and is noted once', () => {
    const it = say(started(), 0, others('a', { unwell: 'full', burning: true }), DECIDED, told('a'));
    say(it, MINUTE, seen('a', 'patched', { because: 'still full' }));
    say(it, MINUTE, seen('a', 'patched', { recovered: true }));
    say(it, MINUTE, seen('a', 'patched', { recovered: true }));
    expect(rollout(it).targets.a).toMatchObject({ since: minute(1), ranAt: minute(1) });
    expect(rollout(it).burners.a).toEqual({ from: minute(0), recoveredAt: minute(2) });
  });
});

describe('a decision', () => {
  test('leaves what is known against the image, when it says so', () => {
    const judged = { logs: [1, 2], control: { episodes: 3, expected: 4 }, recent: [] };
    const it = say(started(), 0, { ...DECIDED, judged });
    say(it, MINUTE, DECIDED);
    expect(rollout(it).judged).toEqual({ at: minute(0), ...judged });
    expect(rollout(it).decided).toEqual({ at: minute(1), counts: COUNTS });
  });

  test('belongs to its rollout: another one begins with nothing known', () => {
    const it = say(started(), 0, DECIDED, told('a'), others('c', { unwell: 'r' }));
    say(it, 0, { type: 'Halted', because: 'r' }, { type: 'Halted', because: 'r', stratum: 'aws 4.19' });
    tell(it, 'eve', { type: 'RolloutStarted', plan: 'P-00000002', hash: '', reason: 'again' });
    const { decided, judged, episodes, burners, targets, waves, halts, haltedStrata } = rollout(it);
    expect([decided, judged, episodes, burners, targets, waves]).toEqual([
      undefined,
      undefined,
      { treated: [], control: [] },
      {},
      {},
      0,
    ]);
    expect([halts, haltedStrata]).toEqual([2, []]);
  });

  test('of the hub to pause is asked once; a pause of a person is not that', () => {
    const it = tell(started(), 'eve', { type: 'Paused', reason: 'r' });
    expect(rollout(it).questioned).toBeUndefined();
    tell(it, 'eve', { type: 'Resumed', reason: 'r' });
    tell(it, 'fleetfix', { type: 'Paused', reason: 'the fix does not fix' });
    tell(it, 'eve', { type: 'Resumed', reason: 'r' });
    expect(rollout(it)).toMatchObject({ questioned: true });
    expect(rollout(it).paused).toBeUndefined();
    expect(epochMs(it.now)).toBe(epochMs(minute(0)));
  });

  test('to halt one stratum names it and leaves the rest going', () => {
    const it = say(started(), 0, { type: 'Halted', because: 'bad', stratum: 'aws 4.19' });
    expect(rollout(it).halted).toBeUndefined();
    expect(rollout(it).haltedStrata).toEqual([{ stratum: 'aws 4.19', because: 'bad', at: minute(0) }]);
    expect(it.fix.state).toBe('delivering');
  });
});
