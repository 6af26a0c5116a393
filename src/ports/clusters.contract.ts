// What everything behind the Clusters port must do: run against the simulated world, and against real agents.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Digest } from '../core/base/ids.ts';
import { HOUR, type Instant, MINUTE, type Ms, plus } from '../core/base/instant.ts';
import type { ControlPlane } from '../core/fleet/control-plane.ts';
import type { Report } from '../core/fleet/report.ts';
import type { Order, SignedOrder } from '../core/rollout/order.ts';
import type { Clusters } from './clusters.ts';

/** Clusters on a bench: at least two management clusters, a control plane on each, no override anywhere. */
export type ClustersBench = {
  readonly clusters: Clusters;
  readonly component: string;
  /** An image of the component that can be pulled and runs nowhere yet. */
  readonly digest: Digest;
  now(): Instant;
  /** Lets so much time pass, with every report of it received or rejected. */
  elapse(ms: Ms): Promise<void>;
  /** Signs as the hub the agents trust. */
  sign(order: Order): SignedOrder;
  /** As after a crash of everything behind the port; returns what is there afterwards. */
  restart(): Promise<Clusters>;
  close(): Promise<void>;
};

type Plane = Omit<ControlPlane, 'reportedAt'>;

export function clustersContract(name: string, open: () => Promise<ClustersBench>): void {
  describe(`clusters: ${name}`, () => {
    let bench: ClustersBench;
    let heard: Report[];
    const listenTo = (clusters: Clusters) => clusters.listen(async (report) => void heard.push(report));
    const lastOf = (uid: string) =>
      heard.findLast((report) => report.planes.some((p) => p.uid === uid))?.planes.find((p) => p.uid === uid);
    const running = (uid: string) => lastOf(uid)!.components[bench.component]!;
    const refusalOf = (key: string) => heard.flatMap((r) => r.refused).find((refused) => refused.key === key);
    const order = (plane: Plane, over: Partial<Order> = {}): Order => ({
      key: `FIX-1/${plane.uid}/${over.sequence ?? 1}`,
      fix: 'FIX-1',
      uid: plane.uid,
      name: plane.name,
      managementCluster: plane.managementCluster,
      component: bench.component,
      action: 'set',
      digest: bench.digest,
      ifOverride: null,
      expiresAt: plus(bench.now(), HOUR),
      sequence: 1,
      ...over,
    });
    const removal = (plane: Plane, sequence: number): Order => {
      const { digest: _, ...rest } = order(plane, { action: 'remove', ifOverride: bench.digest, sequence });
      return rest;
    };
    const deliver = (...orders: Order[]) => bench.clusters.deliver(orders.map((it) => bench.sign(it)));
    let plane: Plane;
    let elsewhere: Plane;

    beforeEach(async () => {
      bench = await open();
      heard = [];
      listenTo(bench.clusters);
      await bench.elapse(MINUTE);
      const planes = heard.flatMap((report) => report.planes);
      plane = planes[0]!;
      elsewhere = planes.find((it) => it.managementCluster !== plane.managementCluster)!;
    });
    afterEach(() => bench.close());

    test('every management cluster reports in full first, and names each control plane as its own', () => {
      const first = new Map<string, Report>();
      for (const report of heard)
        if (!first.has(report.managementCluster)) first.set(report.managementCluster, report);
      expect(first.size).toBeGreaterThan(1);
      for (const report of first.values()) {
        expect(report.full).toBe(true);
        for (const it of report.planes) expect(it.managementCluster).toBe(report.managementCluster);
      }
    });

    test('an order moves the lever, and the image comes to run', async () => {
      await deliver(order(plane));
      await bench.elapse(HOUR);
      expect(running(plane.uid)).toMatchObject({ override: bench.digest, digest: bench.digest });
      expect(heard.flatMap((r) => r.images).map((image) => image.digest)).toContain(bench.digest);
      expect(lastOf(elsewhere.uid)!.components[bench.component]!.override).toBeUndefined();
    });

    test('removing the override brings the release image back', async () => {
      await deliver(order(plane));
      await bench.elapse(HOUR);
      await deliver(removal(plane, 2));
      await bench.elapse(HOUR);
      const { override, digest, release } = running(plane.uid);
      expect([override, digest]).toEqual([undefined, release]);
    });

    test('a key handed over again does nothing', async () => {
      await deliver(order(plane), order(plane));
      await deliver(removal(plane, 2));
      await deliver(order(plane));
      await bench.elapse(HOUR);
      expect(running(plane.uid).override).toBeUndefined();
      expect(refusalOf(order(plane).key)).toBeUndefined();
    });

    test('an accepted order survives a crash', async () => {
      await deliver(order(plane));
      listenTo(await bench.restart());
      await bench.elapse(HOUR);
      expect(running(plane.uid).override).toBe(bench.digest);
    });

    test('after a crash every management cluster reports in full again', async () => {
      heard = [];
      listenTo(await bench.restart());
      await bench.elapse(MINUTE);
      expect(heard.filter((report) => report.full).flatMap((r) => r.planes.map((p) => p.uid))).toEqual(
        expect.arrayContaining([plane.uid, elsewhere.uid]),
      );
    });

    test('what a rejected report said is said again', async () => {
      await deliver(order(plane));
      let isDown = true;
      bench.clusters.listen(async (report) => {
        if (isDown) throw new Error('the hub is down');
        heard.push(report);
      });
      await bench.elapse(10 * MINUTE);
      isDown = false;
      await bench.elapse(10 * MINUTE);
      expect(running(plane.uid).override).toBe(bench.digest);
    });

    test.each<[string, (p: Plane, other: Plane) => Partial<Order>]>([
      [
        'is for a control plane of another management cluster',
        (_, o) => ({ managementCluster: o.managementCluster }),
      ],
      ['names an unknown uid', () => ({ uid: '00000000-0000-4000-8000-000000000000' })],
      ['has expired', () => ({ expiresAt: plus(bench.now(), -1) })],
      ['expects an override that is not there', () => ({ ifOverride: bench.digest })],
      ['is for a component that does not run', () => ({ component: 'no-such-component' })],
    ])('an order that %s is refused, with a reason, and changes nothing', async (_, over) => {
      const refused = order(plane, over(plane, elsewhere));
      await deliver(refused);
      await bench.elapse(10 * MINUTE);
      expect(refusalOf(refused.key)!.because).not.toBe('');
      for (const it of [plane, elsewhere]) expect(lastOf(it.uid)).toEqual(it);
    });

    test('an order whose signature does not hold is refused and changes nothing', async () => {
      const signed = bench.sign(order(plane, { sequence: 7 }));
      await bench.clusters.deliver([{ ...signed, digest: `sha256:${'0'.repeat(64)}` }]);
      await bench.elapse(10 * MINUTE);
      expect(refusalOf(signed.key)!.because).toMatch(/signature/);
      expect(lastOf(plane.uid)).toEqual(plane);
    });

    test('an order with a sequence that is not new is refused', async () => {
      await deliver(order(plane, { sequence: 5 }));
      const stale = removal(plane, 4);
      await deliver(stale);
      await bench.elapse(10 * MINUTE);
      expect(refusalOf(stale.key)!.because).toMatch(/stale/);
      expect(running(plane.uid).override).toBe(bench.digest);
    });
  });
}
