import { z } from 'zod';

const text = z.string().min(1).max(500);
const texts = z.array(text).max(100);
const at = z.iso.datetime({ offset: true });
const host = z.string().regex(/^[a-zA-Z0-9.[\]:-]+$/, 'expected host or host:port');

/** What an image must be, in a file: `--policy` of `fleetfix image verify`, `image` of a gate. Every field may be left out. */
export const imagePolicySchema = z.strictObject({
  architectures: texts.exactOptional(),
  builders: texts.exactOptional(),
  sources: texts.exactOptional(),
  keys: z
    .array(
      z.strictObject({
        /** Beside the file it is named in when it is no absolute path. */
        file: text,
        name: text.exactOptional(),
        notBefore: at.exactOptional(),
        notAfter: at.exactOptional(),
      }),
    )
    .max(100)
    .exactOptional(),
  trustedRoot: text.exactOptional(),
  identities: z
    .array(z.strictObject({ subject: text, issuer: text }))
    .max(100)
    .exactOptional(),
  signature: z.enum(['required', 'optional']).exactOptional(),
  platformsProvenBy: z.enum(['subject', 'index']).exactOptional(),
  labels: z
    .strictObject({ commit: texts.min(1).exactOptional(), mayGo: texts.exactOptional() })
    .exactOptional(),
  weakParameters: z.record(text, z.array(z.string().max(500))).exactOptional(),
  parametersThatMayWeaken: texts.exactOptional(),
  registries: z
    .record(
      host,
      z.strictObject({
        mirrors: texts.exactOptional(),
        plainHttp: z.boolean().exactOptional(),
        tokenHosts: z.array(host).max(20).exactOptional(),
      }),
    )
    .exactOptional(),
});
