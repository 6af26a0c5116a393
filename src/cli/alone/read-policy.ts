import type { Pace } from '../../core/pace/pace.ts';
import type { ScopePolicy } from '../../core/scope/policy.ts';
import { paceSchema } from '../../wire/config.ts';
import { paceOf } from '../../wire/config-facts.ts';
import { scopePolicySchema } from '../../wire/scope.ts';
import { misuse } from '../exit.ts';
import { readYaml } from './read-yaml.ts';

const BYTES_MAX = 1024 * 1024;

/**
 * The pace a file asks for: `pace:` of a policy, or of the policy of a configuration (the one called `default`, or the
 * only one). YAML or JSON. Throws a misuse that names the field.
 */
export async function readPolicyPace(file: string, stdin: NodeJS.ReadableStream): Promise<Partial<Pace>> {
  const pace = paceSchema.safeParse(await readPolicyFile(file, stdin));
  if (pace.success) return paceOf(pace.data);
  const { path, message } = pace.error.issues[0]!;
  throw misuse(`${file}: ${['pace', ...path].join('.')}: ${message} (docs/config.md)`);
}

/**
 * When the scope gate asks or blocks: `scope:` of a policy, found as the pace is. Throws a misuse that names the field.
 */
export async function readPolicyScope(file: string, stdin: NodeJS.ReadableStream): Promise<ScopePolicy> {
  const { scope = {} } = await readPolicy(file, stdin);
  const read = scopePolicySchema.safeParse(scope);
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  throw misuse(`${file}: ${['scope', ...path].join('.')}: ${message} (docs/scope.md)`);
}

/** The pace as it is written, for a hub to read. Throws a misuse: not YAML, or no policy in it. */
export async function readPolicyFile(file: string, stdin: NodeJS.ReadableStream): Promise<unknown> {
  return (await readPolicy(file, stdin)).pace ?? {};
}

type Written = { readonly pace?: unknown; readonly scope?: unknown };

async function readPolicy(file: string, stdin: NodeJS.ReadableStream): Promise<Written> {
  return policyIn(await readYaml(file, stdin, { bytesMax: BYTES_MAX }), file);
}

function policyIn(value: unknown, file: string): Written {
  if (value === null || typeof value !== 'object')
    throw misuse(`${file}: expected a policy with pace: or a configuration with policies:`);
  const policies = (value as { policies?: unknown }).policies;
  if (!Array.isArray(policies)) return value;
  const named =
    policies.find((p) => p?.name === 'default') ?? (policies.length === 1 ? policies[0] : undefined);
  if (named !== undefined && named !== null) return named;
  throw misuse(`${file}: expected one policy, or one called default, among ${policies.length}`);
}
