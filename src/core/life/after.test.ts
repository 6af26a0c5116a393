// Goal: a repair in two components, the second started on a management cluster only where the first is in place, and taken
// back with it.
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../base/instant.ts';
import { decide } from './decide.ts';
import type { Before } from './facts.ts';
import { planFor } from './plan-for.ts';
import { replay } from './replay.ts';
import {
  ANA,
  COMPONENT,
  DECLARATION,
  factsOf,
  fixImage,
  planeOf,
  proven,
  releaseDigest,
  releaseImage,
  tell,
  wait,
} from './testing.ts';
import { delivering, last, launch, minutes, says, type Toy, tend, toyFacts, toyOf } from './testing-fleet.ts';

/** The operator of each of two management clusters, each given the fix at once. */
const below = () =>
  delivering(
    ['mc-1', 'mc-2'].map((managementCluster) =>
      planeOf(`operator.${managementCluster}`, { managementCluster }),
    ),
  );

const beforeOf = (toy: Toy, over: Partial<NonNullable<Before['facts']>> = {}): Before => {
  const { policy, component, fleet, images } = toyFacts(toy);
  return { fix: toy.story.fix, facts: { policy, component, fleet, images, ...over } };
};

/** FIX-2 on three control planes, two on mc-1; it is delivered at once as far as FIX-1 lets it. */
function onTop(under: Toy, before: () => Before = () => beforeOf(under)): Toy {
  const story = proven('FIX-2', ['4.19.1'], { after: 'FIX-1' });
  story.now = under.story.now;
  const { before: _, ...facts } = toyOf([], { story }).facts;
  const toy = toyOf(
    [
      planeOf('a', { managementCluster: 'mc-1' }),
      planeOf('b', { managementCluster: 'mc-1' }),
      planeOf('c', { managementCluster: 'mc-2' }),
    ],
    {
      story,
      facts: {
        ...facts,
        images: [releaseImage('4.19.1'), fixImage('FIX-2', '4.19.1')],
        get before() {
          return before();
        },
      },
    },
  );
  launch(toy, planFor(story.fix, toyFacts(toy), story.now));
  return toy;
}
const told = (toy: Toy) => Object.keys(toy.story.fix.rollout!.targets).sort();
const holds = (toy: Toy) =>
  Object.fromEntries(
    toy.plan!.targets.map((t) => [t.name, toy.story.fix.rollout!.others[t.uid]?.hold ?? 'none']),
  );
const both = (under: Toy, top: Toy, count: number) => {
  for (let i = 0; i < count; i += 1) {
    minutes(under, 1);
    minutes(top, 1);
  }
};

describe('a fix declared after another', () => {
  test('is planned whole, and started on no management cluster where the first is not in place', () => {
    const under = below();
    under.silent.add('mc-2');
    const top = onTop(under);
    expect(top.plan!.targets).toHaveLength(3);
    tend(top);
    expect(told(top)).toEqual([]);
    expect(holds(top)).toEqual({
      a: 'waits until FIX-1 is in place on mc-1',
      b: 'waits until FIX-1 is in place on mc-1',
      c: 'waits until FIX-1 is in place on mc-2',
    });
    both(under, top, 10);
    // Nobody has heard of the other operator: silence is not taken for a yes.
    expect(told(top)).toEqual(['uid-a', 'uid-b']);
    under.silent.delete('mc-2');
    both(under, top, 20);
    expect(told(top)).toEqual(['uid-a', 'uid-b', 'uid-c']);
    expect(top.story.fix.state).toBe('covered');
  });

  test('waits for nobody on a management cluster that has none of the first component', () => {
    const under = delivering([planeOf('operator.mc-1')]);
    const top = onTop(under);
    both(under, top, 1);
    expect(told(top)).toEqual(['uid-c']);
  });

  test('waits for an agent to speak where every management cluster has one', () => {
    const under = delivering([planeOf('operator.mc-1')]);
    const top = onTop(under, () =>
      beforeOf(under, { component: { ...COMPONENT, perManagementCluster: true } }),
    );
    both(under, top, 20);
    expect(told(top)).toEqual(['uid-a', 'uid-b']);
    expect(holds(top).c).toBe(
      'waits for FIX-1: no agent reports cpo of mc-2, so nobody knows which image it runs',
    );
  });

  test.each([
    ['was withdrawn', 'waits for FIX-1, which was withdrawn'],
    [
      'is not configured',
      'waits for FIX-1, whose component cpo or policy standard is not configured any more',
    ],
  ])('starts nothing when the first %s', (how, because) => {
    const first = proven('FIX-1');
    if (how === 'was withdrawn') tell(first, 'ana', { type: 'Withdrawn', reason: 'not it' });
    const { policy, component, fleet, images } = factsOf();
    const top = onTop(below(), () => ({
      fix: first.fix,
      ...(how === 'was withdrawn' && { facts: { policy, component, fleet, images } }),
    }));
    minutes(top, 3);
    expect(told(top)).toEqual([]);
    expect(holds(top)).toEqual({ a: because, b: because, c: because });
  });

  test('goes back with the first when that is halted, also when it was over, and says so', () => {
    for (const wellAfter of [0, 2]) {
      const under = below();
      const top = onTop(under);
      both(under, top, 20);
      expect(top.story.fix.state).toBe('covered');
      wait(top.story, wellAfter * HOUR);
      wait(under.story, wellAfter * HOUR);
      says(under, { do: 'rollback', reason: 'the operator leaks' });
      both(under, top, 20);
      const because = 'FIX-1, which it stands on, was halted: rolled back by eve: the operator leaks';
      expect(last(top, 'Halted')?.because).toBe(because);
      expect(top.story.rows.filter((r) => r.event.type === 'Halted')).toHaveLength(1);
      expect([...top.truth.values()].map((p) => p.components.cpo!.digest)).toEqual(
        Array(3).fill(releaseDigest('4.19.1')),
      );
    }
  });

  test('goes back where the first is taken back, and stays elsewhere', () => {
    const under = below();
    const top = onTop(under);
    both(under, top, 20);
    says(under, { do: 'rollback', target: 'operator.mc-1', reason: 'it leaks there' });
    both(under, top, 20);
    const runs = Object.fromEntries(
      [...top.truth.values()].map((p) => [p.name, p.components.cpo!.digest === releaseDigest('4.19.1')]),
    );
    expect(runs).toEqual({ a: true, b: true, c: false });
    expect(last(top, 'RollbackAsked')).toMatchObject({
      reason: 'FIX-1, which it stands on, was taken back on mc-1',
    });
    expect(top.story.rows.filter((r) => r.event.type === 'RollbackAsked')).toHaveLength(1);
    expect(top.story.fix.rollout!.halted).toBeUndefined();
  });

  test('is begun by nobody by itself after that, and by people only with a plan and a reason', () => {
    const under = below();
    const top = onTop(under);
    both(under, top, 20);
    says(under, { do: 'rollback', reason: 'the operator leaks' });
    both(under, top, 20);
    wait(top.story, MINUTE);
    launch(top, planFor(top.story.fix, toyFacts(top), top.story.now), 'it helps alone as well');
    both(under, top, 5);
    expect(top.story.fix.rollout?.halted).toBeUndefined();
    expect(holds(top).a).toBe('waits for FIX-1, which was halted');
  });

  test('decides the same when its ledger is replayed', () => {
    const under = below();
    const top = onTop(under);
    both(under, top, 10);
    says(under, { do: 'rollback', reason: 'the operator leaks' });
    both(under, top, 10);
    const run = replay(top.story.rows, new Map([[top.plan!.id, top.plan!]]));
    let step = run.next();
    while (!step.done) step = run.next();
    expect(step.value).toMatchObject({ same: true });
  });

  test('names one that exists and is not over', () => {
    const asked = { do: 'declare', ...DECLARATION, after: 'FIX-9' } as const;
    const unknown = decide(undefined, asked, factsOf({ actor: ANA }), below().story.now);
    expect(unknown).toMatchObject({ ok: false, error: { detail: 'there is no FIX-9 to come before it' } });
    const first = tell(proven('FIX-9'), 'ana', { type: 'Withdrawn', reason: 'not it' });
    const withdrawn = decide(
      undefined,
      asked,
      factsOf({ actor: ANA, before: { fix: first.fix } }),
      first.now,
    );
    expect(withdrawn).toMatchObject({
      error: { detail: 'FIX-9 cannot come before it: it is withdrawn, withdrawn: not it' },
    });
    const declares = (component: string) =>
      decide(
        undefined,
        { ...asked, component },
        factsOf({ actor: ANA, before: { fix: proven('FIX-9').fix } }),
        first.now,
      );
    expect(declares('cpo')).toMatchObject({
      error: {
        detail: expect.stringMatching(/^FIX-9 is of cpo too: .* carries what its own has by itself$/),
      },
    });
    expect(declares('ho')).toMatchObject({ ok: true });
  });
});
