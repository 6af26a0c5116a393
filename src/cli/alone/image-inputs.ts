import { dirname, resolve } from 'node:path';
import { isCommit } from '../../core/base/ids.ts';
import { type ImagePolicy, policyProblem, questionOf } from '../../core/proof/image-policy.ts';
import { isTrustedRoot, type Keyless, type NamedBundle } from '../../core/proof/trust.ts';
import type { ImageAsked, RegistryReach } from '../../ports/registry.ts';
import { imagePolicySchema } from '../../wire/image-policy.ts';
import { misuse } from '../exit.ts';
import { readText } from './read-text.ts';
import { readYaml } from './read-yaml.ts';

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

/** Everything a verification needs, of flags and policy together. */
export type ImageInputRead = { readonly asked: ImageAsked; readonly reach: RegistryReach };

const FILE_BYTES_MAX = 1024 * 1024;
const BUNDLE_BYTES_MAX = 32 * 1024 * 1024;

/** Reads all files that are named. Throws a misuse that names the flag or the field. */
export async function readImageQuestion(
  input: ImageInput,
  stdin: NodeJS.ReadableStream,
): Promise<ImageInputRead> {
  if (!isCommit(input.commit))
    throw misuse(
      `--commit ${input.commit} is no whole id of a commit: expected 40 or 64 hex digits in lower case`,
    );
  const written = input.policy === undefined ? {} : await readImagePolicy(input.policy, stdin);
  const named = withFlags(written, input);
  const files = [...(named.trustedRoot ? [named.trustedRoot] : []), ...(input.bundle ?? [])];
  const pems = await Promise.all((named.keys ?? []).map(({ file }) => readText(file, stdin, FILE_BYTES_MAX)));
  const read = await Promise.all(files.map((file) => bundleOf(file, stdin)));
  const root = onlyRoot(read);
  const { trustedRoot: _, ...rest } = named;
  const policy: ImagePolicy = { ...rest, ...(root && { trustedRoot: root.name }) };
  const problem = policyProblem(policy);
  if (problem !== undefined) throw misuse(problem);
  const bundles = read.filter(({ bundle }) => !isTrustedRoot(bundle));
  const question = questionOf(policy, { pems, bundles, ...(root && { trustedRoot: root.bundle }) });
  const deployed = input.deployed === undefined ? [] : [input.deployed];
  return {
    asked: { ...question, reference: input.ref, commit: input.commit, deployed },
    reach: {
      hosts: policy.registries ?? {},
      ...(input.authfile !== undefined && { authFile: input.authfile }),
    },
  };
}

/** The policy with what flags add to its lists; its files are found from where it lies. */
function withFlags(policy: ImagePolicy, input: ImageInput): ImagePolicy {
  const beside = (file: string) => resolve(dirname(input.policy ?? '.'), file);
  const registries = { ...policy.registries };
  for (const host of input.plainHttp ?? []) registries[host] = { ...registries[host], plainHttp: true };
  return {
    ...policy,
    architectures: [...(policy.architectures ?? []), ...(input.arch ?? []).flatMap((one) => one.split(','))],
    builders: [...(policy.builders ?? []), ...(input.builder ?? [])],
    sources: [...(policy.sources ?? []), ...(input.source ?? [])],
    keys: [
      ...(policy.keys ?? []).map((key) => ({ ...key, file: beside(key.file) })),
      ...(input.key ?? []).map((file) => ({ file })),
    ],
    identities: identitiesOf(input, policy),
    ...(policy.trustedRoot !== undefined && { trustedRoot: beside(policy.trustedRoot) }),
    registries,
  };
}

function onlyRoot(read: readonly NamedBundle[]): NamedBundle | undefined {
  const roots = read.filter(({ bundle }) => isTrustedRoot(bundle));
  if (roots.length > 1)
    throw misuse(`${roots.map(({ name }) => name).join(' and ')} are trusted roots: expected one`);
  return roots[0];
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

async function bundleOf(file: string, stdin: NodeJS.ReadableStream): Promise<NamedBundle> {
  const text = await readText(file, stdin, BUNDLE_BYTES_MAX);
  try {
    return { name: file, bundle: JSON.parse(text) };
  } catch {
    throw misuse(`${file} is not JSON: expected a sigstore bundle or a trusted_root.json`);
  }
}

async function readImagePolicy(file: string, stdin: NodeJS.ReadableStream): Promise<ImagePolicy> {
  const policy = imagePolicySchema.safeParse(
    (await readYaml(file, stdin, { bytesMax: FILE_BYTES_MAX })) ?? {},
  );
  if (policy.success) return policy.data;
  const { path, message } = policy.error.issues[0]!;
  throw misuse(`${file}: ${path.join('.') || 'the whole'}: ${message} (docs/images.md)`);
}
