import { resolve } from 'node:path';
import { z } from 'zod';
import { run } from '../process/run.ts';
import type { ExecPlugin, Kubeconfig } from './kubeconfig.ts';
import { NoAccess } from './no-access.ts';

/** What a plugin gives: a token, a client certificate with its key, or both; `expiresAtMs` since the epoch, Infinity when not told. */
export type ExecCredential = {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly expiresAtMs: number;
};

const WITHIN_MS = 30_000;
const OUTPUT_BYTES_MAX = 1024 * 1024;

const printed = z.object({
  apiVersion: z.string(),
  kind: z.literal('ExecCredential'),
  status: z.object({
    token: z.string().min(1).nullish(),
    clientCertificateData: z.string().min(1).nullish(),
    clientKeyData: z.string().min(1).nullish(),
    expirationTimestamp: z.iso.datetime({ offset: true }).nullish(),
  }),
});

/**
 * Runs the credential plugin of a kubeconfig's user, as kubectl does but without a terminal. Throws NoAccess. Nothing that it printed
 * on its output is ever told: it may be the secret.
 */
export async function askPlugin(
  plugin: ExecPlugin,
  config: Kubeconfig,
  withinMs = WITHIN_MS,
): Promise<ExecCredential> {
  const { command, installHint } = plugin;
  const where = `the credential plugin ${command} of user ${config.user.name} in the kubeconfig ${config.file}`;
  const next = 'Next: run it by hand, as the user and with the environment of this program';
  const ran = await run({
    file: /[/\\]/.test(command) ? resolve(config.folder, command) : command,
    args: plugin.args ?? [],
    env: environmentOf(plugin, config),
    timeoutMs: withinMs,
    keepBytesMax: OUTPUT_BYTES_MAX,
  });
  const said = lastWords(ran.stderr);
  if (ran.ended === 'not started')
    throw new NoAccess(
      `${where} could not be started: ${said}. Next: ${installHint ? lastWords(installHint) : 'install it, or write its whole path into the kubeconfig'}`,
    );
  if (ran.ended !== 'exited')
    throw new NoAccess(
      `${where} did not end within ${withinMs / 1_000} s${said && ` (it said: ${said})`}. It may wait for a person, and there is none. ${next}`,
    );
  if (ran.code !== 0) {
    const how = ran.killedBy === undefined ? `ended with code ${ran.code}` : `was ended by ${ran.killedBy}`;
    throw new NoAccess(`${where} ${how}${said && `: ${said}`}. ${next}`);
  }
  const read = readPrinted(ran.stdout, plugin);
  if ('fault' in read) throw new NoAccess(`${where} gave no credential: ${read.fault}. ${next}`);
  return read;
}

function environmentOf({ env, apiVersion, provideClusterInfo }: ExecPlugin, { cluster }: Kubeconfig) {
  const info = {
    server: cluster.server,
    'certificate-authority-data': cluster['certificate-authority-data'] ?? undefined,
    'tls-server-name': cluster['tls-server-name'] ?? undefined,
    'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'] ?? undefined,
  };
  const spec = { interactive: false, ...(provideClusterInfo && { cluster: info }) };
  const ours = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return Object.fromEntries([
    ...ours,
    ...(env ?? []).map(({ name, value }) => [name, value] as const),
    ['KUBERNETES_EXEC_INFO', JSON.stringify({ apiVersion, kind: 'ExecCredential', spec })] as const,
  ]);
}

function readPrinted(
  stdout: Buffer,
  { apiVersion }: ExecPlugin,
): ExecCredential | { readonly fault: string } {
  let value: unknown;
  try {
    value = JSON.parse(stdout.toString('utf8'));
  } catch {
    return { fault: `what it printed (${stdout.length} bytes) is no JSON` };
  }
  const read = printed.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    return { fault: `${issue!.path.join('.') || 'what it printed'}: ${issue!.message}` };
  }
  const { status } = read.data;
  if (read.data.apiVersion !== apiVersion)
    return { fault: `it is not of apiVersion ${apiVersion}, which the kubeconfig asks for` };
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp: until } = status;
  if (!token && !cert) return { fault: 'there is neither a token nor a clientCertificateData in it' };
  if (Boolean(cert) !== Boolean(key)) return { fault: 'clientCertificateData and clientKeyData go together' };
  return {
    ...(token && { token }),
    ...(cert && key && { cert, key }),
    expiresAtMs: until ? Date.parse(until) : Number.POSITIVE_INFINITY,
  };
}

const lastWords = (said: string): string => said.trim().replaceAll(/\s+/g, ' ').slice(-300);
