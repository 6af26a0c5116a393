import { z } from 'zod';

const text = z.string().min(1).max(500);
const texts = z.array(text).max(100);
const at = z.iso.datetime({ offset: true });
const host = z.string().regex(/^[a-zA-Z0-9.[\]:-]+$/, 'expected host or host:port');

/** What an image must be, in a file: `--policy` of `fleetfix image verify`. Every field may be left out. */
export const imagePolicySchema = z.strictObject({
  architectures: texts.optional(),
  builders: texts.optional(),
  sources: texts.optional(),
  keys: z
    .array(
      z.strictObject({
        /** Beside the policy file when it is no absolute path. */
        file: text,
        name: text.optional(),
        notBefore: at.optional(),
        notAfter: at.optional(),
      }),
    )
    .max(100)
    .optional(),
  trustedRoot: text.optional(),
  identities: z
    .array(z.strictObject({ subject: text, issuer: text }))
    .max(100)
    .optional(),
  signature: z.enum(['required', 'optional']).optional(),
  platformsProvenBy: z.enum(['subject', 'index']).optional(),
  labels: z.strictObject({ commit: texts.min(1).optional(), mayGo: texts.optional() }).optional(),
  weakParameters: z.record(text, z.array(z.string().max(500))).optional(),
  parametersThatMayWeaken: texts.optional(),
  registries: z
    .record(
      host,
      z.strictObject({
        mirrors: texts.optional(),
        plainHttp: z.boolean().optional(),
        tokenHosts: z.array(host).max(20).optional(),
      }),
    )
    .optional(),
});

export type ImagePolicy = z.infer<typeof imagePolicySchema>;
