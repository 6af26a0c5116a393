import { type Api, ApiRefusal, type Thing } from '../api.ts';
import type { OperatorOptions } from './options.ts';
import { HYPERSHIFT, type Kind, pathOf, type Seen } from './seen.ts';

/** What the parts of the operator share. */
export type Place = {
  readonly api: Api;
  readonly options: OperatorOptions;
  readonly seen: Seen;
  /** By uid of a workload: what was written last, and its generation then. */
  readonly written: Map<string, { readonly generation: number; readonly wanted: string }>;
  /** By `namespace/name` of a hosted cluster: conditions that a test wants there. */
  readonly pretended: Map<string, Readonly<Record<string, Pretended>>>;
};

/** A status, and since when it is so; default: since it is. */
export type Pretended = { readonly status: 'True' | 'False' | 'Unknown'; readonly sinceAt?: string };

export type By = 'hypershift-operator' | 'control-plane-operator';

/** Makes an object that is not there yet; undefined when somebody was quicker. */
export async function make(place: Place, kind: Kind, body: Thing, by: By): Promise<Thing | undefined> {
  const { namespace } = body.metadata;
  try {
    const made = await place.api.create(
      `${pathOf(kind, { ...(namespace && { namespace }) })}?fieldManager=${by}`,
      body,
    );
    return place.seen.keep(kind, made);
  } catch (problem) {
    if (problem instanceof ApiRefusal && problem.body.reason === 'AlreadyExists') return undefined;
    throw problem;
  }
}

/** Merges into an object as it was seen; refused when it has changed since. */
export async function change(
  place: Place,
  kind: Kind,
  object: Thing,
  { by, ...patch }: { readonly by: By } & Thing,
): Promise<Thing> {
  const { name, namespace, resourceVersion } = object.metadata;
  const body = { ...patch, metadata: { ...patch.metadata, resourceVersion } };
  const path = `${pathOf(kind, { namespace, name })}?fieldManager=${by}`;
  return place.seen.keep(kind, await place.api.merge(path, body));
}

/**
 * Puts members into the status of an object as it was seen; refused when it has changed since. As a whole, since a merge would
 * lose what is null in a list.
 */
export async function say(
  place: Place,
  kind: Kind,
  object: Thing,
  { by, status }: { readonly by: By; readonly status: Thing },
): Promise<void> {
  const path = `${pathOf(kind, object.metadata as { name: string })}/status?fieldManager=${by}`;
  const body = {
    apiVersion: HYPERSHIFT,
    kind: NAMES[kind],
    ...object,
    status: { ...object.status, ...status },
  };
  place.seen.keep(kind, await place.api.must({ method: 'PUT', path, body }));
}

/** What a list leaves out of its members. */
const NAMES: Partial<Record<Kind, string>> = {
  hostedclusters: 'HostedCluster',
  nodepools: 'NodePool',
  controlplanecomponents: 'ControlPlaneComponent',
};

const kindOf = ({ kind }: Thing): Kind => (kind === 'StatefulSet' ? 'statefulsets' : 'deployments');

export const workloadSeen = ({ seen }: Place, wanted: Thing): Thing | undefined =>
  seen.get(kindOf(wanted), wanted.metadata);

/** Makes a workload, or puts its spec back to what is wanted, whoever changed them. */
export async function bring(place: Place, wanted: Thing, by: By): Promise<void> {
  const actual = workloadSeen(place, wanted);
  if (actual !== undefined && isAsWanted(place, wanted, actual)) return;
  const kind = kindOf(wanted);
  const now =
    actual === undefined
      ? await make(place, kind, wanted, by)
      : await place.api.must({
          method: 'PUT',
          path: `${pathOf(kind, wanted.metadata as { name: string })}?fieldManager=${by}`,
          body: { ...actual, ...wanted, metadata: actual.metadata },
        });
  if (now === undefined) return;
  place.seen.keep(kind, now);
  const { uid, generation } = now.metadata;
  place.written.set(uid, { generation, wanted: JSON.stringify(wanted.spec) });
}

/** Whether it is as it was written last, and that is what is wanted now. Every change of a spec is a new generation. */
export function isAsWanted({ written }: Place, wanted: Thing, actual: Thing): boolean {
  const last = written.get(actual.metadata.uid);
  return last?.generation === actual.metadata.generation && last?.wanted === JSON.stringify(wanted.spec);
}

/** The rule of support/podspec/deployment.go, which is the one for StatefulSets too. */
export function isRolledOut({ metadata, spec, status }: Thing): boolean {
  const of = (count: string): number => status?.[count] ?? 0;
  return (
    of('observedGeneration') >= metadata.generation &&
    of('replicas') === spec.replicas &&
    of('updatedReplicas') === spec.replicas &&
    of('readyReplicas') === spec.replicas &&
    of('unavailableReplicas') === 0
  );
}
