import type { HostedCluster } from './objects.ts';

/**
 * The release image that the control plane's side is to run, as it is written in the spec: the control plane's own where
 * there is one, since HyperShift takes the control-plane-operator from that (hostedcluster_controller.go). Undefined: none is named.
 *
 * It goes into the mark beside the lever, so that admission policies on the management cluster, which cannot ask us, know for
 * which release an override was meant (deploy/agent/upgrade-*.yaml, docs/adr/0012-upgrades.md). They compare the text:
 * the same release under another name counts as another.
 */
export const releaseImageOf = ({ spec }: Pick<HostedCluster, 'spec'>): string | undefined =>
  spec?.controlPlaneRelease?.image || spec?.release?.image || undefined;
