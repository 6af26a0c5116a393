import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Report } from '../core/fleet/report.ts';
import { type OpenFleet, plane } from './fleet.contract.ts';
import type { Fleet, Heard } from './fleet.ts';

const minute = (n: number) => `2026-11-21T20:${String(n).padStart(2, '0')}:00.000Z`;

const TAKEN: Heard = { taken: true, resync: false, foreign: [] };
const OLD: Heard = { taken: false, resync: false, foreign: [] };
const UNCONNECTED: Heard = { taken: false, resync: true, foreign: [] };

/** The report of a run, at its place in it. The first of a run is full, unless said otherwise. */
const report = (run: string, number: number, changes: Partial<Report> = {}): Report => ({
  managementCluster: 'mc-1',
  run,
  number,
  ...(number === 1 && { full: true }),
  planes: [],
  gone: [],
  lost: [],
  images: [],
  refused: [],
  ...changes,
});

/** What a projection of the fleet promises where agents number their reports, and where two agents see the same. */
export function fleetOrderContract(name: string, open: () => Promise<OpenFleet>) {
  describe(`the fleet of ${name}, told by agents`, () => {
    let store: OpenFleet;
    let fleet: Fleet;
    beforeEach(async () => {
      store = await open();
      fleet = store.fleet;
    });
    afterEach(() => store.close());

    const versions = async () =>
      Object.fromEntries((await fleet.planes()).map((p) => [p.uid, `${p.version} at ${p.reportedAt}`]));
    const heardAt = async (managementCluster: string) =>
      (await fleet.agents()).find((agent) => agent.managementCluster === managementCluster)?.reportedAt;
    const at = (uid: string, version: string) => plane(uid, { version });

    test('what holds a control plane, and its past, are read as they were reported, until they are not', async () => {
      const told = plane('a', {
        held: 'its NodePools would roll: proxy set by hand',
        past: { episodes: 2, hours: 40.5 },
      });
      await fleet.report(report('r1', 1, { planes: [told] }), minute(1));
      expect(await fleet.planes()).toStrictEqual([{ ...told, reportedAt: minute(1) }]);
      expect(await fleet.plane('a')).toStrictEqual({ ...told, reportedAt: minute(1) });
      await fleet.report(report('r1', 2, { planes: [plane('a')] }), minute(2));
      expect(await fleet.planes()).toStrictEqual([{ ...plane('a'), reportedAt: minute(2) }]);
      expect(await fleet.plane('a')).toStrictEqual({ ...plane('a'), reportedAt: minute(2) });
    });

    test('reports of one run are taken one after the other', async () => {
      expect(await fleet.report(report('r1', 1, { planes: [at('a', '1')] }), minute(1))).toEqual(TAKEN);
      expect(await fleet.report(report('r1', 2, { planes: [at('b', '1')] }), minute(2))).toEqual(TAKEN);
      expect(await fleet.report(report('r1', 3, { gone: ['a'] }), minute(3))).toEqual(TAKEN);
      expect(await versions()).toEqual({ b: `1 at ${minute(3)}` });
    });

    test('a report that comes twice changes nothing the second time, not even times', async () => {
      const first = report('r1', 1, { planes: [at('a', '1')] });
      const second = report('r1', 2, { planes: [at('b', '1')], images: [] });
      await fleet.report(first, minute(1));
      await fleet.report(second, minute(2));
      const before = await versions();
      expect(await fleet.report(second, minute(3))).toEqual(OLD);
      expect(await fleet.report(first, minute(3))).toEqual(OLD);
      expect(await versions()).toEqual(before);
      expect(await heardAt('mc-1')).toBe(minute(2));
    });

    test('the same report many times at once is taken once', async () => {
      const same = report('r1', 1, { planes: [at('a', '1')] });
      const heard = await Promise.all([1, 2, 3, 4].map((n) => fleet.report(same, minute(n))));
      expect(heard.filter(({ taken }) => taken)).toHaveLength(1);
    });

    test('a late copy brings back nothing that changed since, full or not', async () => {
      const late = report('r1', 2, { full: true, planes: [at('a', '1'), at('b', '1')] });
      await fleet.report(report('r1', 1, { planes: [at('a', '0')] }), minute(1));
      await fleet.report(late, minute(2));
      await fleet.report(report('r1', 3, { planes: [at('a', '2')], gone: ['b'] }), minute(3));
      expect(await fleet.report(late, minute(4))).toEqual(OLD);
      expect(await versions()).toEqual({ a: `2 at ${minute(3)}` });
    });

    test('one whose forerunner never came is not taken: everything is asked for, and a full one heals it', async () => {
      await fleet.report(report('r1', 1, { planes: [at('a', '1'), at('b', '1')] }), minute(1));
      // Number 2 said that b is gone, and was lost.
      expect(await fleet.report(report('r1', 3, { planes: [at('a', '3')] }), minute(3))).toEqual(UNCONNECTED);
      expect(await versions()).toEqual({ a: `1 at ${minute(1)}`, b: `1 at ${minute(1)}` });
      const full = report('r1', 4, { full: true, planes: [at('a', '3')] });
      expect(await fleet.report(full, minute(4))).toEqual(TAKEN);
      expect(await fleet.report(report('r1', 2, { gone: ['b'] }), minute(5))).toEqual(OLD);
      expect(await versions()).toEqual({ a: `3 at ${minute(4)}` });
    });

    test('reports that overtake one another end in what the last of them says', async () => {
      await fleet.report(report('r1', 1, { planes: [at('a', '1')] }), minute(1));
      expect(await fleet.report(report('r1', 3, { planes: [at('a', '3')] }), minute(2))).toEqual(UNCONNECTED);
      expect(await fleet.report(report('r1', 2, { planes: [at('a', '2')] }), minute(2))).toEqual(TAKEN);
      expect(await fleet.report(report('r1', 3, { planes: [at('a', '3')] }), minute(3))).toEqual(TAKEN);
      expect(await versions()).toEqual({ a: `3 at ${minute(3)}` });
    });

    test('a new run begins with everything, or is asked for it', async () => {
      const delta = report('r1', 1, { full: false, planes: [at('a', '1')] });
      expect(await fleet.report(delta, minute(1))).toEqual(UNCONNECTED);
      expect(await versions()).toEqual({});
      await fleet.report(report('r1', 2, { full: true, planes: [at('a', '1'), at('b', '1')] }), minute(2));
      const restarted = report('r2', 1, { full: false, planes: [at('a', '2')] });
      expect(await fleet.report(restarted, minute(3))).toEqual(UNCONNECTED);
      expect(await versions()).toEqual({ a: `1 at ${minute(2)}`, b: `1 at ${minute(2)}` });
      const whole = report('r2', 2, { full: true, planes: [at('a', '2')] });
      expect(await fleet.report(whole, minute(4))).toEqual(TAKEN);
      expect(await versions()).toEqual({ a: `2 at ${minute(4)}` });
    });

    test('a late copy of an earlier run is not taken for a new run, full as it may be', async () => {
      const [first, second] = ['r1', 'r2'].map((run, n) => report(run, 1, { planes: [at('a', `${n + 1}`)] }));
      await fleet.report(first!, minute(1));
      await fleet.report(second!, minute(2));
      await fleet.report(report('r3', 1, { planes: [at('a', '3')] }), minute(3));
      const later = report('r1', 2, { full: true, planes: [at('a', '1')] });
      for (const late of [first!, second!, later, report('r2', 2)])
        expect(await fleet.report(late, minute(4))).toEqual(OLD);
      expect(await versions()).toEqual({ a: `3 at ${minute(3)}` });
      expect(await fleet.report(report('r3', 2, { planes: [at('a', '4')] }), minute(5))).toEqual(TAKEN);
    });

    test('runs of one management cluster are nothing to another', async () => {
      const mine = report('r1', 1, { planes: [at('a', '1')] });
      const planes = [plane('b', { managementCluster: 'mc-2' })];
      await fleet.report(mine, minute(1));
      const theirs = report('r1', 1, { managementCluster: 'mc-2', planes });
      expect(await fleet.report(theirs, minute(2))).toEqual(TAKEN);
      expect(await fleet.report(report('r1', 2), minute(3))).toEqual(TAKEN);
    });

    describe('a control plane that two agents report', () => {
      const mine = (number: number, changes: Partial<Report> = {}) => report('r1', number, changes);
      const theirs = (number: number, ...uids: string[]) =>
        report('r1', number, {
          managementCluster: 'mc-2',
          planes: uids.map((uid) => plane(uid, { managementCluster: 'mc-2', version: 'theirs' })),
        });
      const ownerOf = async (uid: string) => (await fleet.plane(uid))?.managementCluster;

      test('is the first one’s while it is heard, and the other is told', async () => {
        await fleet.report(mine(1, { planes: [plane('a'), plane('b')] }), minute(1));
        expect(await fleet.report(theirs(1, 'a', 'c'), minute(2))).toEqual({ ...TAKEN, foreign: ['a'] });
        await fleet.report(mine(2), minute(9));
        expect(await fleet.report(theirs(2, 'b', 'a'), minute(18))).toEqual({
          ...TAKEN,
          foreign: ['a', 'b'],
        });
        expect([await ownerOf('a'), await ownerOf('b'), await ownerOf('c')]).toEqual([
          'mc-1',
          'mc-1',
          'mc-2',
        ]);
        expect((await fleet.plane('a'))?.version).toBe('4.19.11');
      });

      test('goes to the other when the first was silent too long, and does not come back by its return', async () => {
        await fleet.report(mine(1, { planes: [plane('a')] }), minute(1));
        expect(await fleet.report(theirs(1, 'a'), minute(11))).toEqual(TAKEN);
        expect(await ownerOf('a')).toBe('mc-2');
        expect(await fleet.report(mine(2, { planes: [plane('a')] }), minute(12))).toEqual({
          ...TAKEN,
          foreign: ['a'],
        });
        expect(await ownerOf('a')).toBe('mc-2');
      });

      test('goes to the other at once when the first says that it is gone', async () => {
        await fleet.report(mine(1, { planes: [plane('a')] }), minute(1));
        await fleet.report(mine(2, { gone: ['a'] }), minute(2));
        expect(await fleet.report(theirs(1, 'a'), minute(3))).toEqual(TAKEN);
        expect(await ownerOf('a')).toBe('mc-2');
      });
    });
  });
}
