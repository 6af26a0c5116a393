// Goal: who counts as done. What was seen to run decides; silence and doubt are never success.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Digest } from '../base/ids.ts';
import { MINUTE } from '../base/instant.ts';
import type { ControlPlane, ImageFacts } from '../fleet/control-plane.ts';
import { commitOf, digestOf, fixImage, minute, planeOf, releaseImage } from '../life/testing.ts';
import { STANDINGS, type Standing } from './coverage.ts';
import { type CoverageOf, coverageOf, isCovered, standingOf } from './standing.ts';

const NOW = minute(5);
const foreign: ImageFacts = {
  digest: digestOf('foreign'),
  component: 'cpo',
  commit: commitOf('elsewhere'),
  release: commitOf('elsewhere'),
  fixes: [],
};
const unlabelled: ImageFacts = { digest: digestOf('unlabelled'), component: 'cpo', fixes: [] };
const IMAGES = [
  ...['4.18.1', '4.19.1', '4.20.1', '4.21.1'].map(releaseImage),
  fixImage('FIX-1', '4.19.1'),
  fixImage('FIX-2', '4.19.1'),
  fixImage('FIX-2', '4.19.1', ['FIX-1']),
  fixImage('FIX-2', '4.20.1'),
  foreign,
  unlabelled,
];
const images = new Map(IMAGES.map((i) => [i.digest, i]));

/** 4.18 has no such defect, 4.19 has it, 4.20 has the fix, 4.21 was not looked at. */
const of: CoverageOf = {
  fix: 'FIX-1',
  component: 'cpo',
  releases: new Map([
    [commitOf('4.18.1'), { line: '4.18.1', has: 'no defect' }],
    [commitOf('4.19.1'), { line: '4.19.1', has: 'defect' }],
    [commitOf('4.20.1'), { line: '4.20.1', has: 'fix' }],
  ]),
  excluded: new Set(['uid-named']),
  silentAfterMs: 10 * MINUTE,
};
const stand = (plane: ControlPlane, now = NOW) => standingOf({ plane, of, images, now });
const runs = (digest: Digest) => ({ running: { digest, override: digest } });

describe('where a control plane stands', () => {
  test.each([
    ['on its release with the defect', planeOf('a'), 'exposed', 'runs 4.19.1 without the fix'],
    [
      'on a release that has the fix',
      planeOf('a', { version: '4.20.1' }),
      'native',
      'its release 4.20.1 contains the fix',
    ],
    [
      'on a release without the defect',
      planeOf('a', { version: '4.18.1' }),
      'unaffected',
      '4.18.1 has no such defect',
    ],
    [
      'on a release nobody looked at',
      planeOf('a', { version: '4.21.1' }),
      'unknown',
      'its release has not been looked at yet',
    ],
    [
      'on a release nobody heard of',
      planeOf('a', { version: '9.9.9' }),
      'unknown',
      'nobody knows what is in the image it runs',
    ],
    [
      'running the fix',
      planeOf('a', runs(fixImage('FIX-1', '4.19.1').digest)),
      'patched',
      'runs an image that contains FIX-1',
    ],
    [
      'running a later fix that brings it',
      planeOf('a', runs(fixImage('FIX-2', '4.19.1', ['FIX-1']).digest)),
      'patched',
      'runs an image that contains FIX-1',
    ],
    [
      'running another fix without it',
      planeOf('a', runs(fixImage('FIX-2', '4.19.1').digest)),
      'exposed',
      'runs 4.19.1 without the fix',
    ],
    [
      'running another fix on a release that has it',
      planeOf('a', { version: '4.20.1', ...runs(fixImage('FIX-2', '4.20.1').digest) }),
      'native',
      'its release 4.20.1 contains the fix',
    ],
    [
      'running a foreign image, though its release has the fix',
      planeOf('a', { version: '4.20.1', ...runs(foreign.digest) }),
      'unknown',
      'its release has not been looked at yet',
    ],
    [
      'running an image without a commit, though its release has the fix',
      planeOf('a', { version: '4.20.1', ...runs(unlabelled.digest) }),
      'unknown',
      'nobody knows what is in the image it runs',
    ],
    [
      'running an image nobody heard of, though its release has no defect',
      planeOf('a', { version: '4.18.1', ...runs(digestOf('unheard of')) }),
      'unknown',
      'nobody knows what is in the image it runs',
    ],
    [
      'between two images',
      planeOf('a', { components: { cpo: { release: releaseImage('4.19.1').digest } } }),
      'exposed',
      'changing images',
    ],
    ['without the component', planeOf('a', { components: {} }), 'unaffected', 'does not run cpo'],
    ['left out by name', planeOf('named'), 'excluded', 'left out by name; runs 4.19.1 without the fix'],
    [
      'left out by name, and patched all the same',
      planeOf('named', runs(fixImage('FIX-1', '4.19.1').digest)),
      'patched',
      'runs an image that contains FIX-1',
    ],
  ] as [string, ControlPlane, Standing, string][])('%s', (_what, plane, standing, because) => {
    expect(stand(plane)).toMatchObject({ uid: plane.uid, standing, because });
  });

  test('is unknown as soon as it is silent, whatever it ran', () => {
    const patched = planeOf('a', runs(fixImage('FIX-1', '4.19.1').digest));
    expect(stand(patched, minute(10)).standing).toBe('patched');
    expect(stand(patched, minute(10.1))).toMatchObject({
      standing: 'unknown',
      because: `nothing heard since ${patched.reportedAt}`,
    });
    expect(stand(planeOf('named'), minute(10.1)).standing).toBe('excluded');
  });

  test('names its line also while it changes images', () => {
    expect(
      stand(planeOf('a', { components: { cpo: { release: releaseImage('4.19.1').digest } } })).line,
    ).toBe('4.19.1');
  });
});

const anyPlane = fc
  .record({
    version: fc.constantFrom('4.18.1', '4.19.1', '4.20.1', '4.21.1', '9.9.9'),
    digest: fc.option(fc.constantFrom(...IMAGES.map((i) => i.digest), digestOf('unheard of')), {
      nil: undefined,
    }),
    minutes: fc.integer({ min: -30, max: 5 }),
    name: fc.constantFrom('a', 'named'),
  })
  .map(({ version, digest, minutes, name }) =>
    planeOf(name, {
      version,
      reportedAt: minute(minutes),
      components: { cpo: { release: releaseImage(version).digest, ...(digest && { digest }) } },
    }),
  );

describe('coverage', () => {
  test('counts no control plane as done that is silent or runs what nobody knows', () => {
    fc.assert(
      fc.property(anyPlane, (plane) => {
        const { standing } = stand(plane);
        const digest = plane.components.cpo!.digest;
        const done = ['patched', 'native', 'unaffected'].includes(standing);
        if (plane.reportedAt < minute(-5)) expect(['unknown', 'excluded']).toContain(standing);
        if (digest === undefined || images.get(digest)?.release === undefined) expect(done).toBe(false);
        if (standing === 'patched') expect(images.get(digest!)?.fixes).toContain('FIX-1');
        if (standing === 'native') expect(images.get(digest!)?.release).toBe(commitOf('4.20.1'));
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  test('adds up: everybody is counted once', () => {
    const some = fc.array(
      fc.constantFrom(...STANDINGS).map((standing) => ({ standing })),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(some, (standings) => {
        const c = coverageOf(standings);
        expect(c.patched + c.waiting + c.excluded + c.unknown).toBe(c.exposed);
        expect(c.exposed + c.native + c.unaffected).toBe(standings.length);
        expect(c.percent).toBe(c.exposed === 0 ? 100 : Math.floor((100 * c.patched) / c.exposed));
        expect(isCovered(c)).toBe(
          standings.every((s) => s.standing !== 'exposed' && s.standing !== 'unknown'),
        );
        expect(coverageOf([...standings].reverse())).toEqual(c);
      }),
      { seed: 5, numRuns: 100 },
    );
  });

  test('of nobody is complete, and 199 of 200 is not 100 %', () => {
    expect(coverageOf([]).percent).toBe(100);
    const many = Array.from({ length: 200 }, (_, i) => ({
      standing: i === 0 ? ('unknown' as const) : ('patched' as const),
    }));
    expect(coverageOf(many).percent).toBe(99);
    expect(isCovered(coverageOf(many))).toBe(false);
  });
});
