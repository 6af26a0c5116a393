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
  const rows = new Map<Uid, PlaneRow>();
  let sorted: readonly PlaneRow[] = [];
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
      if (row.gone_at === null) rows.set(row.uid, row);
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
        .filter((row) => component === undefined || component in row.components)
        .map((row) =>
          planeOf({ ...row, seen_at: row.lost ? row.reported_at : heard.get(row.management_cluster)! }),
        );
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

const byName = (a: PlaneRow, b: PlaneRow): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : a.uid < b.uid ? -1 : 1;

export function planeOf(row: PlaneRow & { seen_at: Instant }): ControlPlane {
  const { management_cluster, reported_at, lost, gone_at, changed_in, seen_at, ...rest } = row;
  const { unhealthy, upgrading, paused, ...facts } = rest;
  return {
    ...facts,
    managementCluster: management_cluster,
    ...(unhealthy !== null && { unhealthy }),
    ...(upgrading !== null && { upgrading }),
    ...(paused !== null && { paused }),
    reportedAt: seen_at,
  };
}
