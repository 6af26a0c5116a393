import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { join } from 'node:path';

/** How an API server is reached and who asks. */
export type Access = {
  /** `https://HOST:PORT`, perhaps with a path. */
  readonly server: string;
  /** The certificate authority, client certificate and headers of a request made now: tokens change while we run. */
  readonly options: () => Promise<RequestOptions>;
};

/** There is no way to an API server here; the message says what was looked for and what to do. */
export class NoAccess extends Error {
  override name = 'NoAccess';
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** A mounted token is renewed long before it is over; reading it for every request would be a waste. */
const TOKEN_KEPT_MS = 60_000;

/**
 * The API server of the pod we run in, or the one a kubeconfig names (default context unless `context`). Throws NoAccess.
 */
export async function openAccess(
  from: { readonly kubeconfig?: string; readonly context?: string },
  env: NodeJS.ProcessEnv = process.env,
): Promise<Access> {
  if (from.kubeconfig !== undefined) return await fromKubeconfig(from.kubeconfig, from.context);
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (host === undefined || port === undefined)
    throw new NoAccess(
      'no API server: not in a pod (KUBERNETES_SERVICE_HOST is not set) and the configuration names no kubeconfig. Next: kubeconfig: FILE',
    );
  return await inPod(`https://${host.includes(':') ? `[${host}]` : host}:${port}`, SERVICE_ACCOUNT);
}

/** By the service account that is mounted in `dir`. */
export async function inPod(server: string, dir: string): Promise<Access> {
  const ca = await readFile(join(dir, 'ca.crt'), 'utf8').catch((problem: Error) => {
    throw new NoAccess(`the service account's ca.crt cannot be read: ${problem.message}`);
  });
  let kept: { readonly token: string; readonly at: number } | undefined;
  const token = async () => {
    if (kept === undefined || performance.now() - kept.at > TOKEN_KEPT_MS)
      kept = { token: (await readFile(join(dir, 'token'), 'utf8')).trim(), at: performance.now() };
    return kept.token;
  };
  return { server, options: async () => ({ ca, headers: { authorization: `Bearer ${await token()}` } }) };
}

async function fromKubeconfig(file: string, context: string | undefined): Promise<Access> {
  // The library brings every kind of Kubernetes along (90 MB in memory); only who reads a kubeconfig pays for it.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch (problem) {
    throw new NoAccess(`the kubeconfig ${file} cannot be read: ${(problem as Error).message}`);
  }
  const names = config.getContexts().map((c) => c.name);
  if (context !== undefined) {
    if (!names.includes(context))
      throw new NoAccess(
        `the kubeconfig ${file} has no context ${context}; it has ${names.join(', ') || 'none'}`,
      );
    config.setCurrentContext(context);
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new NoAccess(
      `the kubeconfig ${file} names no cluster for context ${config.getCurrentContext() || '(none)'}`,
    );
  return {
    server: cluster.server,
    options: async () => {
      const options: RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      return options;
    },
  };
}
