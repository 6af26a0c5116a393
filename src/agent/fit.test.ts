// Goal: whatever stands in the objects of a management cluster, the hub can take what is said of them.
import { expect, test } from 'vitest';
import type { Digest } from '../core/base/ids.ts';
import { reportedPlaneSchema } from '../wire/agent.ts';
import { fitPlane, fitReason } from './fit.ts';

const PLANE = {
  uid: 'u-1',
  name: 'one.clusters',
  managementCluster: 'mc-1',
  region: 'eu',
  sector: 'main',
  customer: 'acme',
  platform: 'aws',
  version: '4.20.1',
  availability: 'HighlyAvailable',
  components: { cpo: { release: `sha256:${'a'.repeat(64)}` as Digest } },
  unhealthy: 'etcd has 1 of 3 members ready',
  held: 'it is paused',
} as const;

test('what fits is told as it is', () => {
  expect(fitPlane(PLANE)).toEqual(PLANE);
});

test.each([
  ['too long', 'x'.repeat(300_000)],
  ['cut in the middle of a character', `${'x'.repeat(254)}😀`],
  ['cut there before', 'x\ud83d'],
  ['with the character that no database keeps', 'a\0b'],
  ['empty', ''],
])('a text that is %s does not keep the rest from the hub', (_, text) => {
  const wild = { name: text, customer: text, platform: text, version: text, unhealthy: text, held: text };
  const said = fitPlane({ ...PLANE, ...wild });
  expect(reportedPlaneSchema.safeParse(said).success).toBe(true);
  for (const one of [said.name, said.customer, said.version, said.unhealthy, said.held]) {
    expect(one?.isWellFormed()).toBe(true);
    expect(one).not.toContain('\0');
  }
});

test('of a reason that is too long the beginning is told', () => {
  expect(fitReason(`the API server refused it: ${'x'.repeat(5_000)}`)).toMatch(
    /^the API server refused it: x{4069}$/,
  );
});
