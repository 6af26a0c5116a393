import { storableInstant, storableJson } from '../../../adapters/postgres/storable.ts';
import type { Uid } from '../../../core/base/ids.ts';
import type { Instant } from '../../../core/base/instant.ts';
import type { ControlPlane } from '../../../core/fleet/control-plane.ts';
import type { Report } from '../../../core/fleet/report.ts';
import type { Fleet, Heard } from '../../../ports/fleet.ts';
import type { MemoryDatabase } from './database.ts';
import type { MemoryImages } from './images.ts';
import { kept } from './kept.ts';

/** `lostAt`: the last time its cluster could speak for it. */
type Row = { plane: Facts; isGone: boolean; lostAt: Instant | undefined };
type Facts = Omit<ControlPlane, 'reportedAt'>;

type Tables = { readonly heardAt: Map<string, Instant>; readonly rows: Map<Uid, Row> };

/**
 * The fleet as reports leave it. A cluster speaks for its own control planes only, and what it reports is
 * its own from then on. Lost wins over reported, and gone over both.
 */
export function fleetIn(database: MemoryDatabase, images: MemoryImages): Fleet {
  const tables: Tables = { heardAt: new Map(), rows: new Map() };
  const { heardAt, rows } = tables;
  let living: readonly Row[] | undefined;

  const read = ({ plane, lostAt }: Row): ControlPlane => ({
    ...plane,
    reportedAt: lostAt ?? heardAt.get(plane.managementCluster)!,
  });
  const look = (): readonly Row[] => {
    living ??= [...rows.values()].filter((row) => !row.isGone).sort(byName);
    return living;
  };

  return {
    report: (report, at) =>
      database.call(() => {
        storableInstant('The time of a report', at);
        storableJson('The report', report.planes);
        const recordImages = images.upsert(report.images.map(imageFactsOf));
        applyReport(tables, report, at);
        recordImages();
        living = undefined;
        return TAKEN;
      }),
    planes: (component) =>
      database.call(() =>
        look()
          .filter(({ plane }) => component === undefined || component in plane.components)
          .map(read),
      ),
    plane: (nameOrUid) =>
      database.call(() => {
        const found = look().filter(({ plane }) => plane.uid === nameOrUid || plane.name === nameOrUid);
        return found.map(read).sort(byMeaning(nameOrUid))[0];
      }),
    images: (component) => images.list(component),
    agents: () =>
      database.call(() =>
        [...heardAt]
          .map(([managementCluster, reportedAt]) => ({
            managementCluster,
            reportedAt,
            planes: look().filter(({ plane }) => plane.managementCluster === managementCluster).length,
          }))
          .sort((a, b) => (a.managementCluster < b.managementCluster ? -1 : 1)),
      ),
  };
}

/** Reports of simulated agents name no run: every one is taken as it comes. */
const TAKEN: Heard = { taken: true, resync: false, foreign: [] };

/** An image that no build of ours made is a release image: what is in it is its release. */
const imageFactsOf = ({ commit, ...image }: Report['images'][number]) => ({
  ...image,
  ...(commit !== undefined && { commit, release: commit }),
  fixes: [],
});

function applyReport({ heardAt, rows }: Tables, report: Report, at: Instant): void {
  const { managementCluster: cluster } = report;
  const lost = new Set(report.lost);
  const gone = new Set(report.gone);
  const planes = new Map(report.planes.filter((p) => !lost.has(p.uid)).map((p) => [p.uid, p]));
  const uidOf = new Map([...planes.values()].map((p) => [p.name, p.uid]));
  const heardBefore = heardAt.get(cluster) ?? at;
  heardAt.set(cluster, at);
  for (const [uid, row] of rows) {
    if (row.plane.managementCluster !== cluster) continue;
    if (lost.has(uid)) row.lostAt ??= heardBefore;
    if (planes.has(uid)) continue;
    // A name lives once on a cluster: one that comes back under another uid was deleted in between.
    if (uidOf.has(row.plane.name) || (report.full && !lost.has(uid))) row.isGone = true;
  }
  for (const plane of planes.values())
    rows.set(plane.uid, { plane: factsOf(plane, cluster), isGone: false, lostAt: undefined });
  for (const uid of gone) {
    const row = rows.get(uid);
    if (row?.plane.managementCluster === cluster) row.isGone = true;
  }
}

/** What is kept of a report, whatever else is in it. */
const factsOf = (plane: Facts, managementCluster: string): Facts => {
  const { uid, name, region, sector, customer, platform, version, availability, components } = plane;
  const { unhealthy, upgrading, paused } = plane;
  const facts = { uid, name, managementCluster, region, sector, customer, platform, version, availability };
  return kept({ ...facts, components, unhealthy, upgrading, paused } as Facts);
};

const byName = ({ plane: a }: Row, { plane: b }: Row): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : a.uid < b.uid ? -1 : 1;

/** A uid goes before a name; of control planes with one name, the one seen last. */
const byMeaning =
  (nameOrUid: string) =>
  (a: ControlPlane, b: ControlPlane): number => {
    if ((a.uid === nameOrUid) !== (b.uid === nameOrUid)) return a.uid === nameOrUid ? -1 : 1;
    if (a.reportedAt !== b.reportedAt) return a.reportedAt > b.reportedAt ? -1 : 1;
    return a.uid < b.uid ? -1 : 1;
  };
