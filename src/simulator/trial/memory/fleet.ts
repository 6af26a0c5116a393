import { storableInstant, storableJson } from '../../../adapters/postgres/storable.ts';
import type { Uid } from '../../../core/base/ids.ts';
import { type Instant, plus } from '../../../core/base/instant.ts';
import type { ControlPlane } from '../../../core/fleet/control-plane.ts';
import type { Report } from '../../../core/fleet/report.ts';
import { type Fleet, type Heard, OWNER_KEPT_MS } from '../../../ports/fleet.ts';
import type { MemoryDatabase } from './database.ts';
import type { MemoryImages } from './images.ts';
import { kept } from './kept.ts';

/** `lostAt`: the last time its cluster could speak for it. */
type Row = { plane: Facts; isGone: boolean; lostAt: Instant | undefined };
type Facts = Omit<ControlPlane, 'reportedAt'>;

/** The run of its agent that a cluster was heard in last, how far it has come, and the runs before it, latest first. */
type Run = { readonly name: string; readonly number: number; readonly past: readonly string[] };

type Tables = {
  readonly heardAt: Map<string, Instant>;
  readonly runs: Map<string, Run>;
  readonly rows: Map<Uid, Row>;
};

/**
 * The fleet as reports leave it. A cluster speaks for its own control planes only, and for another's once
 * that has been silent for OWNER_KEPT_MS. Lost wins over reported, and gone over both.
 */
export function fleetIn(database: MemoryDatabase, images: MemoryImages): Fleet {
  const tables: Tables = { heardAt: new Map(), runs: new Map(), rows: new Map() };
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
      database.call((): Heard => {
        storableInstant('The time of a report', at);
        storableJson('The report', report.planes);
        const { run, gone, lost } = report;
        storableJson('The report', { run, gone, lost });
        const recordImages = images.upsert(report.images.map(imageFactsOf));
        const place = placeOf(report, tables.runs.get(report.managementCluster));
        if (place !== 'next') {
          if (!heardAt.has(report.managementCluster)) heardAt.set(report.managementCluster, at);
          return { taken: false, resync: place === 'unconnected', foreign: [] };
        }
        const foreign = applyReport(tables, report, at);
        recordImages();
        living = undefined;
        return { taken: true, resync: false, foreign };
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

/** A report without a run is taken as it comes; a full one needs no forerunner. */
function placeOf({ run, number = 0, full }: Report, before: Run | undefined): 'next' | 'old' | 'unconnected' {
  if (run === undefined) return 'next';
  if (before?.past.includes(run)) return 'old';
  if (run === before?.name && number <= before.number) return 'old';
  return full || (run === before?.name && number === before.number + 1) ? 'next' : 'unconnected';
}

/** So many runs back a late copy is recognised. */
const PAST_RUNS = 8;

function noteRun({ runs }: Tables, { managementCluster, run, number = 0 }: Report): void {
  if (run === undefined) return;
  const before = runs.get(managementCluster);
  const isSame = before === undefined || before.name === run;
  const past = isSame ? (before?.past ?? []) : [before.name, ...before.past].slice(0, PAST_RUNS);
  runs.set(managementCluster, { name: run, number, past });
}

/** An image that no build of ours made is a release image: what is in it is its release. */
const imageFactsOf = ({ commit, ...image }: Report['images'][number]) => ({
  ...image,
  ...(commit !== undefined && { commit, release: commit }),
  fixes: [],
});

/** Returns which of the control planes are another's, by uid. */
function applyReport(tables: Tables, report: Report, at: Instant): Uid[] {
  const { heardAt, rows } = tables;
  const { managementCluster: cluster } = report;
  const lost = new Set(report.lost);
  const gone = new Set(report.gone);
  const planes = new Map(report.planes.filter((p) => !lost.has(p.uid)).map((p) => [p.uid, p]));
  const uidOf = new Map([...planes.values()].map((p) => [p.name, p.uid]));
  const heardBefore = heardAt.get(cluster) ?? at;
  heardAt.set(cluster, at);
  noteRun(tables, report);
  for (const [uid, row] of rows) {
    if (row.plane.managementCluster !== cluster) continue;
    if (lost.has(uid)) row.lostAt ??= heardBefore;
    if (planes.has(uid)) continue;
    // A name lives once on a cluster: one that comes back under another uid was deleted in between.
    if (uidOf.has(row.plane.name) || (report.full && !lost.has(uid))) row.isGone = true;
  }
  const foreign = [...planes.keys()].filter((uid) => isForeign(tables, { uid, cluster, at })).sort();
  for (const plane of planes.values())
    if (!foreign.includes(plane.uid))
      rows.set(plane.uid, { plane: factsOf(plane, cluster), isGone: false, lostAt: undefined });
  for (const uid of gone) {
    const row = rows.get(uid);
    if (row?.plane.managementCluster === cluster) row.isGone = true;
  }
  return foreign;
}

/** Another cluster's, which was heard not long ago. */
function isForeign(
  { heardAt, rows }: Tables,
  { uid, cluster, at }: { readonly uid: Uid; readonly cluster: string; readonly at: Instant },
): boolean {
  const row = rows.get(uid);
  if (row === undefined || row.isGone || row.plane.managementCluster === cluster) return false;
  return heardAt.get(row.plane.managementCluster)! > plus(at, -OWNER_KEPT_MS);
}

/** What is kept of a report, whatever else is in it. */
const factsOf = (plane: Facts, managementCluster: string): Facts => {
  const { uid, name, region, sector, customer, platform, version, availability, components } = plane;
  const { unhealthy, upgrading, paused, held, past } = plane;
  const facts = { uid, name, managementCluster, region, sector, customer, platform, version, availability };
  return kept({ ...facts, components, unhealthy, upgrading, paused, held, past } as Facts);
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
