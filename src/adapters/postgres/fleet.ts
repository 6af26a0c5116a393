import { type Selectable, sql } from 'kysely';
import type { Uid } from '../../core/base/ids.ts';
import { type Instant, plus } from '../../core/base/instant.ts';
import type { ControlPlane } from '../../core/fleet/control-plane.ts';
import type { Report } from '../../core/fleet/report.ts';
import { type AgentFacts, type Fleet, type Heard, OWNER_KEPT_MS } from '../../ports/fleet.ts';
import type { Database, Db } from './connection.ts';
import { createFleetCopy, planeOf } from './fleet-copy.ts';
import { readImages, upsertImages } from './images.ts';
import { storableInstant, storableJson } from './storable.ts';
import type { Tables } from './tables.ts';

/**
 * The fleet as reports leave it. A cluster speaks for its own control planes only; what it says of another's
 * changes nothing, until the other has been silent for OWNER_KEPT_MS. `refused` orders are the caller's to record.
 */
export function fleetOf(database: Database): Fleet {
  const copy = createFleetCopy(database);
  return {
    report: (report, at) => database.transaction((trx) => applyReport(trx, report, at)),
    planes: (component) => copy.planes(component),
    plane: (nameOrUid) => database.call((db) => readPlane(db, nameOrUid)),
    images: (component) => database.call((db) => readImages(db, component)),
    agents: () => database.call(readAgents),
  };
}

async function applyReport(trx: Db, report: Report, at: Instant): Promise<Heard> {
  storableInstant('The time of a report', at);
  const { run, gone, lost: unseen } = report;
  storableJson('The report', { run, gone, lost: unseen });
  const before = await lockCluster(trx, report.managementCluster, at);
  const place = placeOf(report, before);
  if (place !== 'next') return { taken: false, resync: place === 'unconnected', foreign: [] };
  const foreign = await takeReport(trx, { report, heardBefore: before.heard_at, at });
  return { taken: true, resync: false, foreign };
}

type Taking = { readonly report: Report; readonly heardBefore: Instant; readonly at: Instant };

/** Returns which of the control planes are another's. */
async function takeReport(trx: Db, { report, heardBefore, at }: Taking): Promise<Uid[]> {
  // Lost wins over reported, and gone over both: where a report contradicts itself, the less certain is true.
  const lost = new Set(report.lost);
  const planes = new Map(report.planes.filter((p) => !lost.has(p.uid)).map((p) => [p.uid, p]));
  const cluster = report.managementCluster;
  await markLost(trx, { cluster, uids: [...lost], heardBefore });
  await noteHeard(trx, report, at);
  if (report.full) await markOthersGone(trx, { cluster, uids: [...planes.keys(), ...lost], at });
  const foreign = await upsertPlanes(trx, { cluster, planes: [...planes.values()], at });
  await markGone(trx, { cluster, uids: report.gone, at });
  await upsertImages(trx, report.images.map(imageFactsOf));
  return foreign;
}

/** An image that no build of ours made is a release image: what is in it is its release. */
const imageFactsOf = ({ commit, ...image }: Report['images'][number]) => ({
  ...image,
  ...(commit !== undefined && { commit, release: commit }),
  fixes: [],
});

type Before = Pick<Selectable<Tables['management_clusters']>, 'heard_at' | 'run' | 'number' | 'past_runs'>;

/** Reports of one cluster wait for each other here. Returns what was heard of it before this one. */
async function lockCluster(trx: Db, name: string, at: Instant): Promise<Before> {
  const known = trx
    .selectFrom('management_clusters')
    .select(['heard_at', 'run', 'number', 'past_runs'])
    .where('name', '=', name)
    .forUpdate();
  const before = await known.executeTakeFirst();
  if (before !== undefined) return before;
  const clusters = trx.insertInto('management_clusters').values({ name, heard_at: at });
  await clusters.onConflict((conflict) => conflict.column('name').doNothing()).execute();
  return await known.executeTakeFirstOrThrow();
}

/**
 * Where a report stands to what was heard before: the next to take, a copy of what is known or was replaced since,
 * or one whose forerunner never came. A full one needs no forerunner.
 */
function placeOf({ run, number = 0, full }: Report, before: Before): 'next' | 'old' | 'unconnected' {
  if (run === undefined) return 'next';
  if (before.past_runs.includes(run)) return 'old';
  if (run === before.run && number <= before.number) return 'old';
  if (full) return 'next';
  return run === before.run && number === before.number + 1 ? 'next' : 'unconnected';
}

/** So many runs back a late copy is still recognised; an agent starts anew less often than a copy is under way. */
const PAST_RUNS = 8;

async function noteHeard(trx: Db, { managementCluster, run, number = 0 }: Report, at: Instant) {
  const past = sql<string[]>`case when run is distinct from ${run ?? null} and run is not null
    then (array[run] || past_runs)[1:${sql.lit(PAST_RUNS)}] else past_runs end`;
  await trx
    .updateTable('management_clusters')
    .set({ heard_at: at, ...(run !== undefined && { past_runs: past, run, number }) })
    .where('name', '=', managementCluster)
    .execute();
}

type Named = { readonly cluster: string; readonly uids: readonly string[] };

/** The last time its cluster could still speak for it becomes its own; it keeps that until it is reported again. */
async function markLost(trx: Db, { cluster, uids, heardBefore }: Named & { readonly heardBefore: Instant }) {
  if (uids.length === 0) return;
  await sql`
    update fleetfix.control_planes set lost = true, reported_at = ${heardBefore}
    where management_cluster = ${cluster} and not lost and uid = any(${uids})`.execute(trx);
}

async function markGone(trx: Db, { cluster, uids, at }: Named & { readonly at: Instant }) {
  if (uids.length === 0) return;
  await sql`
    update fleetfix.control_planes set gone_at = ${at}
    where management_cluster = ${cluster} and gone_at is null and uid = any(${uids})`.execute(trx);
}

async function markOthersGone(trx: Db, { cluster, uids, at }: Named & { readonly at: Instant }) {
  await sql`
    update fleetfix.control_planes set gone_at = ${at}
    where management_cluster = ${cluster} and gone_at is null and uid <> all(${uids})`.execute(trx);
}

type Reported = { readonly cluster: string; readonly planes: Report['planes']; readonly at: Instant };

/** Returns which of them are left to another cluster's agent. */
async function upsertPlanes(trx: Db, { cluster, planes, at }: Reported): Promise<Uid[]> {
  if (planes.length === 0) return [];
  const rows = storableJson('The report', planes);
  // A name lives once on a cluster: one that comes back under another uid was deleted in between.
  await sql`
    update fleetfix.control_planes as old set gone_at = ${at}
    from jsonb_to_recordset(${rows}::jsonb) as new (uid text, name text)
    where old.management_cluster = ${cluster} and old.gone_at is null
      and old.name = new.name and old.uid <> new.uid
      and not exists (select from jsonb_to_recordset(${rows}::jsonb) as kept (uid text) where kept.uid = old.uid)`.execute(
    trx,
  );
  const { numAffectedRows } = await sql`
    insert into fleetfix.control_planes as old (uid, name, management_cluster, region, sector, customer, platform, version,
      availability, components, unhealthy, upgrading, paused, held, past, reported_at)
    select uid, name, ${cluster}, region, sector, customer, platform, version,
      availability, components, unhealthy, upgrading, paused, held, past, ${at}::timestamptz
    from jsonb_to_recordset(${rows}::jsonb) as row (uid text, name text, region text, sector text, customer text,
      platform text, version text, availability text, components jsonb, unhealthy text, upgrading boolean, paused boolean,
      held text, past jsonb)
    order by uid
    on conflict (uid) do update set
      name = excluded.name, management_cluster = excluded.management_cluster, region = excluded.region,
      sector = excluded.sector, customer = excluded.customer, platform = excluded.platform,
      version = excluded.version, availability = excluded.availability, components = excluded.components,
      unhealthy = excluded.unhealthy, upgrading = excluded.upgrading, paused = excluded.paused,
      held = excluded.held, past = excluded.past,
      reported_at = excluded.reported_at, lost = false, gone_at = null
    where old.management_cluster = excluded.management_cluster or old.gone_at is not null
      or not exists (select from fleetfix.management_clusters as owner
        where owner.name = old.management_cluster and owner.heard_at > ${plus(at, -OWNER_KEPT_MS)})`.execute(
    trx,
  );
  if (numAffectedRows === BigInt(planes.length)) return [];
  return await othersAmong(trx, cluster, planes);
}

async function othersAmong(trx: Db, cluster: string, planes: Report['planes']): Promise<Uid[]> {
  const uids = planes.map((plane) => plane.uid);
  const rows = await trx
    .selectFrom('control_planes')
    .select('uid')
    .where((eb) => eb('uid', '=', eb.fn.any(eb.val(uids))))
    .where('management_cluster', '<>', cluster)
    .orderBy('uid')
    .execute();
  return rows.map((row) => row.uid);
}

/** A control plane that is not lost was seen whenever its cluster was heard. */
function livingPlanes(db: Db) {
  return db
    .selectFrom('control_planes as plane')
    .innerJoin('management_clusters as cluster', 'cluster.name', 'plane.management_cluster')
    .selectAll('plane')
    .select(sql<Instant>`case when plane.lost then plane.reported_at else cluster.heard_at end`.as('seen_at'))
    .where('plane.gone_at', 'is', null);
}

/** A uid goes before a name; of two clusters' control planes with one name, the one seen last. */
async function readPlane(db: Db, nameOrUid: string): Promise<ControlPlane | undefined> {
  const row = await livingPlanes(db)
    .where((eb) => eb.or([eb('plane.uid', '=', nameOrUid), eb('plane.name', '=', nameOrUid)]))
    .orderBy((eb) => eb('plane.uid', '=', nameOrUid), 'desc')
    .orderBy('seen_at', 'desc')
    .orderBy('plane.uid')
    .limit(1)
    .executeTakeFirst();
  return row && planeOf(row);
}

async function readAgents(db: Db): Promise<AgentFacts[]> {
  const rows = await db
    .selectFrom('management_clusters as cluster')
    .leftJoin('control_planes as plane', (join) =>
      join.onRef('plane.management_cluster', '=', 'cluster.name').on('plane.gone_at', 'is', null),
    )
    .select((eb) => ['cluster.name', 'cluster.heard_at', eb.fn.count<number>('plane.uid').as('planes')])
    .groupBy('cluster.name')
    .orderBy('cluster.name')
    .execute();
  return rows.map((row) => ({ managementCluster: row.name, reportedAt: row.heard_at, planes: row.planes }));
}
