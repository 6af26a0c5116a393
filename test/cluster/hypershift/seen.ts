import { setTimeout as pause } from 'node:timers/promises';
import type { Api, Thing } from '../api.ts';

export const HYPERSHIFT = 'hypershift.openshift.io/v1beta1';

/** What the operator looks at, and where. */
const KINDS = {
  hostedclusters: `/apis/${HYPERSHIFT}`,
  hostedcontrolplanes: `/apis/${HYPERSHIFT}`,
  nodepools: `/apis/${HYPERSHIFT}`,
  controlplanecomponents: `/apis/${HYPERSHIFT}`,
  deployments: '/apis/apps/v1',
  statefulsets: '/apis/apps/v1',
  namespaces: '/api/v1',
  pods: '/api/v1',
} as const;
export type Kind = keyof typeof KINDS;

export const OF_CONTROL_PLANE = 'hypershift.openshift.io/hosted-control-plane';
const SELECTED: Partial<Record<Kind, string>> = { namespaces: OF_CONTROL_PLANE, pods: OF_CONTROL_PLANE };

/** Of the collection, or of the object where a name is given; a namespace has none around it. */
export const pathOf = (
  kind: Kind,
  at: { readonly namespace?: string; readonly name?: string } = {},
): string =>
  [
    KINDS[kind],
    ...(at.namespace ? ['namespaces', at.namespace] : []),
    kind,
    ...(at.name ? [at.name] : []),
  ].join('/');

/** What the API server has, as far as it has been seen. */
export type Seen = {
  get(kind: Kind, at: { readonly namespace?: string; readonly name: string }): Thing | undefined;
  in(kind: Kind, namespace: string): readonly Thing[];
  /** Takes the answer to a write, so that the next look does not repeat the write. */
  keep(kind: Kind, object: Thing): Thing;
  /** Until nothing is followed any more; after the signal. */
  readonly over: Promise<unknown>;
};

type Follow = { readonly signal: AbortSignal; readonly onChange: (kind: Kind, object: Thing) => void };

const RETRY_MS = 100;

/** Lists and watches every kind, again when the API server was away. */
export function startSeeing(api: Api, { signal, onChange }: Follow): Seen {
  const shelves = new Map<Kind, Map<string, Map<string, Thing>>>();
  const shelf = (kind: Kind, namespace = ''): Map<string, Thing> => {
    const all = shelves.get(kind) ?? new Map<string, Map<string, Thing>>();
    shelves.set(kind, all);
    const here = all.get(namespace) ?? new Map<string, Thing>();
    all.set(namespace, here);
    return here;
  };
  const keep = (kind: Kind, object: Thing): Thing => {
    const { name, namespace, resourceVersion } = object.metadata;
    const here = shelf(kind, namespace);
    const there = here.get(name);
    const isOlder = there !== undefined && Number(there.metadata.resourceVersion) > Number(resourceVersion);
    if (!isOlder) here.set(name, object);
    return isOlder ? there : object;
  };
  const drop = (kind: Kind, { metadata }: Thing) => shelf(kind, metadata.namespace).delete(metadata.name);

  async function follow(kind: Kind) {
    const selector = SELECTED[kind] ? `labelSelector=${encodeURIComponent(SELECTED[kind])}&` : '';
    const { items, metadata } = await api.get(`${pathOf(kind)}?${selector}`);
    const gone = [...(shelves.get(kind)?.values() ?? [])].flatMap((here) => [...here.values()]);
    shelves.delete(kind);
    for (const object of items) keep(kind, object);
    for (const object of [...gone, ...items]) onChange(kind, object);
    const from = `${pathOf(kind)}?${selector}resourceVersion=${metadata.resourceVersion}`;
    for await (const { type, object } of api.watch(from, signal)) {
      if (type === 'ERROR') return;
      if (type === 'DELETED') drop(kind, object);
      else keep(kind, object);
      onChange(kind, object);
    }
  }
  const keepFollowing = async (kind: Kind) => {
    while (!signal.aborted) {
      // The server went away; what is there is listed again when it is back.
      await follow(kind).catch(() => {});
      await pause(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  };
  return {
    get: (kind, { namespace, name }) => shelf(kind, namespace).get(name),
    in: (kind, namespace) => [...shelf(kind, namespace).values()],
    keep,
    over: Promise.all((Object.keys(KINDS) as Kind[]).map(keepFollowing)),
  };
}
