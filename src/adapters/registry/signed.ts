import type { Digest } from '../../core/base/ids.ts';
import type { Signed } from '../../core/proof/image.ts';
import { RegistryProblem } from '../../ports/registry.ts';
import type { Client } from './client.ts';
import { type Descriptor, type Document, jsonOf } from './documents.ts';
import { type Judge, type Judged, unreadable } from './judge.ts';
import { isBundle, MEDIA } from './media.ts';
import type { Limits } from './settings.ts';

export type SignedWork = {
  readonly client: Client;
  readonly judge: Judge;
  readonly limits: Limits;
  /** Bytes that may still be read; shared by all digests of one image. */
  readonly budget: { bytes: number };
};

/**
 * Every signed document beside a digest: under cosign's tags `.sig` and `.att`, and among the referrers. What cannot
 * be read is told as such; throws only when the registry does not answer or does not let us read.
 */
export async function signedBeside(of: Digest, work: SignedWork): Promise<Signed[]> {
  const [signatures, attestations, referrers] = await Promise.all([
    tagged(of, 'sig', work),
    tagged(of, 'att', work),
    referring(of, work),
  ]);
  return [...signatures, ...attestations, ...referrers];
}

async function tagged(of: Digest, kind: 'sig' | 'att', work: SignedWork): Promise<Signed[]> {
  const tag = `${of.replace(':', '-')}.${kind}`;
  return await told({ of, place: tag }, async () => {
    const document = await work.client.manifest(tag);
    return document ? await layersOf(document, { of, place: tag }, work) : [];
  });
}

async function referring(of: Digest, work: SignedWork): Promise<Signed[]> {
  return await told({ of, place: `referrers of ${of}` }, async () => {
    const all = await work.client.referrers(of);
    const found = all.filter(mayBeSigned);
    const read = found.slice(0, work.limits.signedCount).map(({ digest }) => {
      const at = { of, place: `referrer ${digest}` };
      return told(at, async () => {
        const document = await work.client.manifest(digest);
        return document
          ? await layersOf(document, at, work)
          : [as(at, unreadable('it is listed and not there'))];
      });
    });
    return [...(await Promise.all(read)).flat(), ...leftOut(found.length, { of, place: 'referrers' }, work)];
  });
}

/** What says that it is something else (an SBOM, a scan) is not read; what says nothing may be a signature. */
const mayBeSigned = ({ artifactType = '' }: Descriptor) =>
  artifactType === '' ||
  isBundle(artifactType) ||
  /^application\/vnd\.(dev\.cosign|dev\.sigstore|dsse|in-toto|oci\.(image\.config|empty))/.test(artifactType);

type At = Pick<Signed, 'of' | 'place'>;
const as = (at: At, judged: Judged): Signed => ({ ...at, ...judged });

async function layersOf({ layers = [] }: Document, at: At, work: SignedWork): Promise<Signed[]> {
  const known = layers
    .map((layer, n) => ({ layer, place: layers.length === 1 ? at.place : `${at.place}, layer ${n + 1}` }))
    .filter(({ layer }) => judgeFor(layer.mediaType) !== undefined);
  const read = known
    .slice(0, work.limits.signedCount)
    .map(({ layer, place }) => told({ of: at.of, place }, () => layerOf(layer, { of: at.of, place }, work)));
  return [...(await Promise.all(read)).flat(), ...leftOut(known.length, at, work)];
}

function leftOut(count: number, at: At, { limits }: SignedWork): Signed[] {
  if (count <= limits.signedCount) return [];
  return [as(at, unreadable(`${count} documents, of which the first ${limits.signedCount} were read`))];
}

async function layerOf(layer: Descriptor, at: At, work: SignedWork): Promise<Signed[]> {
  if (layer.size > work.budget.bytes)
    return [as(at, unreadable('more signed documents than are read for one image'))];
  work.budget.bytes -= layer.size;
  const bytes = await work.client.blob(layer, work.limits.signedBytes);
  return [as(at, judgeFor(layer.mediaType)!(bytes, layer, work.judge))];
}

type JudgeLayer = (bytes: Buffer, layer: Descriptor, judge: Judge) => Judged;

function judgeFor(mediaType: string): JudgeLayer | undefined {
  if (mediaType === MEDIA.simpleSigning)
    return (bytes, layer, judge) => judge.simple(bytes, layer.annotations);
  if (mediaType === MEDIA.envelope)
    return (bytes, layer, judge) => judge.envelope(jsonOf(bytes, layer.digest), layer.annotations);
  return isBundle(mediaType) ? (bytes, layer, judge) => judge.bundle(jsonOf(bytes, layer.digest)) : undefined;
}

/** What is wrong with one document leaves the others; what is wrong with the way there does not. */
async function told(at: At, read: () => Promise<Signed[]>): Promise<Signed[]> {
  try {
    return await read();
  } catch (problem) {
    if (
      !(problem instanceof RegistryProblem) ||
      problem.trouble === 'unreachable' ||
      problem.trouble === 'denied'
    )
      throw problem;
    return [as(at, unreadable(problem.message))];
  }
}
