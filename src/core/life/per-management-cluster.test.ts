// Goal: where all control planes of a management cluster depend on one instance, a canary is a management cluster, and
// budgets count what depends on it.
import { expect, test } from 'vitest';
import type { ControlPlane } from '../fleet/control-plane.ts';
import { withServed } from '../fleet/served.ts';
import { planFor } from './plan-for.ts';
import { planeOf, proven, releaseDigest } from './testing.ts';
import { delivering, minutes, type Toy, toyFacts, toyOf } from './testing-fleet.ts';

const CLUSTERS = ['mc-1', 'mc-2', 'mc-3', 'mc-4', 'mc-5', 'mc-6'];
const HOSTED = 30;

/** An operator on each of six management clusters, with thirty control planes each; all of one region. */
function operators(ill: (managementCluster: string) => number = () => 0): ControlPlane[] {
  const instances = CLUSTERS.map((managementCluster) =>
    planeOf(`operator.${managementCluster}`, { managementCluster, platform: 'management-cluster' }),
  );
  const hosted = CLUSTERS.flatMap((managementCluster) =>
    Array.from({ length: HOSTED }, (_, i) =>
      planeOf(`${managementCluster}-${i}`, {
        managementCluster,
        components: {},
        ...(i < ill(managementCluster) && { unhealthy: 'API server unavailable' }),
      }),
    ),
  );
  return withServed(instances, hosted);
}
const told = (toy: Toy) => Object.values(toy.story.fix.rollout!.targets);

test('the budget a fix asks for has room for one management cluster, and no approver more is needed for it', () => {
  const toy = toyOf(operators(), { story: proven('FIX-1', ['4.19.1'], { severity: 'moderate' }) });
  const plan = planFor(toy.story.fix, toyFacts(toy), toy.story.now);
  expect([plan.pace.harmBudget, plan.urgency.computedBudget]).toEqual([HOSTED, HOSTED]);
  expect(plan.targets.map((t) => t.weight)).toEqual(CLUSTERS.map(() => HOSTED));
});

test('one management cluster goes first, and the others follow when it has shown itself', () => {
  const toy = delivering(operators(), { policy: { pace: { harmBudget: HOSTED } } });
  minutes(toy, 20);
  expect(told(toy)).toHaveLength(1);
  minutes(toy, 60 * 24 * 2);
  expect(told(toy).map((t) => t.state)).toEqual(CLUSTERS.map(() => 'patched'));
});

test('a smaller budget that people set starts nothing: nothing is widened in silence', () => {
  const toy = delivering(operators(), { policy: { pace: { harmBudget: HOSTED - 1 } } });
  minutes(toy, 60);
  expect(told(toy)).toHaveLength(0);
});

test('goes back when the control planes it drives fall ill, though its own pods are well', () => {
  const toy: Toy = delivering(operators(), {
    policy: { pace: { harmBudget: HOSTED } },
    breaks: (_, digest) => digest !== releaseDigest('4.19.1'),
    brokenAs:
      withServed(
        [operators(() => 3)[0]!],
        operators(() => 3),
      )[0]!.unhealthy ?? 'ill',
  });
  minutes(toy, 60 * 12);
  expect(told(toy).length).toBeLessThan(CLUSTERS.length);
  expect(told(toy).every((t) => t.broke && t.state === 'rolled back')).toBe(true);
});
