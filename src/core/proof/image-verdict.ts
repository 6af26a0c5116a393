import { type Digest, short } from '../base/ids.ts';
import type {
  Check,
  CheckName,
  ImageSeen,
  ImageVerdict,
  ImageWanted,
  Labels,
  PlatformImage,
  ProvenanceSeen,
  SignatureSeen,
  Signed,
} from './image.ts';
import { isSignature, kindOf, provenancesIn, type Trusted } from './image-signed.ts';
import { repositoryKey, type Source } from './provenance.ts';

/** Holds what a registry has of an image against what it must be. Every check is made, whatever the others say. */
export function judgeImage(seen: ImageSeen, wanted: ImageWanted): ImageVerdict {
  const built = bestProvenance(seen.digest, seen, wanted);
  const checks = [
    { name: 'registry', ok: true, because: `${seen.repository} serves ${seen.digest}` } as const,
    architectures(seen, wanted),
    commitLabel(seen, wanted),
    ...wanted.deployed.map((one) => labelSet(seen, one, wanted)),
    signature(seen, wanted),
    provenance(seen, built),
    ...platformsProven(seen, wanted),
    ...(built === undefined ? [] : ofBuild(built, wanted)),
  ];
  return {
    reference: seen.reference,
    digest: seen.digest,
    verdict: checks.every(({ ok }) => ok) ? 'verified' : 'refused',
    checks,
    labels: sharedLabels(seen.images),
    architectures: seen.images.map(({ platform, digest }) => ({ platform, digest })),
    provenance: built === undefined ? null : shownProvenance(built, wanted),
    signatures: seen.signed.map(shownSignature),
  };
}

/** The verdict on an image that the registry does not have, or not as its digest says. */
export const refusedByRegistry = (reference: string, because: string, next: string): ImageVerdict => ({
  reference,
  digest: null,
  verdict: 'refused',
  checks: [{ name: 'registry', ok: false, because, next }],
  labels: {},
  architectures: [],
  provenance: null,
  signatures: [],
});

const pass = (name: CheckName, because: string): Check => ({ name, ok: true, because });
const refusal = (name: CheckName, said: Omit<Check, 'name' | 'ok'>): Check => ({ name, ok: false, ...said });

function architectures({ images, repository }: ImageSeen, wanted: ImageWanted): Check {
  const here = images.map(({ platform }) => platform).join(', ') || 'none';
  const lies = images.filter(({ listedAs }) => listedAs !== undefined);
  if (lies.length > 0)
    return refusal('architectures', {
      because: lies
        .map(
          ({ digest, platform, listedAs }) =>
            `${digest} is ${platform}, and its index lists it as ${listedAs}`,
        )
        .join('; '),
      next: 'build the index again from images of the platforms it names',
    });
  const least =
    wanted.architectures.length > 0
      ? wanted.architectures
      : [...new Set(platformsOf(wanted.deployed.flatMap(({ images }) => images)))];
  const missing = least.filter((one) => !images.some(({ platform }) => fits(platform, one)));
  if (missing.length > 0)
    return refusal('architectures', {
      because: `${repository} has ${here}; missing: ${missing.join(', ')}`,
      allowed: `images for ${least.join(', ')}`,
      next: 'build for them too, and verify the new digest',
    });
  if (images.length === 0)
    return refusal('architectures', { because: 'the index names no image', next: 'build it again' });
  return pass('architectures', least.length > 0 ? `${here}` : `${here}; none was asked for by name (--arch)`);
}

const platformsOf = (images: readonly PlatformImage[]) => images.map(({ platform }) => platform);
const fits = (platform: string, wanted: string) => platform === wanted || platform.startsWith(`${wanted}/`);

/** A label is a claim of whoever built the image: it can refuse an image, and never prove one. */
function commitLabel({ images }: ImageSeen, { commit, rules }: ImageWanted): Check {
  const said = images.flatMap((image) =>
    rules.commitLabels.flatMap((label) => {
      const value = image.labels[label]?.trim();
      return value ? [{ label, value, platform: image.platform }] : [];
    }),
  );
  const wrong = said.filter(({ value }) => !namesCommit(value, commit));
  if (wrong.length > 0)
    return refusal('commit-label', {
      because: wrong
        .slice(0, 4)
        .map(({ label, value, platform }) => `label ${label} of ${platform} is ${value.slice(0, 80)}`)
        .join('; '),
      allowed: commit,
      next: 'look for the build of this commit; a label inherited from a base image is left out by labels.commit of the policy',
    });
  if (said.length === 0)
    return pass(
      'commit-label',
      `no label names a commit (${rules.commitLabels.join(', ')}); the provenance must`,
    );
  const names = [...new Set(said.map(({ label }) => label))];
  return pass('commit-label', `${names.join(', ')}: ${short(commit)}`);
}

/** The whole id, or at least its first 12 digits. */
const namesCommit = (value: string, commit: string) =>
  /^[0-9a-f]{12,}$/.test(value) && commit.startsWith(value);

/** Programs read labels to know what an image can do: one that is gone takes a capability with it. */
function labelSet(
  { images }: ImageSeen,
  deployed: ImageWanted['deployed'][number],
  { rules }: ImageWanted,
): Check {
  const least = sharedLabels(deployed.images);
  const lost = images.flatMap(({ labels, platform }) =>
    Object.keys(least)
      .filter((name) => !mayGo(name, rules.labelsThatMayGo))
      .filter((name) => labels[name] === undefined || (isSwitch(least[name]) && labels[name] !== least[name]))
      .map((name) => ({ name, was: least[name]!, is: labels[name], platform })),
  );
  if (lost.length === 0)
    return pass('label-set', `has all ${Object.keys(least).length} labels of ${deployed.reference}`);
  const texts = lost.map(({ name, was, is, platform }) =>
    is === undefined ? `${platform} lacks ${name}` : `${platform} has ${name}=${is.slice(0, 40)}, was ${was}`,
  );
  return refusal('label-set', {
    because: `${texts.slice(0, 8).join('; ')}${texts.length > 8 ? `; and ${texts.length - 8} more` : ''}`,
    allowed: `every label of ${deployed.reference}`,
    next: 'build with the Containerfile of that branch, or name the label in labels.mayGo of the policy',
  });
}

/** Values that turn something on or off must stay; versions, dates and names differ with every build. */
const isSwitch = (value: string | undefined) => value === 'true' || value === 'false';
const mayGo = (name: string, patterns: readonly string[]) =>
  patterns.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );

function sharedLabels(images: readonly PlatformImage[]): Labels {
  const [first, ...others] = images;
  const shared = Object.entries(first?.labels ?? {}).filter(([name, value]) =>
    others.every(({ labels }) => labels[name] === value),
  );
  return Object.fromEntries(shared.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function signature(seen: ImageSeen, { rules }: ImageWanted): Check {
  const found = seen.signed.find((one) => isSignature(one, seen.digest));
  if (found) return pass('signature', `${seen.digest} is signed by ${found.signer} (${found.place})`);
  if (rules.signature === 'optional')
    return pass('signature', 'none that is trusted; the policy asks for none');
  return refusal('signature', {
    because: `no trusted signature is about ${seen.digest}: ${untrusted(seen, 'provenance')}`,
    allowed: 'one signature of a given key or identity on exactly this digest',
    next: 'check that the key is the builder’s and that the digest is the one it signed',
  });
}

function provenance(seen: ImageSeen, built: Built | undefined): Check {
  if (built)
    return pass(
      'provenance',
      `${built.is.type} about ${seen.digest}, signed by ${built.from.signer} (${built.from.place})`,
    );
  return refusal('provenance', {
    because: `no trusted provenance is about ${seen.digest}: ${untrusted(seen, 'signature')}`,
    allowed:
      'a statement of SLSA v0.2 or v1, signed by a given key or identity, with this digest as a subject',
    next: 'attest the digest again from its build; provenance cannot be taken over from another digest',
  });
}

/** What was found instead, so that people see at once what to look at. */
function untrusted(seen: ImageSeen, besides: SignatureSeen['kind']): string {
  const others = seen.signed.filter((one) => kindOf(one) !== besides);
  if (others.length === 0) return 'nothing of that kind is in the repository';
  const texts = others.map((one) => `${one.place}: ${one.signer === undefined ? one.because : aboutOf(one)}`);
  return `${texts.slice(0, 5).join('; ')}${texts.length > 5 ? `; and ${texts.length - 5} more` : ''}`;
}

function aboutOf(one: Signed): string {
  const about = kindOf(one) === 'provenance' ? provenancesIn([one])[0]?.is.subjects : undefined;
  return about ? `about ${about.slice(0, 3).join(', ')}` : `${kindOf(one)}, not about it`;
}

function platformsProven(seen: ImageSeen, wanted: ImageWanted): Check[] {
  if (!seen.isIndex) return [];
  const name = 'provenance-platforms';
  const least = seen.images.filter(({ digest }) => digest !== seen.digest);
  const proven = (digest: Digest) => {
    const built = bestProvenance(digest, seen, wanted);
    return built !== undefined && ofBuild(built, wanted).every(({ ok }) => ok);
  };
  const open = least.filter(({ digest }) => !proven(digest));
  if (open.length === 0) return [pass(name, `each of the ${least.length} platforms is proven by itself`)];
  const because = open
    .map(({ platform, digest }) => `${platform} (${digest}) is no subject of a provenance that passes`)
    .join('; ');
  if (wanted.rules.platformsProvenBy === 'index')
    return [pass(name, `${because}; the policy takes the index’s`)];
  const next =
    'attest each platform by its own digest (cosign attest takes the index only), or set platformsProvenBy: index in the policy';
  return [refusal(name, { because, allowed: 'the same commit, source and builder for each platform', next })];
}

type Built = Trusted;

/** Of several that are about the digest, the one most checks accept: one that verifies is enough. */
function bestProvenance(digest: Digest, seen: ImageSeen, wanted: ImageWanted): Built | undefined {
  const about = provenancesIn(seen.signed).filter(({ is }) => is.subjects.includes(digest));
  const faults = (built: Built) => ofBuild(built, wanted).filter(({ ok }) => !ok).length;
  return about.reduce<Built | undefined>(
    (best, one) => (best !== undefined && faults(best) <= faults(one) ? best : one),
    undefined,
  );
}

function ofBuild(built: Built, wanted: ImageWanted): Check[] {
  return [commit(built, wanted), source(built, wanted), builder(built, wanted), parameters(built, wanted)];
}

/** Sources that count for the commit: those of the repositories asked for, or all of them. */
function sourcesThatCount({ is }: Built, { sources }: ImageWanted): readonly Source[] {
  const keys = sources.map(repositoryKey);
  return keys.length === 0 ? is.sources : is.sources.filter(({ uri }) => keys.includes(repositoryKey(uri)));
}

function commit(built: Built, wanted: ImageWanted): Check {
  const counted = sourcesThatCount(built, wanted);
  const others = counted.filter((one) => one.commit !== wanted.commit);
  const isIn = counted.some((one) => one.commit === wanted.commit);
  // Two commits of one repository leave open which of them was built.
  const unclear = wanted.sources.length > 0 || sameRepository(counted, wanted.commit) ? others : [];
  if (isIn && unclear.length === 0) {
    const also = others.length > 0 ? `; also ${others.map(sourceText).slice(0, 3).join(', ')}` : '';
    return pass('commit', `built from ${short(wanted.commit)} (${built.from.place})${also}`);
  }
  const found = counted.map(sourceText).slice(0, 5).join(', ') || 'no git commit';
  return refusal('commit', {
    because: `${built.from.place} names ${found}`,
    allowed: wanted.commit,
    next: 'look for the build of this commit, or build it again',
  });
}

function sameRepository(sources: readonly Source[], of: string): boolean {
  const keys = sources.filter((one) => one.commit === of).map(({ uri }) => repositoryKey(uri));
  return sources.some((one) => one.commit !== of && keys.includes(repositoryKey(one.uri)));
}

const sourceText = ({ uri, commit: id }: Source) => `${uri.slice(0, 200)}@${short(id)}`;

function source(built: Built, wanted: ImageWanted): Check {
  if (wanted.sources.length === 0) return pass('source', 'any repository; none was named (--source)');
  const from = built.is.sources.map(({ uri }) => uri.slice(0, 200));
  if (sourcesThatCount(built, wanted).length > 0)
    return pass('source', `built from ${wanted.sources.join(', ')}`);
  return refusal('source', {
    because: `${built.from.place} names ${from.slice(0, 5).join(', ') || 'no repository'}`,
    allowed: wanted.sources.join(', '),
    next: 'a fork has the same commits and other people: name it as a source only if it may build',
  });
}

function builder({ is, from }: Built, { builders }: ImageWanted): Check {
  const id = is.builder;
  if (builders.length === 0)
    return pass('builder', `${id ?? 'not named'}; any may (--builder names those that do)`);
  if (id !== null && builders.includes(id)) return pass('builder', id);
  return refusal('builder', {
    because: `${from.place} names ${id ?? 'no builder'}`,
    allowed: builders.join(', '),
    next: 'build it where images for production are built',
  });
}

function parameters({ is, from }: Built, { rules }: ImageWanted): Check {
  const weak = Object.entries(rules.weakParameters).flatMap(([name, values]) =>
    (is.parameters[name] ?? [])
      .filter((value) => values.includes(value.trim().toLowerCase()))
      .map((value) => `${name}=${value.trim()}`),
  );
  const count = Object.keys(is.parameters).length;
  if (weak.length === 0) return pass('parameters', `none of ${count} weakens the build`);
  return refusal('parameters', {
    because: `${from.place}: built with ${weak.join(', ')}`,
    allowed: `builds without ${Object.entries(rules.weakParameters)
      .map(([name, values]) => `${name}=${values.join('|')}`)
      .join(', ')}`,
    next: 'build again without it, or name it in parametersThatMayWeaken of the policy',
  });
}

function shownProvenance({ is, from }: Built, wanted: ImageWanted): ProvenanceSeen {
  const hit = is.sources.find((one) => one.commit === wanted.commit) ?? is.sources[0];
  return { ...is, place: from.place, signer: from.signer, commit: hit?.commit ?? null };
}

const shownSignature = (one: Signed): SignatureSeen => ({
  of: one.of,
  place: one.place,
  kind: kindOf(one),
  signer: one.signer ?? null,
  because: one.because,
});
