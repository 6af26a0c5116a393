import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Somebody the API server knows by a bearer token. Rights come from RBAC, or from the group `system:masters`. */
export type Identity = { readonly user: string; readonly groups?: readonly string[] };

export const ADMIN = 'admin';
const ADMINS: readonly Identity[] = [
  { user: ADMIN, groups: ['system:masters'] },
  // The controllers run with all rights: giving each its own would test Kubernetes, not us.
  { user: 'system:kube-controller-manager', groups: ['system:masters'] },
];

export type Identities = {
  /** For `--token-auth-file`. */
  readonly tokensFile: string;
  /** An EC key that signs and verifies the tokens of service accounts. */
  readonly keyFile: string;
  readonly tokens: ReadonlyMap<string, string>;
};

/** The identities of the cluster in this folder; what was made before stays, so that a kubeconfig stays good. */
export function identitiesIn(dir: string, more: readonly Identity[]): Identities {
  const [tokensFile, keyFile] = [path.join(dir, 'tokens.csv'), path.join(dir, 'service-accounts.key')];
  if (!existsSync(keyFile)) writeFileSync(keyFile, newKey(), { mode: 0o600 });
  const before = existsSync(tokensFile)
    ? tokensIn(readFileSync(tokensFile, 'utf8'))
    : new Map<string, string>();
  const all = [...ADMINS, ...more];
  const tokens = new Map(
    all.map(({ user }) => [user, before.get(user) ?? randomBytes(24).toString('base64url')]),
  );
  const lines = all.map(
    ({ user, groups = [] }) => `${tokens.get(user)},${user},${user},"${groups.join(',')}"\n`,
  );
  writeFileSync(tokensFile, lines.join(''), { mode: 0o600 });
  return { tokensFile, keyFile, tokens };
}

const newKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    format: 'pem',
    type: 'sec1',
  }) as string;

const tokensIn = (csv: string): Map<string, string> =>
  new Map(
    csv.split('\n').flatMap((line) => (line ? [[line.split(',')[1]!, line.split(',')[0]!] as const] : [])),
  );

/** A kubeconfig as JSON, which is YAML too. It holds the token: for its owner only. */
export function kubeconfig(to: {
  readonly url: string;
  readonly ca: string;
  readonly user: string;
  readonly token: string;
}): string {
  const name = 'fleetfix-test';
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': name,
      clusters: [
        {
          name,
          cluster: { server: to.url, 'certificate-authority-data': Buffer.from(to.ca).toString('base64') },
        },
      ],
      users: [{ name: to.user, user: { token: to.token } }],
      contexts: [{ name, context: { cluster: name, user: to.user } }],
    },
    undefined,
    2,
  );
}
