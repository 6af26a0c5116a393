import { sql } from 'kysely';
import type { Instant } from '../../core/base/instant.ts';
import type { ControlPlane } from '../../core/fleet/control-plane.ts';
import type { Report } from '../../core/fleet/report.ts';
import type { AgentFacts, Fleet } from '../../ports/fleet.ts';
import type { Database, Db } from './connection.ts';
import { createFleetCopy, planeOf } from './fleet-copy.ts';
import { readImages, upsertImages } from './images.ts';
import { storableInstant, storableJson } from './storable.ts';

/**
 * The fleet as reports leave it. A cluster speaks for its own control planes only; what it says of another's
 * (gone, lost) changes nothing, but a control plane it reports is its own from then on. Reports are
 * taken in the order they come. `refused` orders are the caller's to record.
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

async function applyReport(trx: Db, report: Report, at: Instant): Promise<void> {
  storableInstant('The time of a report', at);
  // Lost wins over reported, and gone over both: where a report contradicts itself, the less certain is true.
  const lost = new Set(report.lost);
  const planes = new Map(report.planes.filter((p) => !lost.has(p.uid)).map((p) => [p.uid, p]));
  const cluster = report.managementCluster;
  const heardBefore = await lockCluster(trx, cluster, at);
  await markLost(trx, { cluster, uids: [...lost], heardBefore });
  await trx.updateTable('management_clusters').set({ heard_at: at }).where('name', '=', cluster).execute();
  if (report.full) await markOthersGone(trx, { cluster, uids: [...planes.keys(), ...lost], at });
  await upsertPlanes(trx, { cluster, planes: [...planes.values()], at });
  await markGone(trx, { cluster, uids: report.gone, at });
  await upsertImages(trx, report.images.map(imageFactsOf));
}

/** An image that no build of ours made is a release image: what is in it is its release. */
const imageFactsOf = ({ commit, ...image }: Report['images'][number]) => ({
  ...image,
  ...(commit !== undefined && { commit, release: commit }),
  fixes: [],
});

/** Reports of one cluster wait for each other here. Returns when it was last heard before this one. */
async function lockCluster(trx: Db, name: string, at: Instant): Promise<Instant> {
  const clusters = trx.insertInto('management_clusters').values({ name, heard_at: at });
  await clusters.onConflict((conflict) => conflict.column('name').doNothing()).execute();
  const row = await trx
    .selectFrom('management_clusters')
    .select('heard_at')
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return row.heard_at;
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

async function upsertPlanes(trx: Db, { cluster, planes, at }: Reported) {
  if (planes.length === 0) return;
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
  await sql`
    insert into fleetfix.control_planes (uid, name, management_cluster, region, sector, customer, platform, version,
      availability, components, unhealthy, upgrading, paused, reported_at)
    select uid, name, ${cluster}, region, sector, customer, platform, version,
      availability, components, unhealthy, upgrading, paused, ${at}::timestamptz
    from jsonb_to_recordset(${rows}::jsonb) as row (uid text, name text, region text, sector text, customer text,
      platform text, version text, availability text, components jsonb, unhealthy text, upgrading boolean, paused boolean)
    order by uid
    on conflict (uid) do update set
      name = excluded.name, management_cluster = excluded.management_cluster, region = excluded.region,
      sector = excluded.sector, customer = excluded.customer, platform = excluded.platform,
      version = excluded.version, availability = excluded.availability, components = excluded.components,
      unhealthy = excluded.unhealthy, upgrading = excluded.upgrading, paused = excluded.paused,
      reported_at = excluded.reported_at, lost = false, gone_at = null`.execute(trx);
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
