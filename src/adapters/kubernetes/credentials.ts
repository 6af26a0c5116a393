import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { resolve } from 'node:path';
import { askPlugin, type ExecCredential } from './exec-plugin.ts';
import type { Kubeconfig } from './kubeconfig.ts';
import { NoAccess } from './no-access.ts';

/** Who asks, as it is now. `renew` throws nothing away but what was refused: others may have renewed it meanwhile. */
export type Credentials = {
  readonly options: () => Promise<RequestOptions>;
  readonly renew?: (refused: RequestOptions) => void;
};

/** A mounted token is renewed long before it is over; reading it for every request would be a waste. */
const TOKEN_KEPT_MS = 60_000;

export const bearer = (token: string): RequestOptions => ({ headers: { authorization: `Bearer ${token}` } });

/** Of a user of a kubeconfig, in the order of kubectl. Throws NoAccess for what is not supported, and at each use for what fails then. */
export function credentialsOf(config: Kubeconfig, pluginWithinMs?: number): Credentials {
  const { user, folder } = config;
  const unfit = whyUnfit(config);
  if (unfit !== undefined) throw new NoAccess(`the kubeconfig ${config.file}, user ${user.name}: ${unfit}`);
  if (user.exec) {
    const { exec } = user;
    return kept(
      () => askPlugin(exec, config, pluginWithinMs),
      (it, nowMs) => nowMs < it.expiresAtMs,
      optionsOf,
    );
  }
  if (user.tokenFile) return tokenIn(resolve(folder, user.tokenFile));
  const { token } = user;
  const certificate = memo(async () => ({
    cert: await partOf(config, 'client-certificate'),
    key: await partOf(config, 'client-key'),
  }));
  return {
    options: async () => {
      const { cert, key } = await certificate();
      return { ...(cert && key && { cert, key }), ...(token && bearer(token)) };
    },
  };
}

function whyUnfit({ user }: Kubeconfig): string | undefined {
  if (user['auth-provider'])
    return 'auth-provider is not supported, nor is it by kubectl since 1.26. Next: a credential plugin (exec), or a tokenFile';
  if (user.username) return 'name and password are not supported, nor are they by Kubernetes since 1.19';
  if (user.as) return 'acting as somebody else (as) is not supported. Next: a user of its own';
  if (user.exec?.interactiveMode === 'Always')
    return `its plugin ${user.exec.command} asks a person each time (interactiveMode: Always), and there is none`;
  const has = (what: 'client-certificate' | 'client-key') => Boolean(user[what] || user[`${what}-data`]);
  return has('client-certificate') === has('client-key')
    ? undefined
    : 'client-certificate and client-key go together';
}

/** A token in a file, read anew every minute, and when it was refused. */
export const tokenIn = (file: string): Credentials =>
  kept(
    async () => {
      const token = await readFile(file, 'utf8').catch((problem: Error) => {
        throw new NoAccess(`the token cannot be read: ${problem.message}`);
      });
      return { token: token.trim(), readAtMs: performance.now() };
    },
    ({ readAtMs }) => performance.now() - readAtMs <= TOKEN_KEPT_MS,
    ({ token }) => bearer(token),
  );

const optionsOf = ({ token, cert, key }: ExecCredential): RequestOptions => ({
  ...(token !== undefined && bearer(token)),
  ...(cert !== undefined && { cert, key }),
});

/** Fetched once for all who ask at once, and again when it is over or refused. What failed is tried again by who asks next. */
function kept<T>(
  fetch: () => Promise<T>,
  isGood: (it: T, nowMs: number) => boolean,
  optionsFor: (it: T) => RequestOptions,
): Credentials {
  let under: Promise<T> | undefined;
  let has: { readonly it: T; readonly options: RequestOptions } | undefined;
  return {
    options: async () => {
      if (has !== undefined && isGood(has.it, Date.now())) return has.options;
      under ??= fetch().finally(() => {
        under = undefined;
      });
      const it = await under;
      if (has?.it !== it) has = { it, options: optionsFor(it) };
      return has.options;
    },
    renew: (refused) => {
      if (has !== undefined && isSame(has.options, refused)) has = undefined;
    },
  };
}

const isSame = (one: RequestOptions, other: RequestOptions): boolean =>
  authorizationOf(one) === authorizationOf(other) && one.cert === other.cert;
const authorizationOf = ({ headers }: RequestOptions) => (headers as Record<string, unknown>)?.authorization;

const memo = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    made.catch(() => {
      made = undefined;
    });
    return made;
  };
};

/** A certificate or key: written into the kubeconfig, or a file beside it. */
export async function partOf(
  { file, folder, user, cluster }: Kubeconfig,
  what: 'client-certificate' | 'client-key' | 'certificate-authority',
): Promise<string | undefined> {
  const from = what === 'certificate-authority' ? cluster : user;
  const parts = from as Readonly<Record<string, string | null | undefined>>;
  const written = parts[`${what}-data`];
  if (written) return Buffer.from(written, 'base64').toString('utf8');
  const path = parts[what];
  if (!path) return undefined;
  return await readFile(resolve(folder, path), 'utf8').catch((problem: Error) => {
    throw new NoAccess(`${what} of the kubeconfig ${file} cannot be read: ${problem.message}`);
  });
}
