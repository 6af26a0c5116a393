import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { join } from 'node:path';
import { type Credentials, credentialsOf, partOf, tokenIn } from './credentials.ts';
import { readKubeconfig } from './kubeconfig.ts';
import { NoAccess } from './no-access.ts';

/** How an API server is reached and who asks. */
export type Access = {
  /** `https://HOST:PORT`, perhaps with a path. */
  readonly server: string;
  /** The certificate authority, client certificate and headers of a request made now: tokens change while we run. */
  readonly options: () => Promise<RequestOptions>;
  /** The server does not know who asks (401) by these: they are to be fetched anew, unless others did meanwhile. Absent: they are fixed. */
  readonly renew?: (refused: RequestOptions) => void;
};

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

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
  return accessBy(server, { ca }, tokenIn(join(dir, 'token')));
}

async function fromKubeconfig(file: string, context: string | undefined): Promise<Access> {
  const config = await readKubeconfig(file, context);
  const { server, 'tls-server-name': servername, 'proxy-url': proxy, ...cluster } = config.cluster;
  if (proxy)
    throw new NoAccess(
      `the kubeconfig ${file} reaches ${server} through a proxy (proxy-url), which is not supported. Next: a server that is reached directly`,
    );
  const ca = await partOf(config, 'certificate-authority');
  const trust = {
    ...(ca !== undefined && { ca }),
    ...(servername && { servername }),
    ...(cluster['insecure-skip-tls-verify'] && { rejectUnauthorized: false }),
  };
  return accessBy(server, trust, credentialsOf(config));
}

const accessBy = (server: string, trust: RequestOptions, { options, renew }: Credentials): Access => ({
  server,
  options: async () => ({ ...trust, ...(await options()) }),
  ...(renew && { renew }),
});
