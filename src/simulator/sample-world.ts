// What the tests beside this file share: a small calm world, its orders, and a hub's view of its reports.
import { hashOf } from '../core/base/hash.ts';
import type { Digest } from '../core/base/ids.ts';
import { HOUR, type Instant, plus } from '../core/base/instant.ts';
import type { RefusedOrder, Report } from '../core/fleet/report.ts';
import type { SignedOrder } from '../core/rollout/order.ts';
import type { FleetSpec } from './fleet.ts';
import type { World, WorldOptions } from './world.ts';
import type { PlaneReport } from './world-agents.ts';
import { CALM, type Nature } from './world-spec.ts';

export const EPOCH = '2026-11-21T20:00:00.000Z';
export const COMPONENT = 'control-plane-operator';
export const COMMITS = {
  old: 'a'.repeat(40),
  new: 'b'.repeat(40),
  fixed: 'c'.repeat(40),
  next: 'd'.repeat(40),
};
/** An image of ours; register it before it is ordered. */
export const FIXED: Digest = `sha256:${hashOf('the fix')}`;
export const SECOND_FIX: Digest = `sha256:${hashOf('another fix')}`;

export const FLEET: FleetSpec = {
  seed: 1,
  planes: 40,
  component: COMPONENT,
  releases: [
    { version: '4.19.11', commit: COMMITS.old, share: 3 },
    { version: '4.20.2', commit: COMMITS.new, share: 1 },
  ],
  managementClusters: 4,
  regions: 2,
  customers: 5,
};

/** Nothing happens by itself and every rollout ends, unless a test says otherwise. */
export const QUIET: Nature = { ...CALM, stallShare: 0 };

export const sampleOptions = (over: Partial<WorldOptions> = {}): WorldOptions => ({
  fleet: FLEET,
  epoch: EPOCH,
  nature: QUIET,
  verify: (order) => order.signature !== 'forged',
  ...over,
});

/** The first plane for which `is` holds, by survey. Throws when there is none. */
export function somePlane(world: World, is: (plane: PlaneReport) => boolean = () => true): PlaneReport {
  const found = world
    .survey()
    .flatMap((report) => report.planes)
    .find(is);
  if (found === undefined) throw new Error('the sample world has no such control plane');
  return found;
}

/** A good order to set `FIXED` on a plane that has no override, but for what `over` says. */
export function orderTo(world: World, plane: PlaneReport, over: Partial<SignedOrder> = {}): SignedOrder {
  const sequence = over.sequence ?? 1;
  const order: SignedOrder = {
    key: `FIX-1/${plane.uid}/${sequence}`,
    fix: 'FIX-1',
    uid: plane.uid,
    name: plane.name,
    managementCluster: plane.managementCluster,
    component: COMPONENT,
    action: 'set',
    digest: FIXED,
    ifOverride: null,
    expiresAt: plus(world.now(), HOUR),
    sequence,
    keyId: 'test',
    signature: 'good',
    ...over,
  };
  if (order.action !== 'remove') return order;
  const { digest: _, ...removal } = order;
  return removal;
}

export const registerFixes = (world: World): void => {
  world.registerImage({ digest: FIXED, component: COMPONENT, commit: COMMITS.fixed });
  world.registerImage({ digest: SECOND_FIX, component: COMPONENT, commit: COMMITS.next });
};

/** A hub's view: the fold of all reports it received. */
export type View = {
  readonly reports: Report[];
  readonly planes: Map<string, PlaneReport>;
  readonly lost: Map<string, readonly string[]>;
  readonly refused: Map<string, RefusedOrder>;
  readonly images: Map<string, string | undefined>;
  /** When each management cluster was last heard. */
  readonly heardAt: Map<string, Instant>;
};

const emptyView = (): View => ({
  reports: [],
  planes: new Map(),
  lost: new Map(),
  refused: new Map(),
  images: new Map(),
  heardAt: new Map(),
});

/** Listens to the world, and goes on with `view` as a hub does that outlived the world it knew. */
export function viewOf(world: World, view: View = emptyView()): View {
  world.listen(async (report) => {
    view.reports.push(report);
    view.heardAt.set(report.managementCluster, world.now());
    if (report.full) {
      for (const [uid, plane] of view.planes)
        if (plane.managementCluster === report.managementCluster && !report.lost.includes(uid))
          view.planes.delete(uid);
    }
    for (const plane of report.planes) view.planes.set(plane.uid, plane);
    for (const uid of report.gone) view.planes.delete(uid);
    view.lost.set(report.managementCluster, report.lost);
    for (const refused of report.refused) view.refused.set(refused.key, refused);
    for (const image of report.images) view.images.set(image.digest, image.commit);
  });
  return view;
}

/** What of a view is knowledge, for comparing two: of the management clusters heard at or after `since`. */
export const knowledgeOf = (view: View, since: Instant) => {
  const heard = [...view.heardAt].flatMap(([name, at]) => (at >= since ? [name] : [])).sort();
  return {
    heard,
    planes: [...view.planes.values()]
      .filter((plane) => heard.includes(plane.managementCluster))
      .sort((a, b) => (a.uid < b.uid ? -1 : 1)),
    lost: heard.map((name) => view.lost.get(name)),
    refused: [...view.refused.values()].sort((a, b) => (a.key < b.key ? -1 : 1)),
  };
};
