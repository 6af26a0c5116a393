import type { Digest } from '../base/ids.ts';
import { digestIn, repositoryOf, type SameImage } from './image-ref.ts';
import type { Container, Hosted, Workload, WorkloadKind } from './objects.ts';
import type { ComponentSettings } from './settings.ts';

export const CPO_NAME = 'control-plane-operator';

/**
 * Where the control-plane-operator is told which image its helper containers get (v2/controlplaneoperator/deployment.go):
 * its own, or the HyperShift Operator's when its image has not the label control-plane-operator-subcommands.
 */
export const HELPER_IMAGES: readonly string[] = [
  'SOCKS5_PROXY_IMAGE',
  'AVAILABILITY_PROBER_IMAGE',
  'TOKEN_MINTER_IMAGE',
];

/**
 * Containers that hold the control-plane-operator's image under every release, unless it is told of another one for them (names in the templates under
 * control-plane-operator/controllers/hostedcontrolplane/v2). One that lags behind is so recognised even when nobody
 * remembers the image it holds. Names that held another image in some release are not in it.
 */
const ITS_CONTAINERS: ReadonlySet<string> = new Set([
  CPO_NAME,
  'hosted-cluster-config-operator',
  'control-plane-pki-operator',
  'availability-prober',
  'token-minter',
  'token-minter-kube',
  'cloud-token-minter',
  'apiserver-token-minter',
  'client-token-minter',
  'init-client-token-minter',
  'konnectivity-proxy-socks5',
  'konnectivity-proxy-https',
  'ensure-dns',
]);

/** Everything that runs the image of one component in one control plane. */
export type Family = {
  /** The workload that gets the image first, or what it is called when it is not there. */
  readonly anchor: Workload | undefined;
  readonly anchorName: string;
  readonly workloads: readonly Workload[];
  has(container: Container): boolean;
  /** The index of the image that a reference or an imageID names; undefined when it names none by digest. */
  digestOf(ref: string): Digest | undefined;
};

type Anchor = { readonly kind: WorkloadKind; readonly name: string; readonly container: string };

function anchorOf({ lever, payloadName = '', workload }: ComponentSettings): Anchor {
  if (lever === 'annotation') return { kind: 'Deployment', name: CPO_NAME, container: CPO_NAME };
  return workload ?? { kind: 'Deployment', name: payloadName, container: payloadName };
}

/**
 * The family of a component. Its images are told by what the anchor holds, by the images it is known to have held (`known`),
 * by its repository unless others lie in it too, and, for the control-plane-operator, by the names of containers.
 */
export function familyOf(
  hosted: Pick<Hosted, 'workloads'>,
  component: ComponentSettings,
  { known, sameImage }: { readonly known: readonly Digest[]; readonly sameImage: SameImage },
): Family {
  const { kind, name, container } = anchorOf(component);
  const anchor = hosted.workloads.find((w) => w.kind === kind && w.metadata.name === name);
  const first = anchor?.spec?.template?.spec?.containers?.find((c) => c.name === container);
  const held = first?.image;
  const digests = new Set([...known, digestIn(held)].flatMap((d) => (d === undefined ? [] : sameImage(d))));
  const isItsImage = remembered((image) => {
    const digest = digestIn(image);
    if (image === held || (digest !== undefined && digests.has(sameImage(digest)))) return true;
    return !component.sharedRepository && repositoryOf(image) === component.repository;
  });
  const byName = component.lever === 'annotation' ? ITS_CONTAINERS : new Set<string>();
  const borrowed = new Set(
    HELPER_IMAGES.flatMap((key) => first?.env?.find((e) => e.name === key)?.value ?? []),
  );
  const has = ({ name, image }: Container): boolean =>
    image !== undefined && (isItsImage(image) || (byName.has(name) && !borrowed.has(image)));
  const digestOf = remembered((ref) => {
    const digest = digestIn(ref);
    return digest && sameImage(digest);
  });
  const workloads = hosted.workloads.filter((w) => w === anchor || templateContainers(w).some(has));
  return { anchor, anchorName: `${kind} ${name}`, workloads, has, digestOf };
}

/** A control plane names few images many times. */
function remembered<T>(ask: (ref: string) => T): (ref: string) => T {
  const answers = new Map<string, T>();
  return (ref) => {
    if (!answers.has(ref)) answers.set(ref, ask(ref));
    return answers.get(ref)!;
  };
}

export const templateContainers = ({ spec }: Workload): readonly Container[] => [
  ...(spec?.template?.spec?.initContainers ?? []),
  ...(spec?.template?.spec?.containers ?? []),
];
