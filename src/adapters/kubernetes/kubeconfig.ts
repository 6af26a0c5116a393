import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { NoAccess } from './no-access.ts';

// https://kubernetes.io/docs/reference/config-api/kubeconfig.v1 and client-authentication.v1: what of a kubeconfig is read. Files
// made by tools hold more, and null where there is nothing.

const text = z.string().nullish();
const exec = z.object({
  apiVersion: z.enum(['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string().min(1), value: z.string() })).nullish(),
  installHint: text,
  interactiveMode: z.enum(['Never', 'IfAvailable', 'Always']).nullish(),
  provideClusterInfo: z.boolean().nullish(),
});
const cluster = z.object({
  server: z.url({ protocol: /^https?$/ }),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': z.boolean().nullish(),
  'tls-server-name': text,
  'proxy-url': text,
});
const user = z.object({
  token: text,
  tokenFile: text,
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  username: text,
  as: text,
  'auth-provider': z.unknown().optional(),
  exec: exec.nullish(),
});
/** What is named in the file is looked at when it is used: another's fault in it is no fault of ours. */
const named = (of: string) => z.array(z.looseObject({ name: z.string(), [of]: z.unknown() })).nullish();
const context = z.object({ cluster: z.string(), user: text });
const file = z.object({
  'current-context': text,
  clusters: named('cluster'),
  contexts: named('context'),
  users: named('user'),
});

export type ExecPlugin = z.infer<typeof exec>;
export type KubeconfigUser = z.infer<typeof user>;

/** The part of a kubeconfig that one context is. */
export type Kubeconfig = {
  readonly file: string;
  /** Names in it are relative to this folder. */
  readonly folder: string;
  readonly cluster: z.infer<typeof cluster>;
  readonly user: KubeconfigUser & { readonly name: string };
};

/** Reads the context of this name, or the current one. Throws NoAccess: with what is wrong, where, and what is allowed. */
export async function readKubeconfig(path: string, wanted?: string): Promise<Kubeconfig> {
  const where = `the kubeconfig ${path}`;
  const all = checked(file, await parsedFile(path), where);
  const contexts = all.contexts ?? [];
  const name = wanted ?? all['current-context'] ?? '';
  const found = contexts.find((c) => c.name === name);
  if (found === undefined) {
    const names = contexts.map((c) => c.name).join(', ') || 'none';
    const which = name === '' ? 'names no current-context' : `has no context ${name}`;
    throw new NoAccess(`${where} ${which}; its contexts: ${names}. Next: context: NAME`);
  }
  const chosen = checked(context, found.context, `${where}, context ${name}`);
  const pick = (list: typeof all.clusters, what: 'cluster' | 'user', it: string): unknown => {
    const one = list?.find((c) => c.name === it);
    if (one === undefined)
      throw new NoAccess(`${where} has no ${what} ${it}, which its context ${name} names`);
    return one[what];
  };
  const userName = chosen.user ?? '';
  return {
    file: path,
    folder: dirname(resolve(path)),
    cluster: checked(
      cluster,
      pick(all.clusters, 'cluster', chosen.cluster),
      `${where}, cluster ${chosen.cluster}`,
    ),
    user: {
      name: userName,
      ...checked(
        user,
        userName === '' ? {} : pick(all.users, 'user', userName),
        `${where}, user ${userName}`,
      ),
    },
  };
}

async function parsedFile(path: string): Promise<unknown> {
  try {
    return parse(await readFile(path, 'utf8'));
  } catch (problem) {
    // What is wrong with the text is told in its first line; the lines after it show the text, which may be a secret.
    const [first] = (problem as Error).message.split('\n');
    throw new NoAccess(`the kubeconfig ${path} cannot be read: ${first}`);
  }
}

/** Values are never told: they may be secrets. */
function checked<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const at = issue!.path.length === 0 ? '' : `${issue!.path.join('.')}: `;
  throw new NoAccess(`${where} cannot be used: ${at}${issue!.message}`);
}
