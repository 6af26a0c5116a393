import type { Ms } from '../base/instant.ts';
import { NEVER_USUAL } from './condition-types.ts';
import type { WorkloadKind } from './objects.ts';

/** How an image is put in place. The overrides file is written on the hub's side and is no agent's. */
export const LEVERS = ['annotation', 'image-overrides', 'workload-image'] as const;
type Lever = (typeof LEVERS)[number];

type WorkloadName = {
  readonly kind: WorkloadKind;
  /** Of the management cluster; absent: the namespace of each control plane. */
  readonly namespace?: string;
  readonly name: string;
  readonly container: string;
};

export type ComponentSettings = {
  readonly name: string;
  readonly lever: Lever;
  /** `host/path`, without a tag: where the images that orders name by digest are pulled from. */
  readonly repository: string;
  /** Images of other components lie in the repository too, so that it does not tell what an image is of. */
  readonly sharedRepository?: boolean;
  /** image-overrides: the component's name in the release payload, e.g. `cluster-network-operator`. */
  readonly payloadName?: string;
  /** workload-image: what is changed. image-overrides: where the image is seen, when not where `payloadName` says. */
  readonly workload?: WorkloadName;
};

/** What an agent is told about its management cluster. */
export type AgentSettings = {
  readonly managementCluster: string;
  readonly region: string;
  readonly sector: string;
  readonly components: readonly ComponentSettings[];
  /** Under which label or annotation of a hosted cluster something stands. */
  readonly labels: { readonly customer?: string };
  /** Guards that people decided not to hold here, by name, e.g. `single replica`. See `ACCEPTABLE`. */
  readonly accepted?: readonly string[];
  /** Types of conditions that are wrong with hosted clusters here for reasons of the place, and say nothing of one of them. */
  readonly usual?: readonly string[];
  /** Whether node pools are asked first what an image would do to them (probe.ts); absent: they are not. */
  readonly probe?: { readonly nodePools: boolean; readonly settleMs: Ms };
};

/** Guards people may decide not to hold; a name that is not here is never let pass. */
export const ACCEPTABLE: readonly string[] = ['single replica', 'proxy trap'];

/** What no schema of a single field can see. Each a printable sentence; empty: nothing is wrong. */
export function settingsFaults({
  components,
  accepted = [],
  usual = [],
}: Pick<AgentSettings, 'components' | 'accepted' | 'usual'>): string[] {
  const never = accepted.filter((name) => !ACCEPTABLE.includes(name));
  const names = components.map((c) => c.name);
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  const annotated = components.filter((c) => c.lever === 'annotation').map((c) => c.name);
  return [
    ...twice.map((name) => `component ${name} is there twice`),
    ...(annotated.length > 1
      ? [`${annotated.join(' and ')} both use the annotation, of which a hosted cluster has one`]
      : []),
    ...components.flatMap(componentFaults),
    ...usual
      .filter((type) => NEVER_USUAL.includes(type))
      .map((type) => `condition ${type} is never usual: it says that the control plane itself is not right`),
    ...never.map(
      (name) =>
        `guard ${JSON.stringify(name)} always holds: only ${ACCEPTABLE.join(' and ')} may be accepted`,
    ),
  ];
}

function componentFaults({ name, lever, repository, payloadName, workload }: ComponentSettings): string[] {
  const faults: string[] = [];
  if (!isRepository(repository))
    faults.push(
      `repository ${JSON.stringify(repository)} of ${name}: expected host/path without tag or digest`,
    );
  if (lever === 'image-overrides' && payloadName === undefined)
    faults.push(`${name} uses image-overrides: give its payloadName, the component's name in the release`);
  if (lever === 'workload-image' && workload === undefined)
    faults.push(`${name} uses workload-image: give its workload (kind, namespace, name, container)`);
  return faults;
}

/** A name an image may be pulled under: nothing in it can end a reference early or begin another in a list. */
export const isRepository = (text: string): boolean =>
  text.length <= 255 && /^[a-z0-9.-]+(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+$/.test(text);
