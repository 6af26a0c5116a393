import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Digest } from '../core/base/ids.ts';
import type { ImageFacts } from '../core/fleet/control-plane.ts';
import type { Report } from '../core/fleet/report.ts';
import type { Fleet } from './fleet.ts';

export type OpenFleet = {
  readonly fleet: Fleet;
  /** Records what builds made, as an append does. */
  built(images: readonly ImageFacts[]): Promise<void>;
  close(): Promise<void>;
};

const minute = (n: number) => `2026-11-21T20:${String(n).padStart(2, '0')}:00.000Z`;
const digest = (hex: string): Digest => `sha256:${hex.repeat(64)}`;
const commit = (hex: string) => hex.repeat(40);

type Plane = Report['planes'][number];
export const plane = (uid: string, changes: Partial<Plane> = {}): Plane => ({
  uid,
  name: `cp-${uid}`,
  managementCluster: 'mc-1',
  region: 'eu-1',
  sector: 'main',
  customer: 'acme',
  platform: 'aws',
  version: '4.19.11',
  availability: 'HighlyAvailable',
  components: { 'control-plane-operator': { digest: digest('a'), release: digest('a') } },
  ...changes,
});

const report = (changes: Partial<Report> = {}): Report => ({
  managementCluster: 'mc-1',
  planes: [],
  gone: [],
  lost: [],
  images: [],
  refused: [],
  ...changes,
});

/** What every projection of the fleet promises (ports/fleet.ts). `open` gives an empty one each time. */
export function fleetContract(name: string, open: () => Promise<OpenFleet>) {
  describe(`the fleet of ${name}`, () => {
    let store: OpenFleet;
    let fleet: Fleet;
    beforeEach(async () => {
      store = await open();
      fleet = store.fleet;
    });
    afterEach(() => store.close());

    const uids = async () => (await fleet.planes()).map((p) => p.uid);
    const seenAt = async (uid: string) => (await fleet.plane(uid))?.reportedAt;

    test('a control plane is read as it was reported, with the time of the report', async () => {
      const full = plane('a', { unhealthy: 'etcd: no leader', upgrading: true, paused: false });
      const mixed = plane('b', { components: { cpo: { release: digest('b'), override: digest('c') } } });
      await fleet.report(report({ planes: [mixed, full] }), minute(1));
      expect(await fleet.planes()).toStrictEqual([
        { ...full, reportedAt: minute(1) },
        { ...mixed, reportedAt: minute(1) },
      ]);
      expect(await fleet.plane('cp-a')).toStrictEqual({ ...full, reportedAt: minute(1) });
      expect(await fleet.plane('a')).toStrictEqual({ ...full, reportedAt: minute(1) });
      expect(await fleet.plane('nobody')).toBeUndefined();
    });

    test('what is no longer reported of a control plane is no longer true of it', async () => {
      await fleet.report(report({ planes: [plane('a', { unhealthy: 'x', upgrading: true })] }), minute(1));
      await fleet.report(report({ planes: [plane('a')] }), minute(2));
      expect(await fleet.plane('a')).toStrictEqual({ ...plane('a'), reportedAt: minute(2) });
    });

    test('are read all, or those that run a component', async () => {
      const other = plane('b', { components: { 'konnectivity?': { release: digest('b') } } });
      await fleet.report(report({ planes: [plane('a'), other] }), minute(1));
      expect((await fleet.planes('konnectivity?')).map((p) => p.uid)).toEqual(['b']);
      expect((await fleet.planes('control-plane-operator')).map((p) => p.uid)).toEqual(['a']);
      expect(await fleet.planes('konnectivity')).toEqual([]);
    });

    test('a report stands for all control planes of its cluster that it does not call lost, and for no others', async () => {
      await fleet.report(report({ planes: [plane('a'), plane('b')] }), minute(1));
      await fleet.report(report({ managementCluster: 'mc-2', planes: [plane('c')] }), minute(1));
      await fleet.report(report(), minute(2));
      expect([await seenAt('a'), await seenAt('b'), await seenAt('c')]).toEqual([
        minute(2),
        minute(2),
        minute(1),
      ]);
      await fleet.report(report({ managementCluster: 'mc-2', lost: ['a'] }), minute(3));
      expect([await seenAt('a'), await seenAt('c')]).toEqual([minute(2), minute(3)]);
    });

    test('a lost control plane keeps the time it was last seen, until it is reported again', async () => {
      await fleet.report(report({ planes: [plane('a'), plane('b')] }), minute(1));
      await fleet.report(report(), minute(2));
      await fleet.report(report({ lost: ['a', 'unheard-of'] }), minute(3));
      await fleet.report(report({ lost: ['a'] }), minute(4));
      await fleet.report(report(), minute(5));
      expect([await seenAt('a'), await seenAt('b')]).toEqual([minute(2), minute(5)]);
      await fleet.report(report({ planes: [plane('a')] }), minute(6));
      await fleet.report(report(), minute(7));
      expect(await seenAt('a')).toBe(minute(7));
    });

    test('a control plane that a report calls both seen and lost is lost, and one both seen and gone is gone', async () => {
      await fleet.report(report({ planes: [plane('a'), plane('b')] }), minute(1));
      const torn = report({
        planes: [plane('a', { version: '4.19.12' }), plane('b')],
        lost: ['a'],
        gone: ['b'],
      });
      await fleet.report(torn, minute(2));
      expect(await fleet.planes()).toEqual([{ ...plane('a'), reportedAt: minute(1) }]);
    });

    test('a deleted control plane is read no more, and another cluster cannot delete it', async () => {
      await fleet.report(report({ planes: [plane('a'), plane('b')] }), minute(1));
      await fleet.report(report({ managementCluster: 'mc-2', gone: ['b'] }), minute(2));
      await fleet.report(report({ gone: ['a'] }), minute(2));
      expect(await uids()).toEqual(['b']);
      expect(await fleet.plane('cp-a')).toBeUndefined();
      expect(await fleet.plane('a')).toBeUndefined();
    });

    test('a name that comes back under another uid is the new one, told of the deletion or not', async () => {
      await fleet.report(
        report({ planes: [plane('a', { name: 'prod' }), plane('b', { name: 'stage' })] }),
        minute(1),
      );
      const made = [plane('a2', { name: 'prod' }), plane('b2', { name: 'stage' })];
      await fleet.report(report({ planes: made, gone: ['a'] }), minute(2));
      expect(await uids()).toEqual(['a2', 'b2']);
      expect((await fleet.plane('prod'))?.uid).toBe('a2');
      await fleet.report(report(), minute(3));
      expect(await uids()).toEqual(['a2', 'b2']);
    });

    test('two control planes of one cluster may exchange their names', async () => {
      await fleet.report(
        report({ planes: [plane('a', { name: 'x' }), plane('b', { name: 'y' })] }),
        minute(1),
      );
      await fleet.report(
        report({ planes: [plane('a', { name: 'y' }), plane('b', { name: 'x' })] }),
        minute(2),
      );
      expect((await fleet.planes()).map((p) => [p.name, p.uid])).toEqual([
        ['x', 'b'],
        ['y', 'a'],
      ]);
    });

    test('one name on two clusters is two control planes, and the name means the one seen last', async () => {
      await fleet.report(report({ planes: [plane('a', { name: 'prod' })] }), minute(1));
      await fleet.report(
        report({
          managementCluster: 'mc-2',
          planes: [plane('b', { name: 'prod', managementCluster: 'mc-2' })],
        }),
        minute(2),
      );
      expect(await uids()).toEqual(['a', 'b']);
      expect((await fleet.plane('prod'))?.uid).toBe('b');
      expect((await fleet.plane('a'))?.uid).toBe('a');
    });

    test('a full report removes what it does not name, of its own cluster only; what it calls lost stays', async () => {
      await fleet.report(report({ planes: [plane('a'), plane('b'), plane('c')] }), minute(1));
      await fleet.report(report({ managementCluster: 'mc-2', planes: [plane('d')] }), minute(1));
      await fleet.report(report({ full: true, planes: [plane('a')], lost: ['b'] }), minute(2));
      expect(await uids()).toEqual(['a', 'b', 'd']);
      await fleet.report(report({ full: true }), minute(3));
      expect(await uids()).toEqual(['d']);
    });

    test('a control plane belongs to the cluster that reported it, whatever the report says', async () => {
      await fleet.report(report({ planes: [plane('a', { managementCluster: 'mc-9' })] }), minute(1));
      expect((await fleet.plane('a'))?.managementCluster).toBe('mc-1');
      expect((await fleet.agents()).map((agent) => agent.managementCluster)).toEqual(['mc-1']);
    });

    test('the same report twice changes nothing but times', async () => {
      const twice = report({
        full: true,
        planes: [plane('a'), plane('b')],
        lost: ['c'],
        images: [{ digest: digest('a'), component: 'cpo', commit: commit('1') }],
      });
      await fleet.report(report({ planes: [plane('c')] }), minute(0));
      await fleet.report(twice, minute(1));
      const [planes, images] = [await fleet.planes(), await fleet.images()];
      await fleet.report(twice, minute(2));
      const now = await fleet.planes();
      expect(now).toEqual(planes.map((p) => (p.uid === 'c' ? p : { ...p, reportedAt: minute(2) })));
      expect(await fleet.images()).toEqual(images);
    });

    test('agents are known by their last report and their living control planes', async () => {
      await fleet.report(report({ planes: [plane('a'), plane('b')], gone: ['b'] }), minute(1));
      await fleet.report(report({ managementCluster: 'mc-0' }), minute(2));
      expect(await fleet.agents()).toEqual([
        { managementCluster: 'mc-0', reportedAt: minute(2), planes: 0 },
        { managementCluster: 'mc-1', reportedAt: minute(1), planes: 1 },
      ]);
    });

    test('reports of many clusters at once all arrive, whatever images they share', async () => {
      const shared = ['1', '2', '3', '4'].map((hex) => ({
        digest: digest(hex),
        component: 'cpo',
        commit: commit(hex),
      }));
      const reports = Array.from({ length: 12 }, (_, n) => {
        const managementCluster = `mc-${n % 4}`;
        const planes = [plane(`a${n}`, { managementCluster }), plane(`b${n}`, { managementCluster })];
        return report({ managementCluster, planes, images: n % 2 === 0 ? shared : shared.toReversed() });
      });
      await Promise.all(reports.map((each, n) => fleet.report(each, minute(n))));
      expect(await uids()).toHaveLength(24);
      expect(await fleet.images()).toHaveLength(4);
    });

    describe('images', () => {
      const seen = { digest: digest('a'), component: 'cpo' };
      const release: ImageFacts = { ...seen, commit: commit('1'), release: commit('1'), fixes: [] };
      const ours: ImageFacts = {
        ...seen,
        commit: commit('2'),
        release: commit('1'),
        fixes: ['FIX-1', 'FIX-2'],
      };

      test('seen in the fleet are release images, and one without a label is of unknown content', async () => {
        const blank = { digest: digest('b'), component: 'other' };
        await fleet.report(report({ images: [{ ...seen, commit: commit('1') }, blank] }), minute(1));
        expect(await fleet.images()).toStrictEqual([release, { ...blank, fixes: [] }]);
        expect(await fleet.images('other')).toStrictEqual([{ ...blank, fixes: [] }]);
      });

      test('a later sighting fills what was unknown and changes nothing that was known', async () => {
        await fleet.report(report({ images: [seen] }), minute(1));
        await fleet.report(report({ images: [{ ...seen, commit: commit('1') }] }), minute(2));
        expect(await fleet.images()).toStrictEqual([release]);
        await fleet.report(report({ images: [{ ...seen, commit: commit('9') }, seen] }), minute(3));
        expect(await fleet.images()).toStrictEqual([release]);
      });

      test('made by a build keep their fixes and release when they are seen in the fleet, before or after', async () => {
        await store.built([ours]);
        await fleet.report(report({ images: [{ ...seen, commit: commit('9') }] }), minute(1));
        expect(await fleet.images()).toStrictEqual([ours]);
        const second: ImageFacts = { ...ours, digest: digest('c') };
        await fleet.report(
          report({ images: [{ digest: digest('c'), component: 'wrong', commit: commit('9') }] }),
          minute(2),
        );
        await store.built([second]);
        expect(await fleet.images()).toStrictEqual([ours, second]);
      });
    });
  });
}
