import type { Digest } from '../../src/core/base/ids.ts';
import type { ReportedPlane } from '../../src/core/hypershift/inventory.ts';
import { findBinaries } from '../../test/cluster/binaries.ts';
import { type Cluster, startCluster } from '../../test/cluster/cluster.ts';
import { installCrds } from '../../test/cluster/crds.ts';
import { type Operator, startOperator } from '../../test/cluster/hypershift/operator.ts';
import type { Component } from '../../test/cluster/hypershift/options.ts';
import { type Kubelet, startKubelet } from '../../test/cluster/kubelet.ts';
import type { BenchHub } from './hub.ts';
import { COMPONENT } from './hub.ts';

const VERSION = '4.20.3';
const NAMESPACE = 'clusters';
const MAKE_AT_ONCE = 8;
export const digest = (n: number): Digest => `sha256:${n.toString(16).padStart(64, '0')}`;
const RELEASE = digest(0xe);

/** A real API server with HyperShift's kinds, and nodes that run whatever they are given. */
export type Place = {
  readonly cluster: Cluster;
  /** Brings control planes up to their release and has someone follow their annotations until `stop`. */
  operate(components?: readonly Component[]): Operator;
  close(): Promise<void>;
};

/** Throws where there are no programs of a cluster, with the reason. */
export async function openPlace(): Promise<Place> {
  const found = await findBinaries();
  if (found.binaries === undefined) throw new Error(found.reason);
  const cluster = await startCluster({ binaries: found.binaries });
  const ending: (() => Promise<void>)[] = [() => cluster.stop()];
  const close = async () => {
    for (const end of ending.reverse()) await end();
  };
  try {
    await installCrds(cluster.admin);
    const kubelet: Kubelet = await startKubelet(cluster.admin);
    ending.push(() => kubelet.stop());
  } catch (problem) {
    await close();
    throw problem;
  }
  const releases = { [VERSION]: `quay.example/release/cpo@${RELEASE}` };
  return {
    cluster,
    operate: (components) => startOperator(cluster.admin, { releases, ...(components && { components }) }),
    close,
  };
}

/** `count` hosted clusters that are up, a few at a time. */
export async function makeClusters(operator: Operator, name: string, count: number): Promise<void> {
  const queue = Array.from({ length: count }, (_, n) => `${name}-${n}`);
  await Promise.all(
    Array.from({ length: MAKE_AT_ONCE }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const wish = { namespace: NAMESPACE, name: next, version: VERSION };
        await operator.settled(await operator.makeCluster(wish));
      }
    }),
  );
}

export const pathOf = (shortName: string): string =>
  `/apis/hypershift.openshift.io/v1beta1/namespaces/${NAMESPACE}/hostedclusters/${shortName}`;

export const shortName = ({ name }: Pick<ReportedPlane, 'name'>): string => name.split('.')[0]!;

/** What the hub believes of the control planes of this name, or of those whose names begin so, once all are as wanted. */
export async function reported(
  hub: BenchHub,
  name: string,
  it: { readonly count: number; readonly holds: (plane: ReportedPlane) => boolean },
): Promise<readonly ReportedPlane[]> {
  for (;;) {
    const mine = [...hub.planes.values()].filter(
      (plane) => shortName(plane) === name || plane.name.startsWith(`${name}-`),
    );
    if (mine.length === it.count && mine.every(it.holds)) return mine;
    await hub.heard();
  }
}

/** Nothing stands against an order, and what it runs can be told. */
export const isReady = (plane: ReportedPlane): boolean =>
  plane.components[COMPONENT]?.release !== undefined && !plane.upgrading && plane.held === undefined;
