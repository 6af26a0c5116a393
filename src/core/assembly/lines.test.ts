import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ControlPlane } from '../fleet/control-plane.ts';
import { commitOf, digestOf, fixImage, planeOf, releaseDigest, releaseImage } from '../life/testing.ts';
import { byVersion, linesOf } from './lines.ts';

const rebuilt = {
  ...releaseImage('4.19.1'),
  digest: digestOf('4.19.1 again'),
  commit: commitOf('again'),
  release: commitOf('again'),
};
const IMAGES = [
  releaseImage('4.9.1'),
  releaseImage('4.19.1'),
  releaseImage('4.20.1'),
  // A z-stream in which the component did not change.
  { ...releaseImage('4.19.2'), commit: commitOf('4.19.1'), release: commitOf('4.19.1') },
  rebuilt,
  fixImage('FIX-1', '4.19.1'),
  fixImage('FIX-10', '4.19.1', ['FIX-2']),
];
const images = new Map(IMAGES.map((i) => [i.digest, i]));
const lines = (planes: readonly ControlPlane[], keep: readonly `FIX-${number}`[] = []) =>
  linesOf({ component: 'cpo', planes, images, keep });

describe('the lines of a component', () => {
  test('are the commits its control planes were released with, in the order of versions', () => {
    expect(
      lines([
        planeOf('a', { version: '4.20.1' }),
        planeOf('b', { version: '4.9.1' }),
        planeOf('c'),
        planeOf('d'),
      ]),
    ).toMatchObject([
      { name: '4.9.1', base: commitOf('4.9.1'), release: commitOf('4.9.1'), targets: 1, carries: [] },
      { name: '4.19.1', targets: 2 },
      { name: '4.20.1', targets: 1 },
    ]);
  });

  test('hold all releases that were built from one commit', () => {
    expect(lines([planeOf('a', { version: '4.19.2' }), planeOf('b')])).toMatchObject([
      { name: '4.19.1+1', versions: ['4.19.1', '4.19.2'], targets: 2 },
    ]);
  });

  test('are named by what most of them are, not by one that is being upgraded', () => {
    const upgrading = planeOf('a', { running: planeOf('x', { version: '4.20.1' }).components.cpo! });
    const there = [planeOf('b', { version: '4.20.1' }), planeOf('c', { version: '4.20.1' })];
    expect(lines([upgrading, ...there])).toMatchObject([
      { name: '4.20.1+1', versions: ['4.19.1', '4.20.1'], targets: 3 },
    ]);
  });

  test('are not named by one that is being upgraded and says where it comes from, unless nobody else is there', () => {
    const upgrading = planeOf('a', {
      upgrading: true,
      running: planeOf('x', { version: '4.20.1' }).components.cpo!,
    });
    const there = planeOf('b', { version: '4.20.1' });
    expect(lines([upgrading, { ...upgrading, uid: 'c' }, there])).toMatchObject([
      { name: '4.20.1', versions: ['4.20.1'], targets: 3 },
    ]);
    expect(lines([upgrading])).toMatchObject([{ name: '4.19.1', versions: ['4.19.1'], targets: 1 }]);
  });

  test('are there before their first control plane where they are prepared, and keep their name', () => {
    const prepared = [{ name: 'next', release: commitOf('4.20.1'), versions: ['4.20.1'] }];
    const ask = (...planes: ControlPlane[]) =>
      linesOf({ component: 'cpo', planes, images, keep: ['FIX-3'], prepared });
    const next = { name: 'next', base: commitOf('4.20.1'), release: commitOf('4.20.1'), carries: ['FIX-3'] };
    expect(ask()).toEqual([{ ...next, component: 'cpo', versions: ['4.20.1'], targets: 0 }]);
    const upgrading = planeOf('a', {
      upgrading: true,
      running: planeOf('x', { version: '4.20.1' }).components.cpo!,
    });
    expect(ask(upgrading)).toMatchObject([{ ...next, versions: ['4.20.1'], targets: 1 }]);
    expect(ask(planeOf('b')).map((l) => [l.name, l.targets])).toEqual([
      ['4.19.1', 1],
      ['next', 0],
    ]);
  });

  test('are told apart by commit when one version was built twice', () => {
    const again = planeOf('b', { running: { release: rebuilt.digest, digest: rebuilt.digest } });
    const names = lines([planeOf('a'), again]).map((l) => l.name);
    expect(names.sort()).toEqual(
      [`4.19.1-${commitOf('4.19.1').slice(0, 12)}`, `4.19.1-${commitOf('again').slice(0, 12)}`].sort(),
    );
  });

  test('carry, in ledger order, what runs anywhere on them and what is to be kept', () => {
    const patched = planeOf('a', { running: { digest: fixImage('FIX-10', '4.19.1', ['FIX-2']).digest } });
    expect(lines([patched, planeOf('b')], ['FIX-3'])[0]?.carries).toEqual(['FIX-2', 'FIX-3', 'FIX-10']);
  });

  test('carry nothing from an image of another release that outlived an upgrade', () => {
    const upgraded = planeOf('a', {
      version: '4.20.1',
      running: { digest: fixImage('FIX-1', '4.19.1').digest },
    });
    expect(lines([upgraded])).toMatchObject([{ name: '4.20.1', carries: [] }]);
  });

  test('leave out whose release nobody knows, and who does not run the component', () => {
    expect(lines([planeOf('a', { version: '9.9.9' }), planeOf('b', { components: {} })])).toEqual([]);
  });

  test('do not depend on the order of the fleet', () => {
    const plane = fc
      .record({
        version: fc.constantFrom('4.9.1', '4.19.1', '4.19.2', '4.20.1'),
        digest: fc.constantFrom(...images.keys()),
      })
      .map(({ version, digest }) =>
        planeOf('p', { version, running: { digest, release: releaseDigest(version) } }),
      );
    fc.assert(
      fc.property(
        fc.array(plane, { maxLength: 10 }),
        fc.subarray(['FIX-2', 'FIX-7'] as const),
        (planes, keep) => {
          expect(lines([...planes].reverse(), [...keep].reverse())).toEqual(lines(planes, keep));
        },
      ),
      { seed: 6, numRuns: 100 },
    );
  });
});

test('versions follow one another as numbers do', () => {
  expect(['4.10.0', '4.9.12', '4.9.2', '4.19.1'].sort(byVersion)).toEqual([
    '4.9.2',
    '4.9.12',
    '4.10.0',
    '4.19.1',
  ]);
});
