import { z } from 'zod';
import { ROLES } from '../core/base/roles.ts';

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'expected lower-case letters, digits, dots and dashes, at most 63');
const role = z.enum(ROLES);
const repository = z
  .string()
  .regex(/^([\w.:-]+\/)?[\w.-]+\/[\w.-]+$/, 'expected OWNER/NAME or HOST/OWNER/NAME');

/** The closing checklist of a policy (docs/closing.md). */
export const closingSchema = z
  .array(
    z.discriminatedUnion('kind', [
      z.strictObject({ name, kind: z.literal('gates') }),
      z.strictObject({ name, kind: z.literal('tests'), role: role.default('qe') }),
      z.strictObject({
        name,
        kind: z.literal('pull-request'),
        repository: repository.exactOptional(),
        contains: z.literal('change').exactOptional(),
      }),
      z.strictObject({ name, kind: z.literal('link') }),
      z.strictObject({ name, kind: z.literal('advisory') }),
      z.strictObject({ name, kind: z.literal('word'), role }),
    ]),
  )
  .max(64)
  .refine(
    (all) => new Set(all.map((item) => item.name)).size === all.length,
    'expected every item to have its own name',
  );

const host = z
  .string()
  .max(255)
  .regex(/^[a-z0-9.[\]:-]+$/, 'expected HOST or HOST:PORT, in lower case');
const hosts = z.array(host).max(1_000);
const file = z.string().min(1).max(4_096);

/** Which addresses the hub may look at, for checklists. What is not named is not asked. */
export const linksSchema = z.strictObject({
  hosts: hosts.default([]),
  /** Those of them that are in one's own network: at a private address, or on this machine. */
  inside: hosts.default([]),
  /** Those of them that are asked without TLS. */
  plainHttp: hosts.default([]),
  /** A file with a token for a host, sent to no other; beside this file when it is no absolute path. */
  tokens: z.record(host, file).default({}),
  /** Where the REST API of a GitHub is, by the host of its pull requests. */
  github: z
    .record(host, z.url({ protocol: /^https?$/ }).max(1_024))
    .default({ 'github.com': 'https://api.github.com' }),
});

export type LinksConfig = z.output<typeof linksSchema>;
