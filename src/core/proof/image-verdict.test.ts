import { describe, expect, it } from 'vitest';
import type { Digest } from '../base/ids.ts';
import { IMAGE_RULES, type ImageSeen, type ImageWanted, type PlatformImage, type Signed } from './image.ts';
import { judgeImage } from './image-verdict.ts';

const [INDEX, AMD, ARM] = ['a', 'b', 'c'].map((letter): Digest => `sha256:${letter.repeat(64)}`) as [
  Digest,
  Digest,
  Digest,
];
const COMMIT = 'c0ffee'.padEnd(40, '0');
const OTHER = 'decade'.padEnd(40, '0');
const SOURCE = 'https://github.com/example/operator';

const image = (digest: Digest, platform: string, labels: Record<string, string> = {}): PlatformImage => ({
  digest,
  platform,
  labels: { 'vcs-ref': COMMIT, ...labels },
});
const signature = (of: Digest, about = of): Signed => ({
  of,
  place: 'sig',
  form: 'simple signature',
  signer: 'key',
  because: 'signed with key',
  content: {
    critical: { type: 'cosign container image signature', image: { 'docker-manifest-digest': about } },
  },
});
type Built = {
  subjects?: readonly Digest[];
  sources?: readonly (readonly [string, string])[];
  parameters?: object;
};
const provenance = ({
  subjects = [INDEX, AMD, ARM],
  sources = [[SOURCE, COMMIT]],
  parameters = {},
}: Built = {}): Signed => ({
  of: INDEX,
  place: 'att',
  form: 'statement',
  signer: 'key',
  because: 'signed with key',
  content: {
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType: 'https://slsa.dev/provenance/v0.2',
    subject: subjects.map((digest) => ({ digest: { sha256: digest.slice(7) } })),
    predicate: {
      builder: { id: 'builder' },
      invocation: { parameters },
      materials: sources.map(([uri, sha1]) => ({ uri: `git+${uri}`, digest: { sha1 } })),
    },
  },
});
const seen = (more: Partial<ImageSeen> = {}): ImageSeen => ({
  reference: 'r',
  repository: 'host/path',
  digest: INDEX,
  isIndex: true,
  images: [image(AMD, 'linux/amd64'), image(ARM, 'linux/arm64/v8')],
  signed: [signature(INDEX), provenance()],
  ...more,
});
const judge = (of: Partial<ImageSeen> = {}, wanted: Partial<ImageWanted> = {}) =>
  judgeImage(seen(of), {
    commit: COMMIT,
    architectures: [],
    builders: [],
    sources: [],
    deployed: [],
    rules: IMAGE_RULES,
    ...wanted,
  });
const failed = (...[of, wanted]: Parameters<typeof judge>) =>
  judge(of, wanted)
    .checks.filter(({ ok }) => !ok)
    .map(({ name }) => name);

it('an index whose provenance names it and all platforms is verified', () => {
  const verdict = judge(
    {},
    { architectures: ['linux/amd64', 'linux/arm64'], builders: ['builder'], sources: [SOURCE] },
  );
  expect(verdict.verdict).toBe('verified');
  expect(verdict.checks.map(({ name }) => name)).toEqual([
    'registry',
    'architectures',
    'commit-label',
    'signature',
    'provenance',
    'provenance-platforms',
    'commit',
    'source',
    'builder',
    'parameters',
  ]);
});

it('what nobody trusted signed counts for nothing, whatever it holds', () => {
  const signed = seen().signed.map(({ signer: _signer, ...one }) => ({
    ...one,
    because: 'not signed with key',
  }));
  expect(failed({ signed })).toEqual(['signature', 'provenance', 'provenance-platforms']);
});

it('a signature or provenance about another digest proves nothing of this one', () => {
  expect(failed({ signed: [signature(INDEX, AMD), provenance()] })).toEqual(['signature']);
  expect(failed({ signed: [signature(INDEX), provenance({ subjects: [AMD, ARM] })] })).toEqual([
    'provenance',
  ]);
});

it('a platform that no passing provenance names is told', () => {
  const signed = [signature(INDEX), provenance({ subjects: [INDEX, AMD] })];
  expect(failed({ signed })).toEqual(['provenance-platforms']);
  expect(failed({ signed }, { rules: { ...IMAGE_RULES, platformsProvenBy: 'index' } })).toEqual([]);
  const weak = provenance({ subjects: [ARM], parameters: { hermetic: 'false' } });
  expect(failed({ signed: [...signed, weak] })).toEqual(['provenance-platforms']);
  expect(failed({ signed: [...signed, provenance({ subjects: [ARM] })] })).toEqual([]);
});

it('of several provenances one that passes is enough', () => {
  const wrong = provenance({ sources: [[SOURCE, OTHER]] });
  for (const signed of [
    [wrong, provenance()],
    [provenance(), wrong],
  ])
    expect(failed({ signed: [signature(INDEX), ...signed] })).toEqual([]);
});

describe('the commit', () => {
  const of = (...sources: [string, string][]) => ({ signed: [signature(INDEX), provenance({ sources })] });

  it('must be a source of the build', () => {
    expect(failed(of([SOURCE, OTHER]))).toEqual(['provenance-platforms', 'commit']);
    expect(failed(of())).toEqual(['provenance-platforms', 'commit']);
    expect(failed(of([SOURCE, COMMIT], ['https://github.com/example/lib', OTHER]))).toEqual([]);
  });

  it('is not clear when its repository was taken at two', () => {
    expect(failed(of([SOURCE, COMMIT], [`${SOURCE}.git`, OTHER]))).toContain('commit');
  });

  it('must come from the repository that is named, where a fork has it too', () => {
    const fork = of(['https://github.com/fork/operator', COMMIT]);
    expect(failed(fork)).toEqual([]);
    expect(failed(fork, { sources: [SOURCE] })).toEqual(['provenance-platforms', 'commit', 'source']);
  });
});

describe('labels', () => {
  const withLabels = (labels: Record<string, string>) => ({
    images: [image(AMD, 'linux/amd64', labels), image(ARM, 'linux/arm64')],
  });

  it('that name another commit refuse, on any platform', () => {
    expect(failed(withLabels({ 'io.openshift.build.commit.id': OTHER }))).toEqual(['commit-label']);
    expect(failed(withLabels({ 'vcs-ref': COMMIT.slice(0, 12) }))).toEqual([]);
    expect(failed(withLabels({ 'vcs-ref': COMMIT.slice(0, 11) }))).toEqual(['commit-label']);
  });

  it('must all be there that the deployed image has', () => {
    const deployed = [
      { reference: 'old', images: [image(AMD, 'linux/amd64', { can: 'true', version: '1' })] },
    ];
    expect(failed({}, { deployed })).toEqual(['label-set']);
    expect(failed({}, { deployed, rules: { ...IMAGE_RULES, labelsThatMayGo: ['can', 'vers*'] } })).toEqual(
      [],
    );
    const both = (labels: Record<string, string>) => ({
      images: [image(AMD, 'linux/amd64', labels), image(ARM, 'linux/arm64', labels)],
    });
    expect(failed(both({ can: 'true', version: '2' }), { deployed })).toEqual([]);
    expect(failed(both({ can: 'false', version: '1' }), { deployed })).toEqual(['label-set']);
  });
});

describe('platforms', () => {
  it('of the deployed image are the least, when none are named', () => {
    const deployed = [{ reference: 'old', images: [image(AMD, 'linux/amd64'), image(ARM, 'linux/s390x')] }];
    expect(failed({}, { deployed })).toEqual(['architectures']);
    expect(failed({}, { deployed, architectures: ['linux/amd64'] })).toEqual([]);
  });

  it('fit without their variant, and not by a part of their name', () => {
    expect(failed({}, { architectures: ['linux/arm64'] })).toEqual([]);
    expect(failed({}, { architectures: ['linux/arm'] })).toEqual(['architectures']);
    expect(failed({}, { architectures: ['linux/arm64/v7'] })).toEqual(['architectures']);
  });

  it('that an index lists as others are refused', () => {
    expect(failed({ images: [{ ...image(AMD, 'linux/amd64'), listedAs: 'linux/arm64' }] })).toEqual([
      'architectures',
    ]);
  });

  it('must be some', () => {
    expect(failed({ images: [] })).toEqual(['architectures']);
  });
});

it('parameters that weaken the build are seen in any case of letters', () => {
  const signed = (parameters: object) => [signature(INDEX), provenance({ parameters })];
  expect(failed({ signed: signed({ hermetic: ' FALSE ' }) })).toEqual(['provenance-platforms', 'parameters']);
  expect(failed({ signed: signed({ 'skip-checks': true }) })).toEqual(['provenance-platforms', 'parameters']);
  expect(failed({ signed: signed({ hermetic: 'true', 'skip-checks': 'false' }) })).toEqual([]);
});

it('every check that refuses says what was found, what is allowed or what to do next', () => {
  const refused = judge({ signed: [], images: [] }, { builders: ['b'] }).checks.filter(({ ok }) => !ok);
  expect(refused.length).toBeGreaterThan(2);
  for (const { because, next } of refused) {
    expect(because).not.toBe('');
    expect(next).toBeTruthy();
  }
});
