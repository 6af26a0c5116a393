// Goal: whole deliveries told as stories, above all the odd ones. A toy fleet (testing.ts) is looked at once a
// minute; what the hub wrote is read as a list of words.
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../base/instant.ts';
import type { ControlPlane } from '../fleet/control-plane.ts';
import type { Command } from './command.ts';
import { verdictOf } from './deliver.ts';
import type { Event } from './event.ts';
import { planFor } from './plan-for.ts';
import type { Policy } from './policy.ts';
import {
  act,
  EVE,
  fixImage,
  launch,
  lineReady,
  minute,
  POLICY,
  pass,
  planeOf,
  proven,
  releaseDigest,
  releaseImage,
  type Toy,
  tell,
  tend,
  toyFacts,
  toyOf,
} from './testing.ts';

const reason = 'because';
const IMAGE = fixImage('FIX-1', '4.19.1').digest;
const four = (...clusters: string[]) =>
  ['a', 'b', 'c', 'd'].map((name, i) =>
    planeOf(name, { managementCluster: clusters[i % clusters.length] ?? 'mc-1' }),
  );

function delivering(
  planes: readonly ControlPlane[],
  over: Partial<Toy> & { policy?: Partial<Policy> } = {},
): Toy {
  const story = proven();
  const { policy, ...rest } = over;
  const { facts } = toyOf([], { story });
  const toy = toyOf(planes, { story, facts: { ...facts, policy: { ...POLICY, ...policy } }, ...rest });
  launch(toy, planFor(story.fix, toyFacts(toy), story.now));
  return toy;
}

/** Looks, then lets a minute pass, so many times. Returns the types of the events of all looks. */
function minutes(toy: Toy, count: number): string[] {
  const types: string[] = [];
  for (let i = 0; i < count; i += 1) {
    types.push(...tend(toy).events.map((e) => e.type));
    pass(toy, MINUTE);
  }
  return types;
}
const says = (toy: Toy, command: Command) => {
  const decision = act(toy.story, EVE, command, toyFacts(toy));
  if (!decision.ok) throw new Error(decision.error.detail);
};
const states = (toy: Toy) =>
  Object.values(toy.story.fix.rollout!.targets)
    .map((t) => t.state)
    .sort();
const last = <T extends Event['type']>(toy: Toy, type: T) =>
  toy.story.rows.map((r) => r.event).findLast((e): e is Extract<Event, { type: T }> => e.type === type);
const nth = (toy: Toy, i: number) => toy.plan!.targets[i]!;
const truth = (toy: Toy, i: number) => toy.truth.get(nth(toy, i).uid)!.components.cpo!;
const set = (toy: Toy, i: number, over: Partial<ControlPlane>) => {
  const { uid } = nth(toy, i);
  toy.truth.set(uid, { ...toy.truth.get(uid)!, ...over });
};

describe('a delivery', () => {
  test('goes wave by wave to coverage, and says so once', () => {
    const toy = delivering(four());
    expect(minutes(toy, 60)).toEqual([
      ...[
        'WaveStarted',
        'TargetsStarted',
        'TargetsObserved',
        'WavePassed',
        'WaveStarted',
        'TargetsStarted',
        'TargetsObserved',
      ],
      ...['WavePassed', 'WaveStarted', 'TargetsStarted', 'TargetsObserved', 'WavePassed', 'Covered'],
    ]);
    expect(toy.story.fix).toMatchObject({
      state: 'covered',
      coverage: { exposed: 4, patched: 4, percent: 100 },
    });
    expect(toy.refused).toEqual([]);
  });

  test('of a bad image halts at the first failure and takes everything back', () => {
    const toy = delivering(four(), { breaks: (_, digest) => digest === IMAGE });
    expect(minutes(toy, 40)).toEqual([
      'WaveStarted',
      'TargetsStarted',
      'TargetsObserved',
      'Halted',
      'TargetsRolledBack',
      'TargetsObserved',
      'RolloutEnded',
    ]);
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
    const toy = delivering(four(), { policy: { waves: { sizes: [{ count: 4 }], soakMs: MINUTE } } });
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
    expect(minutes(toy, 5)).toEqual(['RolloutEnded']);
    expect(toy.orders).toEqual([]);
  });

  test('roll back in the very moment of the start: the order to go back comes after the one to go', () => {
    const toy = delivering(four());
    tend(toy);
    says(toy, { do: 'rollback', reason });
    tend(toy);
    const [go, back] = toy.orders;
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
    launch(toy, planFor(toy.story.fix, toyFacts(toy), toy.story.now));
    minutes(toy, 60);
    expect(toy.story.fix.state).toBe('covered');
  });

  test('take one back: the rest stays, and it is over when that one is left out by name', () => {
    const toy = delivering(four());
    minutes(toy, 50);
    says(toy, { do: 'rollback', target: nth(toy, 1).name, reason });
    minutes(toy, 10);
    expect(states(toy)).toEqual(['patched', 'patched', 'patched', 'rolled back']);
    expect(last(toy, 'RolloutEnded')?.because).toBe('every wave has passed; 1 of 4 exposed are not covered');
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
    expect(last(toy, 'RolloutEnded')?.because).toBe('every wave has passed; 1 of 4 exposed are not covered');
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
    expect(toy.story.fix.rollout?.passed.length).toBe(3);
    set(toy, 3, { upgrading: false });
    pass(toy, 0);
    minutes(toy, 20);
    expect(toy.story.fix.state).toBe('covered');
  });
});

describe('a silent management cluster', () => {
  test('is told to go back with the others, and counts as back only when it is heard', () => {
    const toy = delivering(four('mc-1', 'mc-2'), {
      policy: { waves: { sizes: [{ count: 4 }], soakMs: MINUTE }, unknownMax: 4 },
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
    const toy = delivering(four(), { policy: { waves: { sizes: [{ count: 4 }], soakMs: MINUTE } } });
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

describe('health', () => {
  test('a target that is unhealthy for one look has failed for good', () => {
    const toy = delivering(four(), {
      policy: {
        failedPerWaveMax: 1,
        failedPerManagementClusterMax: 1,
        waves: { sizes: [{ count: 2 }], soakMs: MINUTE },
      },
    });
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

  test('a first wave in which all fail within the limits lets no other wave start by itself', () => {
    const first = delivering(four());
    const bad = nth(first, 0).uid;
    const toy = delivering(four(), {
      breaks: (uid) => uid === bad,
      policy: { failedPerWaveMax: 1, failedPerManagementClusterMax: 1 },
    });
    minutes(toy, 120);
    expect(states(toy)).toEqual(['rolled back']);
    expect(tend(toy).because).toBe('waiting for anything to run the image: nothing of wave 1 does');
    says(toy, { do: 'advance', wave: 1, reason });
    minutes(toy, 5);
    expect(states(toy)).toEqual(['patched', 'patched', 'rolled back']);
  });

  test('the verdict counts who failed and is back, and nobody who was never told', () => {
    const toy = delivering(four());
    const at = { since: minute(0), broke: false };
    const [a, b, c] = toy.plan!.targets;
    expect(
      verdictOf(toy.plan!, [
        { uid: a!.uid, ...at, state: 'rolled back', broke: true },
        { uid: b!.uid, ...at, state: 'patched' },
        { uid: c!.uid, ...at, state: 'waiting' },
      ]),
    ).toEqual({
      kind: 'worse',
      because: '1 failed in wave 1 (limit 0); 1 of 2 changed failed',
    });
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
    `every wave has passed; waiting for 1 held: frozen (sale) until ${minute(120)}`,
  );
  minutes(toy, 20 + HOUR / MINUTE / 2);
  expect(toy.story.fix.state).toBe('covered');
});
