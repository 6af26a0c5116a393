import type { Digest } from '../../core/base/ids.ts';
import type { ImageSeen, PlatformImage, Signed } from '../../core/proof/image.ts';
import { type LookMore, RegistryProblem } from '../../ports/registry.ts';
import { type Client, createClient } from './client.ts';
import { type Descriptor, type Document, fields, jsonOf, platformText, texts } from './documents.ts';
import { createJudge, type Judge } from './judge.ts';
import { type Reference, readReference } from './reference.ts';
import { LIMITS, type Limits, type RegistrySettings } from './settings.ts';
import { signedBeside } from './signed.ts';

/** Looks at an image; see `Registry.look`. */
export async function look(
  text: string,
  { trust }: LookMore,
  settings: RegistrySettings,
): Promise<ImageSeen> {
  const limits = { ...LIMITS, ...settings.limits };
  const reference = readReference(text);
  // Keys that cannot be read are said before anything is asked.
  const judge = trust && (await createJudge(trust, settings.now()));
  const client = createClient(reference, settings, limits);
  const document = await documentOf(reference, client);
  const images = await imagesOf(document, client, limits);
  const digests = [...new Set([document.digest, ...images.map(({ digest }) => digest)])];
  const beside = judge ? await signedOf(digests, { client, judge, limits }) : [];
  return {
    reference: text,
    repository: `${reference.host}/${reference.path}`,
    digest: document.digest,
    isIndex: document.manifests !== undefined,
    images,
    signed: [...beside, ...(judge && trust ? await inFiles(document.digest, trust.bundles, judge) : [])],
  };
}

async function documentOf({ host, path, tag, digest }: Reference, client: Client): Promise<Document> {
  const document = await client.manifest(digest ?? tag!);
  if (document) return document;
  throw new RegistryProblem(
    'missing',
    `${host}/${path} has no ${digest ?? `tag ${tag}`}`,
    'check the reference; a registry that prunes needs the image pushed again',
  );
}

async function imagesOf(document: Document, client: Client, limits: Limits): Promise<PlatformImage[]> {
  if (document.manifests === undefined) return [await imageOf(document, undefined, { client, limits })];
  const listed = document.manifests.filter(isImage);
  if (listed.length > limits.platforms)
    throw content(document.digest, `lists ${listed.length} images, and at most ${limits.platforms} are read`);
  return await inTurn(listed, async (one) => {
    const child = await client.manifest(one.digest);
    if (child === undefined) throw content(document.digest, `lists ${one.digest}, which is not there`);
    if (child.manifests !== undefined) throw content(document.digest, `lists ${one.digest}, an index itself`);
    return await imageOf(child, one.platform, { client, limits });
  });
}

/** Builders put their own attestations into an index, as images for no platform. */
const isImage = ({ platform, annotations }: Descriptor) =>
  platform !== 'unknown/unknown' && annotations['vnd.docker.reference.type'] !== 'attestation-manifest';

type Reading = { readonly client: Client; readonly limits: Limits };

async function imageOf(
  { digest, config }: Document,
  listed: string | undefined,
  { client, limits }: Reading,
): Promise<PlatformImage> {
  const value = jsonOf(await client.blob(config!, limits.configBytes), config!.digest);
  const platform = platformText(value) ?? 'unknown/unknown';
  const labels = texts(fields(value.config).Labels);
  // An index may say more of a platform (a variant) than the configuration, never something else.
  const isSame =
    listed === undefined ||
    `${listed}/`.startsWith(`${platform}/`) ||
    `${platform}/`.startsWith(`${listed}/`);
  return { digest, platform, labels, ...(!isSame && { listedAs: listed }) };
}

async function signedOf(
  digests: readonly Digest[],
  work: Reading & { readonly judge: Judge },
): Promise<Signed[]> {
  const budget = { bytes: work.limits.signedBytesTotal };
  return (await inTurn(digests, (of) => signedBeside(of, { ...work, budget }))).flat();
}

async function inFiles(
  of: Digest,
  bundles: readonly { readonly name: string; readonly bundle: unknown }[],
  judge: Judge,
) {
  return await inTurn(bundles, async ({ name, bundle }) => ({
    of,
    place: name,
    ...judge.bundle(bundle),
  }));
}

const AT_ONCE = 4;

/** The results in the order of the items, with some work under way at the same time. */
async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let n = 0; n < items.length; n += AT_ONCE)
    results.push(...(await Promise.all(items.slice(n, n + AT_ONCE).map(work))));
  return results;
}

const content = (digest: Digest, what: string) =>
  new RegistryProblem('content', `the index ${digest} ${what}`, 'push the image again from its build');
