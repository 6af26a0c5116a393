import { type Selectable, sql } from 'kysely';
import type { Uid } from '../../core/base/ids.ts';
import type { Instant } from '../../core/base/instant.ts';
import type { ControlPlane } from '../../core/fleet/control-plane.ts';
import type { Database, Db } from './connection.ts';
import type { Tables } from './tables.ts';

type PlaneRow = Selectable<Tables['control_planes']>;

/** The living control planes, kept in memory and caught up by what changed since the last look. */
export type FleetCopy = {
  /** All that run the component, or all; by name, then uid. As current as a query of everything would be. */
  planes(component?: string): Promise<ControlPlane[]>;
};

/**
 * Loops ask for the whole fleet many times a minute, and little of it changes in between. Every row holds
 * the transaction that changed it last; a look takes rows from the oldest transaction that was still
 * running at the look before, so that none is missed whatever order they commit in, by any hub.
 */
export function createFleetCopy(database: Database): FleetCopy {
  const rows = new Map<Uid, Kept>();
  let sorted: readonly Kept[] = [];
  let horizon = '0';
  let looking: Promise<unknown> = Promise.resolve();

  const catchUp = async (db: Db): Promise<void> => {
    const snapshot = await sql<{ horizon: string }>`
      select pg_snapshot_xmin(pg_current_snapshot())::text as horizon`.execute(db);
    const changed = await db
      .selectFrom('control_planes')
      .selectAll()
      .where(sql<boolean>`changed_in >= ${horizon}::xid8`)
      .execute();
    for (const row of changed) {
      if (row.gone_at === null) rows.set(row.uid, { row });
      else rows.delete(row.uid);
    }
    horizon = snapshot.rows[0]!.horizon;
    if (changed.length > 0) sorted = [...rows.values()].sort(byName);
  };

  const look = (component: string | undefined) =>
    database.call(async (db) => {
      await catchUp(db);
      const clusters = await db.selectFrom('management_clusters').select(['name', 'heard_at']).execute();
      const heard = new Map(clusters.map((c) => [c.name, c.heard_at]));
      return sorted
        .filter(({ row }) => component === undefined || component in row.components)
        .map((kept) => {
          const { row } = kept;
          return seenAt(kept, row.lost ? row.reported_at : heard.get(row.management_cluster)!);
        });
    });

  return {
    planes(component) {
      const next = looking.then(
        () => look(component),
        () => look(component),
      );
      looking = next;
      return next;
    },
  };
}

/** A row, and the control plane it was given out as last: between two reports of its agent it is the same again. */
type Kept = { readonly row: PlaneRow; plane?: ControlPlane };

function seenAt(kept: Kept, at: Instant): ControlPlane {
  if (kept.plane?.reportedAt !== at) kept.plane = planeAt(kept.row, at);
  return kept.plane;
}

const byName = ({ row: a }: Kept, { row: b }: Kept): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : a.uid < b.uid ? -1 : 1;

export const planeOf = (row: PlaneRow & { seen_at: Instant }): ControlPlane => planeAt(row, row.seen_at);

/** Every member is named: what a spread with a rest makes is slow to make and to read, and the fleet is read at every look. */
function planeAt(row: PlaneRow, at: Instant): ControlPlane {
  const { unhealthy, upgrading, paused, held, past } = row;
  return {
    uid: row.uid,
    name: row.name,
    managementCluster: row.management_cluster,
    region: row.region,
    sector: row.sector,
    customer: row.customer,
    platform: row.platform,
    version: row.version,
    availability: row.availability,
    components: row.components,
    ...(unhealthy !== null && { unhealthy }),
    ...(upgrading !== null && { upgrading }),
    ...(paused !== null && { paused }),
    ...(held !== null && { held }),
    ...(past !== null && { past }),
    reportedAt: at,
  };
}
