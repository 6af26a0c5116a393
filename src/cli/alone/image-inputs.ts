import { dirname, resolve } from 'node:path';
import { isCommit } from '../../core/base/ids.ts';
import { instantOf } from '../../core/base/instant.ts';
import { IMAGE_RULES, type ImageRules, type ImageWanted } from '../../core/proof/image.ts';
import type { Keyless, NamedBundle, RegistryReach, Trust, TrustedKey } from '../../ports/registry.ts';
import { type ImagePolicy, imagePolicySchema } from '../../wire/image-policy.ts';
import { misuse } from '../exit.ts';
import { readText } from './read-text.ts';

export type ImageInput = {
  readonly ref: string;
  readonly commit: string;
  readonly key?: readonly string[];
  readonly bundle?: readonly string[];
  readonly identity?: readonly string[];
  readonly builder?: readonly string[];
  readonly source?: readonly string[];
  readonly arch?: readonly string[];
  readonly deployed?: string;
  readonly policy?: string;
  readonly authfile?: string;
  readonly plainHttp?: readonly string[];
};

/** Everything a verification needs, of flags and policy together. Flags add to lists of the policy. */
export type ImageQuestion = {
  readonly wanted: Omit<ImageWanted, 'deployed'>;
  readonly trust: Trust;
  readonly reach: RegistryReach;
};

const FILE_BYTES_MAX = 1024 * 1024;
const BUNDLE_BYTES_MAX = 32 * 1024 * 1024;

/** Reads all files that are named. Throws a misuse that names the flag or the field. */
export async function readImageQuestion(
  input: ImageInput,
  stdin: NodeJS.ReadableStream,
): Promise<ImageQuestion> {
  if (!isCommit(input.commit))
    throw misuse(
      `--commit ${input.commit} is no whole id of a commit: expected 40 or 64 hex digits in lower case`,
    );
  const policy = input.policy === undefined ? {} : await readImagePolicy(input.policy, stdin);
  const architectures = [
    ...(policy.architectures ?? []),
    ...(input.arch ?? []).flatMap((one) => one.split(',')),
  ];
  return {
    wanted: {
      commit: input.commit,
      architectures: architectures.map((one) => platformIn(one)),
      builders: [...(policy.builders ?? []), ...(input.builder ?? [])],
      sources: [...(policy.sources ?? []), ...(input.source ?? [])],
      rules: rulesOf(policy),
    },
    trust: await trustOf(input, policy, stdin),
    reach: reachOf(input, policy),
  };
}

/** `arm64` is `linux/arm64`. */
function platformIn(given: string): string {
  const text = given.trim();
  if (!/^[a-z0-9]+(\/[a-z0-9_]+){0,2}$/.test(text))
    throw misuse(`${text} is no platform: expected os/architecture, such as linux/amd64`);
  return text.includes('/') ? text : `linux/${text}`;
}

function rulesOf({
  labels,
  weakParameters,
  parametersThatMayWeaken = [],
  ...policy
}: ImagePolicy): ImageRules {
  const weak = Object.entries({ ...IMAGE_RULES.weakParameters, ...weakParameters });
  return {
    commitLabels: labels?.commit ?? IMAGE_RULES.commitLabels,
    labelsThatMayGo: [...IMAGE_RULES.labelsThatMayGo, ...(labels?.mayGo ?? [])],
    weakParameters: Object.fromEntries(
      weak
        .filter(([name]) => !parametersThatMayWeaken.includes(name))
        .map(([name, values]) => [name, values.map((value) => value.toLowerCase())]),
    ),
    signature: policy.signature ?? IMAGE_RULES.signature,
    platformsProvenBy: policy.platformsProvenBy ?? IMAGE_RULES.platformsProvenBy,
  };
}

async function trustOf(input: ImageInput, policy: ImagePolicy, stdin: NodeJS.ReadableStream): Promise<Trust> {
  const beside = (file: string) => resolve(dirname(input.policy ?? '.'), file);
  const named = await Promise.all(
    (policy.keys ?? []).map((key) => keyOf({ ...key, file: beside(key.file) }, stdin)),
  );
  const given = await Promise.all((input.key ?? []).map((file) => keyOf({ file }, stdin)));
  const rootFile = policy.trustedRoot === undefined ? [] : [beside(policy.trustedRoot)];
  const files = [...rootFile, ...(input.bundle ?? [])];
  const read = await Promise.all(files.map((file) => bundleOf(file, stdin)));
  const roots = read.filter(({ bundle }) => isTrustedRoot(bundle));
  if (roots.length > 1)
    throw misuse(`${roots.map(({ name }) => name).join(' and ')} are trusted roots: expected one`);
  const keyless = keylessOf(roots[0], identitiesOf(input, policy));
  return {
    keys: [...named, ...given],
    bundles: read.filter(({ bundle }) => !isTrustedRoot(bundle)),
    ...(keyless && { keyless }),
  };
}

function keylessOf(root: NamedBundle | undefined, identities: Keyless['identities']): Keyless | undefined {
  if (root === undefined && identities.length === 0) return undefined;
  if (root === undefined)
    throw misuse(
      '--identity needs a trusted root: name a trusted_root.json with --bundle or trustedRoot in --policy',
    );
  if (identities.length === 0)
    throw misuse(
      `with the trusted root ${root.name}, everybody could sign: name who may with --identity SUBJECT=ISSUER`,
    );
  return { trustedRoot: root.bundle, identities };
}

function identitiesOf(input: ImageInput, policy: ImagePolicy): Keyless['identities'] {
  const given = (input.identity ?? []).map((text) => {
    const at = text.lastIndexOf('=https://');
    if (at < 1)
      throw misuse(
        `--identity ${text}: expected SUBJECT=ISSUER, such as ci@example.com=https://issuer.example`,
      );
    return { subject: text.slice(0, at), issuer: text.slice(at + 1) };
  });
  return [...(policy.identities ?? []), ...given];
}

type KeyFile = NonNullable<ImagePolicy['keys']>[number];

async function keyOf(key: KeyFile, stdin: NodeJS.ReadableStream): Promise<TrustedKey> {
  const { file, name = file, notBefore, notAfter } = key;
  return {
    name,
    pem: await readText(file, stdin, FILE_BYTES_MAX),
    ...(notBefore !== undefined && { notBefore: instantOf(Date.parse(notBefore)) }),
    ...(notAfter !== undefined && { notAfter: instantOf(Date.parse(notAfter)) }),
  };
}

async function bundleOf(file: string, stdin: NodeJS.ReadableStream): Promise<NamedBundle> {
  const text = await readText(file, stdin, BUNDLE_BYTES_MAX);
  try {
    return { name: file, bundle: JSON.parse(text) };
  } catch {
    throw misuse(`${file} is not JSON: expected a sigstore bundle or a trusted_root.json`);
  }
}

const isTrustedRoot = (value: unknown): boolean =>
  /^application\/vnd\.dev\.sigstore\.trustedroot/.test(
    String((value as { mediaType?: unknown } | null)?.mediaType),
  );

function reachOf(input: ImageInput, policy: ImagePolicy): RegistryReach {
  const hosts: Record<string, RegistryReach['hosts'][string]> = {};
  for (const [host, { mirrors, plainHttp, tokenHosts }] of Object.entries(policy.registries ?? {}))
    hosts[host] = {
      ...(mirrors && { mirrors }),
      ...(plainHttp && { plainHttp }),
      ...(tokenHosts && { tokenHosts }),
    };
  for (const host of input.plainHttp ?? []) hosts[host] = { ...hosts[host], plainHttp: true };
  return { hosts, ...(input.authfile !== undefined && { authFile: input.authfile }) };
}

async function readImagePolicy(file: string, stdin: NodeJS.ReadableStream): Promise<ImagePolicy> {
  const text = await readText(file, stdin, FILE_BYTES_MAX);
  const { parse } = await import('yaml');
  const read = (): unknown => {
    try {
      return parse(text, { maxAliasCount: 10 });
    } catch (problem) {
      throw misuse(`${file} is not YAML: ${(problem as Error).message.split('\n')[0]}`);
    }
  };
  const policy = imagePolicySchema.safeParse(read() ?? {});
  if (policy.success) return policy.data;
  const { path, message } = policy.error.issues[0]!;
  throw misuse(`${file}: ${path.join('.') || 'the whole'}: ${message} (docs/images.md)`);
}
