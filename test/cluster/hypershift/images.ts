import type { Thing } from '../api.ts';
import { type OperatorOptions, type Ref, versionOf } from './options.ts';

export const OPERATOR_IMAGE = 'hypershift.openshift.io/control-plane-operator-image';

/** The image of a cluster's control-plane-operator, or why it cannot be told. */
export type Chosen =
  | { readonly ref: Ref; readonly fault?: undefined }
  | { readonly fault: string; readonly ref?: undefined };

/**
 * As GetControlPlaneOperatorImage of support/util/util.go: the annotation where its key is there, also when it is empty;
 * then the overrides by platform and exact version; then the release's own. What no registry answers for is a fault.
 */
export function operatorImage(cluster: Thing, options: OperatorOptions): Chosen {
  const ref = controlPlaneRelease(cluster) === '' ? undefined : preferred(cluster, options);
  if (ref === undefined) return { fault: `release ${controlPlaneRelease(cluster)} cannot be looked up` };
  if (ref === '') return { fault: 'failed to look up image metadata: could not parse reference ""' };
  const { resolvable = () => true } = options;
  return resolvable(ref) ? { ref } : { fault: `failed to look up image metadata for ${ref}` };
}

function preferred(cluster: Thing, { overrides = {}, releases }: OperatorOptions): Ref | undefined {
  const annotated: Ref | undefined = cluster.metadata.annotations?.[OPERATOR_IMAGE];
  if (annotated !== undefined) return annotated;
  const version = versionOf(controlPlaneRelease(cluster)) ?? '';
  const platform = String(cluster.spec?.platform?.type ?? '').toLowerCase();
  return overrides[platform]?.[version] ?? releases[version];
}

/** The release of the management side, where it has one of its own. */
export const controlPlaneRelease = ({ spec }: Thing): Ref =>
  spec?.controlPlaneRelease?.image ?? spec?.release?.image ?? '';
