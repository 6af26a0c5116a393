import { isExempt } from './no-proxy.ts';
import type { HostedCluster } from './objects.ts';

/**
 * Why another control-plane-operator image would roll every node pool of a hosted cluster; undefined when it would not.
 *
 * Where nodes reach a public API server through an https proxy, the static pod kube-apiserver-proxy on every node runs
 * the control-plane-operator's image, so the image is part of the nodes' configuration
 * (hypershift-operator/controllers/nodepool/apiserver-haproxy/haproxy.go). What cannot be told counts as the trap.
 */
export function proxyTrap(cluster: HostedCluster): string | undefined {
  const { httpsProxy = '', noProxy = '' } = cluster.spec?.configuration?.proxy ?? {};
  if (httpsProxy === '' || !isReachedThroughInternet(cluster)) return undefined;
  if (isNamedByHeuristic(cluster, noProxy)) return undefined;
  const endpoints = [externalOf(cluster), internalOf(cluster)];
  const known = endpoints.filter((e) => e !== undefined);
  if (noProxy !== '' && known.some((endpoint) => isExempt(noProxy, endpoint))) return undefined;
  const open = known.map((e) => e.host).join(' and ');
  const why =
    noProxy !== '' && endpoints[0] === undefined
      ? 'whether its no-proxy list exempts the API server cannot be told'
      : `its no-proxy list does not exempt ${open}`;
  return `would roll its node pools: nodes reach the API server through the https proxy, and ${why}`;
}

/** ConnectsThroughInternetToControlplane of support/netutil/public.go. */
function isReachedThroughInternet({ spec }: HostedCluster): boolean {
  const { aws, azure } = spec?.platform ?? {};
  if (aws !== undefined) return aws.endpointAccess === undefined || aws.endpointAccess === 'Public';
  if (azure !== undefined) return (azure.topology ?? '') === '' || azure.topology === 'Public';
  return true;
}

type Endpoint = { readonly host: string; readonly port: number };

/** Behind the shared ingress of ARO the address is a load balancer's, which a hosted cluster does not say. */
function externalOf({ spec, status }: HostedCluster): Endpoint | undefined {
  const shared =
    spec?.platform?.azure?.azureAuthenticationConfig?.azureAuthenticationConfigType === 'ManagedIdentities';
  const { host = '', port = 443 } = status?.controlPlaneEndpoint ?? {};
  return shared || host === '' ? undefined : { host, port };
}

/** Defaults of support/config/constants.go. */
function internalOf({ spec }: HostedCluster): Endpoint {
  const { apiServer, serviceNetwork } = spec?.networking ?? {};
  const isV6 = (serviceNetwork?.[0]?.cidr ?? '').includes(':');
  return {
    host: apiServer?.advertiseAddress ?? (isV6 ? 'fd00::1' : '172.20.0.1'),
    port: apiServer?.port ?? 6443,
  };
}

/** shouldSkipProxyForKAS keeps two earlier rules: an entry with `kubernetes` in it, and the networks as they are written. */
function isNamedByHeuristic({ spec }: HostedCluster, noProxy: string): boolean {
  const networks = [spec?.networking?.serviceNetwork?.[0]?.cidr, spec?.networking?.clusterNetwork?.[0]?.cidr];
  return noProxy
    .split(',')
    .map((entry) => entry.trim())
    .some((entry) => entry.includes('kubernetes') || (entry !== '' && networks.includes(entry)));
}
