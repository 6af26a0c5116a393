// Goal: whole deliveries told as stories, above all the odd ones. A toy fleet (testing.ts) is looked at once a
// minute; what the hub wrote is read as a list of words.
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../base/instant.ts';
import type { Event } from './event.ts';
import { planFor } from './plan-for.ts';
import {
  fixImage,
  lineReady,
  minute,
  POLICY,
  planeOf,
  proven,
  releaseDigest,
  releaseImage,
  tell,
} from './testing.ts';
import {
  delivering,
  first,
  fleet,
  four,
  IMAGE,
  last,
  launch,
  minutes,
  nth,
  others,
  pass,
  planFirst,
  says,
  set,
  states,
  type Toy,
  tend,
  toyFacts,
  toyOf,
  truth,
} from './testing-fleet.ts';

const reason = 'because';

describe('a delivery', () => {
  test('of a small fleet starts all as fast as a management cluster takes them, and is covered once, when all run it', () => {
    const toy = delivering(four());
    expect(minutes(toy, 60)).toEqual([
      ...['Decided', 'StageOpened', 'TargetsStarted'],
      ...['TargetsObserved', 'Decided', 'TargetsStarted'],
      ...['TargetsObserved', 'Decided', 'StagePassed', 'Covered'],
    ]);
    expect(toy.story.fix).toMatchObject({
      state: 'covered',
      coverage: { exposed: 4, patched: 4, percent: 100 },
      rollout: { waves: 2 },
    });
    expect(toy.refused).toEqual([]);
  });

  test('goes stage by stage: the next opens when the one before has soaked', () => {
    const toy = delivering(four(), { policy: { stages: first(1, 10 * MINUTE) } });
    minutes(toy, 60);
    const at = (type: Event['type']) => toy.story.rows.filter((r) => r.event.type === type).map((r) => r.at);
    expect(at('StageOpened')).toEqual([minute(0), minute(14)]);
    expect(at('StagePassed')).toEqual([minute(14), minute(22)]);
    expect(toy.plan!.stages.map((s) => [s.name, s.size])).toEqual([
      ['first', 1],
      ['rest', 3],
    ]);
    expect(toy.story.fix.state).toBe('covered');
  });

  test('of a bad image halts within the look that sees it, and takes everything back', () => {
    const toy = delivering(fleet(30, 3), { breaks: (_, digest) => digest === IMAGE });
    expect(minutes(toy, 40)).toEqual([
      ...['Decided', 'StageOpened', 'TargetsStarted'],
      ...['TargetsObserved', 'Decided', 'Halted', 'TargetsRolledBack'],
      ...['TargetsObserved', 'Decided', 'RolloutEnded'],
    ]);
    expect(states(toy).length).toBe(6);
    expect(last(toy, 'Halted')?.because).toBe(
      '6 of 6 changed broke, 0 of 24 unchanged: evidence 478 (limit 100)',
    );
    expect(toy.story.fix).toMatchObject({ state: 'proven', rollout: { halts: 1 } });
    expect(
      [...toy.truth.values()].every(
        (p) => p.components.cpo?.override === undefined && p.unhealthy === undefined,
      ),
    ).toBe(true);
  });

  test('tells what to put in place, on which condition, until when', () => {
    const toy = delivering([planeOf('a')]);
    tend(toy);
    expect(toy.orders).toEqual([
      {
        key: `FIX-1/uid-a/${Date.parse(toy.story.now) * 1_000 + 1}`,
        fix: 'FIX-1',
        uid: 'uid-a',
        name: 'a',
        managementCluster: 'mc-1',
        component: 'cpo',
        action: 'set',
        digest: IMAGE,
        ifOverride: null,
        expiresAt: minute(60),
        sequence: Date.parse(toy.story.now) * 1_000 + 1,
      },
    ]);
  });

  test('goes back to the override that was there before', () => {
    const other = fixImage('FIX-7', '4.19.1');
    const story = proven('FIX-8');
    const base = toyOf([], { story }).facts;
    const images = [releaseImage('4.19.1'), other, fixImage('FIX-8', '4.19.1', ['FIX-7'])];
    const toy = toyOf([planeOf('a', { running: { digest: other.digest, override: other.digest } })], {
      story,
      facts: { ...base, images },
    });
    tell(
      story,
      'fleetfix',
      {
        type: 'LineAssembled',
        line: { ...story.fix.lines['4.19.1']!.line, carries: ['FIX-7'] },
        assembly: story.fix.lines['4.19.1']!.assembly!,
      },
      { type: 'Proven' },
    );
    launch(toy, planFor(story.fix, toyFacts(toy), story.now));
    minutes(toy, 2);
    says(toy, { do: 'rollback', reason });
    minutes(toy, 10);
    expect(toy.orders.at(-1)).toMatchObject({
      action: 'set',
      digest: other.digest,
      ifOverride: nth(toy, 0).digest,
    });
    expect(toy.story.fix.rollout?.endedAt).toBeDefined();
  });
});

describe('people', () => {
  test('pause at once: what is under way arrives, nothing new starts, and it goes on where it was', () => {
    const toy = delivering(four(), { policy: { stages: [] } });
    minutes(toy, 1);
    says(toy, { do: 'pause', reason });
    expect(minutes(toy, 30)).toEqual(['TargetsObserved']);
    expect(states(toy)).toEqual(['patched', 'patched']);
    says(toy, { do: 'resume', reason });
    minutes(toy, 20);
    expect(toy.story.fix.state).toBe('covered');
  });

  test('roll back before anybody was told: nobody ever is', () => {
    const toy = delivering(four());
    says(toy, { do: 'rollback', reason });
    expect(minutes(toy, 5)).toEqual(['Decided', 'RolloutEnded']);
    expect(toy.orders).toEqual([]);
  });

  test('roll back in the very moment of the start: the order to go back comes after the one to go', () => {
    const toy = delivering(four());
    tend(toy);
    says(toy, { do: 'rollback', reason });
    tend(toy);
    const go = toy.orders[0];
    const back = toy.orders.find((o) => o.uid === go!.uid && o !== go);
    expect(back).toMatchObject({ uid: go!.uid, action: 'remove' });
    expect(back!.sequence).toBeGreaterThan(go!.sequence);
    minutes(toy, 10);
    expect(truth(toy, 0).override).toBeUndefined();
    expect(toy.story.fix.rollout?.endedAt).toBeDefined();
  });

  test('roll back what was covered: it goes back whole, starts nothing, ends, and can be planned anew', () => {
    const planes = four();
    const toy = delivering(planes);
    says(toy, { do: 'exclude', target: nth(toy, 3).name, until: minute(45), reason });
    minutes(toy, 50);
    expect(toy.story.fix.state).toBe('covered');
    says(toy, { do: 'rollback', reason });
    expect(toy.story.fix.state).toBe('delivering');
    minutes(toy, 60);
    expect(toy.orders.filter((o) => o.uid === nth(toy, 3).uid)).toEqual([]);
    expect(states(toy)).toEqual(['rolled back', 'rolled back', 'rolled back']);
    expect(toy.story.fix.state).toBe('proven');
    launch(toy, planFor(toy.story.fix, toyFacts(toy), toy.story.now), 'it was the network');
    minutes(toy, 60);
    expect(toy.story.fix.state).toBe('covered');
  });

  test('take one back: the rest stays, and it is over when that one is left out by name', () => {
    const toy = delivering(four());
    minutes(toy, 50);
    says(toy, { do: 'rollback', target: nth(toy, 1).name, reason });
    minutes(toy, 10);
    expect(states(toy)).toEqual(['patched', 'patched', 'patched', 'rolled back']);
    expect(last(toy, 'RolloutEnded')?.because).toBe('every stage has passed; 1 of 4 exposed are not covered');
    says(toy, { do: 'exclude', target: nth(toy, 1).name, until: minute(600), reason });
    expect(minutes(toy, 2)).toEqual(['Covered']);
    expect(toy.story.fix).toMatchObject({ state: 'covered', coverage: { patched: 3, excluded: 1 } });
  });

  test('who left one out sees it exposed again when that ends, and a second plan reaches it', () => {
    const toy = delivering(four());
    says(toy, { do: 'exclude', target: nth(toy, 3).name, until: minute(100), reason });
    minutes(toy, 110);
    expect(toy.story.fix.state).toBe('covered');
    const again = planFor(toy.story.fix, toyFacts(toy), toy.story.now);
    expect(again.targets.map((t) => t.uid)).toEqual([nth(toy, 3).uid]);
    launch(toy, again);
    expect(toy.story.fix.state).toBe('delivering');
    expect(toy.story.fix.coveredAt).toBeUndefined();
    minutes(toy, 30);
    expect(toy.story.fix.state).toBe('covered');
  });
});

describe('a rollout that cannot reach everybody', () => {
  test('ends when its plan can do no more, so that another plan can follow', () => {
    const toy = delivering(four());
    set(toy, 2, {
      components: { cpo: { release: releaseDigest('4.20.1'), digest: releaseDigest('4.20.1') } },
      version: '4.20.1',
    });
    pass(toy, 0);
    minutes(toy, 60);
    expect(last(toy, 'RolloutEnded')?.because).toBe('every stage has passed; 1 of 4 exposed are not covered');
    expect(toy.story.fix).toMatchObject({
      state: 'delivering',
      rollout: { endedAt: expect.any(String), halts: 0 },
    });
    tell(toy.story, 'fleetfix', ...lineReady('FIX-1', '4.20.1'));
    (toy.facts.images as unknown[]).push(fixImage('FIX-1', '4.20.1'));
    launch(toy, planFor(toy.story.fix, toyFacts(toy), toy.story.now));
    minutes(toy, 30);
    expect(toy.story.fix.state).toBe('covered');
  });

  test('waits for those that are only held, and takes them when it can', () => {
    const toy = delivering(four());
    set(toy, 3, { upgrading: true });
    pass(toy, 0);
    minutes(toy, 60);
    expect(toy.story.fix.rollout?.endedAt).toBeUndefined();
    expect(toy.story.fix.rollout?.passed.length).toBe(1);
    set(toy, 3, { upgrading: false });
    pass(toy, 0);
    minutes(toy, 20);
    expect(toy.story.fix.state).toBe('covered');
  });
});

describe('a silent management cluster', () => {
  test('is told to go back with the others, and counts as back only when it is heard', () => {
    const toy = delivering(four('mc-1', 'mc-2'), {
      policy: { stages: [], unknownMax: 4 },
    });
    minutes(toy, 5);
    expect(states(toy)).toEqual(['patched', 'patched', 'patched', 'patched']);
    toy.silent.add('mc-2');
    minutes(toy, 12);
    says(toy, { do: 'rollback', reason });
    minutes(toy, 30);
    expect(toy.orders.filter((o) => o.action === 'remove').length).toBe(4);
    expect(states(toy)).toEqual(['rolled back', 'rolled back', 'rolling back', 'rolling back']);
    expect(toy.story.fix.rollout?.endedAt).toBeUndefined();
    toy.silent.delete('mc-2');
    minutes(toy, 10);
    expect(toy.story.fix.rollout?.endedAt).toBeDefined();
    expect([...toy.truth.values()].every((p) => p.components.cpo?.override === undefined)).toBe(true);
  });

  test('whose orders ran out in silence is told again', () => {
    const toy = delivering([planeOf('a')]);
    minutes(toy, 5);
    toy.silent.add('mc-1');
    says(toy, { do: 'rollback', reason });
    minutes(toy, 90);
    expect(toy.orders.filter((o) => o.action === 'remove').length).toBe(2);
    toy.silent.delete('mc-1');
    minutes(toy, 10);
    expect(toy.refused.map((r) => r.because)).toEqual(['expired']);
    expect(states(toy)).toEqual(['rolled back']);
    expect(toy.story.fix.rollout?.endedAt).toBeDefined();
  });
});

describe('other hands', () => {
  test('that delete a target while it starts or goes back hold nothing up', () => {
    const toy = delivering(four(), { policy: { stages: [] } });
    minutes(toy, 1);
    toy.truth.delete(nth(toy, 0).uid);
    minutes(toy, 4);
    says(toy, { do: 'rollback', reason });
    tend(toy);
    toy.truth.delete(nth(toy, 1).uid);
    minutes(toy, 60);
    expect(states(toy)).toEqual(expect.arrayContaining(['gone', 'gone']));
    expect(toy.story.fix.rollout?.endedAt).toBeDefined();
  });

  test('that change an override during the rollback do not keep it from ending, and the change stays theirs', () => {
    const toy = delivering([planeOf('a')]);
    minutes(toy, 5);
    const theirs = releaseDigest('4.20.1');
    set(toy, 0, { components: { cpo: { ...truth(toy, 0), override: theirs, digest: theirs } } });
    says(toy, { do: 'rollback', reason });
    minutes(toy, 5);
    expect(toy.refused.map((r) => r.because)).toEqual(['another override is in place']);
    expect(last(toy, 'TargetsObserved')?.changes[0]).toMatchObject({
      to: 'rolled back',
      because: expect.stringContaining('something else put another image in place'),
    });
    expect(truth(toy, 0).override).toBe(theirs);
    expect(toy.story.fix.rollout?.endedAt).toBeDefined();
  });

  test('a later fix that brings this one along does not make it fail', () => {
    const toy = delivering(four());
    minutes(toy, 6);
    const later = fixImage('FIX-2', '4.19.1', ['FIX-1']);
    (toy.facts.images as unknown[]).push(later);
    set(toy, 0, { components: { cpo: { ...truth(toy, 0), override: later.digest, digest: later.digest } } });
    minutes(toy, 60);
    expect(toy.story.fix.rollout?.halts).toBe(0);
    expect(toy.story.fix.state).toBe('covered');
  });
});

describe('evidence', () => {
  test('lets the rest start only when the one-box has half its credit, and from then on as fast as it grows', () => {
    const toy = delivering(fleet(60, 10), { policy: { pace: {} } });
    const started: [number, number][] = [];
    for (let m = 0; m < 240; m += 1) {
      const told = tend(toy).events.find((e) => e.type === 'TargetsStarted');
      if (told) started.push([m, told.targets.length]);
      pass(toy, MINUTE);
    }
    expect(started.slice(0, 2)).toEqual([
      [0, 12],
      [34, 15],
    ]);
    for (const { event } of toy.story.rows)
      if (event.type === 'Decided')
        expect(event.counts.oneBox || event.counts.rateAtMost * event.counts.unknown <= 12).toBe(true);
    expect(toy.story.fix.state).toBe('covered');
  });

  test('of one that breaks takes that one back at once, and the rest goes on', () => {
    const uid = planFirst(fleet(12, 6));
    const toy = delivering([...fleet(12, 6), ...others(40)], {
      breaks: (u, digest) => u === uid && digest === IMAGE,
    });
    minutes(toy, 5);
    expect(toy.story.fix.rollout?.targets[uid]).toMatchObject({ state: 'rolling back', broke: true });
    minutes(toy, 60);
    expect(states(toy)).toEqual([...Array(11).fill('patched'), 'rolled back']);
    expect(toy.story.fix.rollout?.halts).toBe(0);
    expect(last(toy, 'RolloutEnded')?.because).toMatch(/^every stage has passed; 41 of 52 exposed/);
  });

  test('of one that is unhealthy for one look: it has failed for good', () => {
    const toy = delivering([...four(), ...others(40)]);
    minutes(toy, 5);
    set(toy, 0, { unhealthy: 'API server unavailable' });
    pass(toy, 0);
    tend(toy);
    set(toy, 0, { unhealthy: undefined as unknown as string });
    minutes(toy, 60);
    expect(toy.story.fix.rollout?.targets[nth(toy, 0).uid]).toMatchObject({
      state: 'rolled back',
      broke: true,
    });
    expect(toy.story.fix.rollout?.halts).toBe(0);
  });

  test('against one stratum halts that one alone, and the rest goes on to its end', () => {
    const planes = [
      ...fleet(30, 10),
      ...fleet(30, 10, { platform: 'azure' }).map((p) => ({
        ...p,
        uid: `${p.uid}-az`,
        name: `${p.name}-az`,
      })),
    ];
    const toy = delivering(planes, { breaks: (uid, digest) => uid.endsWith('-az') && digest === IMAGE });
    minutes(toy, 300);
    const { rollout } = toy.story.fix;
    expect(rollout?.halted).toBeUndefined();
    expect(rollout?.haltedStrata).toMatchObject([{ stratum: 'azure 4.19' }]);
    const told = Object.entries(rollout!.targets).filter(([uid]) => uid.endsWith('-az'));
    expect(told.length).toBe(6);
    expect(told.every(([, t]) => t.state === 'rolled back')).toBe(true);
    expect(states(toy).filter((s) => s === 'patched').length).toBe(30);
    expect(last(toy, 'Halted')?.because).toMatch(
      /^6 of 12 changed broke.* in azure 4\.19 \d+ \(limit 200\)$/,
    );
  });

  test('against a stratum that was halted does not speak against the rest afterwards', () => {
    const planes = [
      ...fleet(60, 10),
      ...fleet(30, 10, { platform: 'azure' }).map((p) => ({
        ...p,
        uid: `${p.uid}-az`,
        name: `${p.name}-az`,
      })),
    ];
    const toy = delivering(planes, { breaks: (uid, digest) => uid.endsWith('-az') && digest === IMAGE });
    minutes(toy, 40);
    expect(toy.story.fix.rollout?.haltedStrata.length).toBe(1);
    // Three of the others: too few to halt anything on their own.
    const others = toy.plan!.targets.filter(
      (t) => !t.uid.endsWith('-az') && toy.story.fix.rollout!.targets[t.uid]?.state === 'patched',
    );
    for (const { uid } of others.slice(0, 3))
      toy.truth.set(uid, { ...toy.truth.get(uid)!, unhealthy: 'API server unavailable' });
    pass(toy, 0);
    minutes(toy, 5);
    // Suspicious, and not enough.
    expect(toy.story.fix.rollout?.decided?.counts.e).toBeGreaterThan(10);
    expect(toy.story.fix.rollout?.decided?.counts.e).toBeLessThan(100);
    expect(toy.story.fix.rollout?.halted).toBeUndefined();
  });

  test('is not evidence while nothing is heard: silence stops the growth, and a report lets it go on', () => {
    const toy = delivering(fleet(30, 15));
    minutes(toy, 6);
    const told = Object.keys(toy.story.fix.rollout!.targets).length;
    for (let i = 0; i < 15; i += 1) toy.silent.add(`mc-${i}`);
    minutes(toy, 200);
    expect(Object.keys(toy.story.fix.rollout!.targets).length).toBe(told);
    expect(states(toy)).toEqual(Array(told).fill('silent'));
    toy.silent.clear();
    minutes(toy, 60);
    expect(toy.story.fix.state).toBe('covered');
  });

  test('grows only with those that are heard: one deaf management cluster leaves the others their one-box', () => {
    const toy = delivering(fleet(40, 4, {}), { policy: { pace: { inFlightPerManagementCluster: 3 } } });
    minutes(toy, 6);
    toy.silent.add('mc-0');
    minutes(toy, 120);
    const { targets } = toy.story.fix.rollout!;
    const here = toy.plan!.targets.filter((t) => t.managementCluster === 'mc-0');
    expect(here.filter((t) => targets[t.uid]).every((t) => targets[t.uid]!.state === 'silent')).toBe(true);
    expect(states(toy).filter((s) => s === 'patched').length).toBe(30);
  });

  test('that was seen already is kept over a silence, and what ran the image goes on from there', () => {
    const toy = delivering(fleet(12, 6));
    minutes(toy, 3);
    toy.silent.add('mc-0');
    minutes(toy, 6);
    const ran = () => Object.values(toy.story.fix.rollout!.targets).map((t) => t.ranAt);
    const before = ran();
    toy.silent.delete('mc-0');
    minutes(toy, 3);
    for (const [i, at] of before.entries()) if (at !== undefined) expect(ran()[i]).toBe(at);
  });
});

describe('a stage', () => {
  test('waits for a word of a person where the policy says so, and takes it once', () => {
    const toy = delivering(four(), { policy: { stages: first(1, 0, true) } });
    minutes(toy, 30);
    expect(states(toy)).toEqual(['patched']);
    expect(tend(toy).because).toBe('waiting for approval after first');
    says(toy, { do: 'advance', stage: 'first', reason });
    minutes(toy, 10);
    expect(toy.story.fix.state).toBe('covered');
  });

  test('whose wait a person ended does not hurry those of it that are under way', () => {
    const toy = delivering(four(), { policy: { stages: first(1, HOUR) } });
    minutes(toy, 1);
    says(toy, { do: 'advance', stage: 'first', reason });
    minutes(toy, 3);
    expect(states(toy)).toEqual(['starting']);
    minutes(toy, 2);
    expect(states(toy).length).toBe(3);
  });

  test('of which nothing came to run the image lets no other start by itself', () => {
    const uid = planFirst(four());
    const toy = delivering([...four(), ...others(40)], {
      breaks: (u, digest) => u === uid && digest === IMAGE,
      policy: { stages: first(1) },
    });
    minutes(toy, 120);
    expect(states(toy)).toEqual(['rolled back']);
    expect(tend(toy).because).toBe('waiting for anything to run the image: nothing of first does');
    says(toy, { do: 'advance', stage: 'first', reason });
    minutes(toy, 5);
    expect(states(toy)).toEqual(['patched', 'patched', 'rolled back', 'starting']);
  });
});

describe('those that the incident has broken', () => {
  const SYMPTOM = 'etcd is full';
  /** Shows the symptom until it runs the image, if that helps. */
  function burning(count: number, healthy: number, helps: boolean): Toy {
    const story = proven('FIX-1', ['4.19.1'], { symptom: 'ETCD is full' });
    const planes = [
      ...fleet(count, 10, { unhealthy: SYMPTOM }),
      ...fleet(healthy, 10).map((p) => ({ ...p, uid: `${p.uid}-ok`, name: `${p.name}-ok` })),
    ];
    const toy = toyOf(planes, {
      story,
      breaks: (uid, digest) => !helps && digest === IMAGE && !uid.endsWith('-ok'),
      brokenAs: SYMPTOM,
      facts: { ...toyOf([], { story }).facts, policy: { ...POLICY, pace: { harmBudget: 12 } } },
    });
    launch(toy, planFor(story.fix, toyFacts(toy), story.now));
    return toy;
  }

  test('go first and do not wait for the one-box, and recover', () => {
    const toy = burning(10, 30, true);
    tend(toy);
    const first = last(toy, 'TargetsStarted')!.targets;
    expect(first.slice(0, 10).every((uid) => !uid.endsWith('-ok'))).toBe(true);
    expect(first.filter((uid) => uid.endsWith('-ok')).length).toBe(12);
    minutes(toy, 10);
    const { burners, targets } = toy.story.fix.rollout!;
    expect(Object.keys(burners).length).toBe(10);
    expect(Object.values(burners).every((b) => b.recoveredAt === minute(4))).toBe(true);
    expect(Object.values(targets).filter((t) => t.burned).length).toBe(10);
    expect(Object.values(targets).some((t) => t.burned && t.broke)).toBe(false);
    minutes(toy, 120);
    expect(toy.story.fix.state).toBe('covered');
  });

  test('and do not recover with the image make the hub pause once, and a person who goes on is not asked again', () => {
    const toy = burning(12, 80, false);
    minutes(toy, 120);
    expect(toy.story.fix.rollout?.paused).toMatchObject({ by: 'fleetfix' });
    expect(last(toy, 'Paused')?.reason).toBe(
      'the fix does not fix: 0 of 12 that showed the symptom recovered with it, 0 without',
    );
    expect(toy.story.fix.rollout?.halts).toBe(0);
    says(toy, { do: 'resume', reason });
    minutes(toy, 120);
    expect(toy.story.rows.filter((r) => r.event.type === 'Paused').length).toBe(1);
    expect(toy.story.fix.rollout?.paused).toBeUndefined();
  });
});

test('a freeze holds who it covers until it ends', () => {
  const freezes = [
    { name: 'sale', from: minute(0), to: minute(120), selector: { customer: 'shop' }, reason },
  ];
  const planes = four();
  const story = proven();
  const base = toyOf([], { story }).facts;
  const plan = planFor(story.fix, toyFacts(toyOf(planes, { story })), story.now);
  const frozen = plan.targets[3]!.uid;
  const toy = toyOf(
    planes.map((p) => (p.uid === frozen ? { ...p, customer: 'shop' } : p)),
    { story, facts: { ...base, policy: { ...POLICY, freezes } } },
  );
  launch(toy, plan);
  minutes(toy, 110);
  expect(states(toy).length).toBe(3);
  expect(tend(toy).because).toBe(
    `every stage has passed; waiting for 1 held: frozen (sale) until ${minute(120)}`,
  );
  minutes(toy, 20 + HOUR / MINUTE / 2);
  expect(toy.story.fix.state).toBe('covered');
});

test('windows hold everybody until one is open, and what is under way arrives', () => {
  // T0 is a Saturday, 20:00 UTC.
  const windows = [
    { days: ['sat' as const], fromMinute: 19 * 60, toMinute: 20 * 60 + 2 },
    { days: ['sun' as const], fromMinute: 60, toMinute: 120 },
  ];
  const toy = delivering(four(), { policy: { windows } });
  minutes(toy, 60);
  expect(states(toy)).toEqual(['patched', 'patched']);
  expect(tend(toy).because).toBe(
    'every stage has passed; waiting for 2 held: outside the windows of the policy',
  );
  minutes(toy, 4 * 60 + 10);
  expect(toy.story.fix.state).toBe('covered');
});

describe('a pause of a person', () => {
  test('wins over a bad image: what failed goes back, it halts, and nothing new starts', () => {
    const toy = delivering(fleet(30, 3), { breaks: (_, digest) => digest === IMAGE });
    minutes(toy, 1);
    says(toy, { do: 'pause', reason });
    const told = states(toy).length;
    minutes(toy, 30);
    expect(toy.story.fix.rollout?.halted).toBeDefined();
    expect(states(toy)).toEqual(Array(told).fill('rolled back'));
  });

  test('wins over evidence, an approval, an open window and an ended soak', () => {
    const toy = delivering(fleet(30, 10), { policy: { stages: first(3, HOUR, true) } });
    minutes(toy, 6);
    says(toy, { do: 'advance', stage: 'first', reason });
    says(toy, { do: 'pause', reason });
    minutes(toy, 240);
    expect(states(toy)).toEqual(['patched', 'patched', 'patched']);
    expect(toy.story.fix.rollout?.passed).toEqual([]);
  });
});

test('a rollback never has more than a third of a management cluster on its way at once, newest first', () => {
  const toy = delivering(fleet(12, 1), { policy: { pace: { inFlightPerManagementCluster: 3 } } });
  minutes(toy, 20);
  says(toy, { do: 'rollback', reason });
  const back: string[][] = [];
  for (let m = 0; m < 40; m += 1) {
    for (const e of tend(toy).events) if (e.type === 'TargetsRolledBack') back.push([...e.targets]);
    const moving = states(toy).filter((s) => s === 'rolling back').length;
    expect(moving).toBeLessThanOrEqual(4);
    pass(toy, MINUTE);
  }
  const started = toy.story.rows.flatMap(({ event }) =>
    event.type === 'TargetsStarted' ? [event.targets] : [],
  );
  const waveOf = new Map(started.flatMap((uids, i) => uids.map((uid) => [uid, i] as const)));
  const waves = back.flat().map((uid) => waveOf.get(uid)!);
  expect(waves).toEqual([...waves].sort((a, b) => b - a));
  expect(waves.length).toBe(12);
});
