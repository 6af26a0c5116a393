import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ImageInput, readImageQuestion } from './image-inputs.ts';

const COMMIT = 'c0ffee'.padEnd(40, '0');
const ROOT = { mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1' };
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'image-inputs-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const file = (name: string, content: unknown) => {
  writeFileSync(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content));
  return join(dir, name);
};
const read = (more: Partial<ImageInput> = {}) =>
  readImageQuestion({ ref: 'host/image:v1', commit: COMMIT, ...more }, Readable.from([]));

it('flags add to what the policy lists', async () => {
  file('old.pub', 'OLD');
  const policy = file('policy.yaml', {
    architectures: ['linux/amd64'],
    builders: ['one'],
    keys: [{ file: 'old.pub', name: 'old', notAfter: '2027-01-01T01:00:00+01:00' }],
    parametersThatMayWeaken: ['hermetic'],
    weakParameters: { 'fast-lane': ['YES'] },
    registries: { 'quay.io': { mirrors: ['mirror.example/quay'] } },
  });
  const flags = {
    policy,
    arch: ['arm64, linux/s390x'],
    builder: ['two'],
    key: [file('new.pub', 'NEW')],
    plainHttp: ['quay.io'],
  };
  const { asked, reach } = await read(flags);
  const { wanted, trust } = asked;
  expect(wanted).toMatchObject({
    architectures: ['linux/amd64', 'linux/arm64', 'linux/s390x'],
    builders: ['one', 'two'],
    rules: {
      weakParameters: { 'skip-checks': ['true'], 'fast-lane': ['yes'] },
      platformsProvenBy: 'subject',
    },
  });
  expect(wanted.rules.weakParameters).not.toHaveProperty('hermetic');
  expect(trust.keys).toEqual([
    { name: 'old', pem: 'OLD', notAfter: '2027-01-01T00:00:00.000Z' },
    { name: join(dir, 'new.pub'), pem: 'NEW' },
  ]);
  expect(reach.hosts).toEqual({ 'quay.io': { mirrors: ['mirror.example/quay'], plainHttp: true } });
});

it('a trusted root and a bundle are told apart by what they say they are', async () => {
  const bundle = [
    file('root.json', ROOT),
    file('bundle.json', { mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json' }),
  ];
  const identity = ['https://ci.example/job?a=b=https://issuer.example'];
  const { trust } = (await read({ bundle, identity })).asked;
  expect(trust.keyless).toEqual({
    trustedRoot: ROOT,
    identities: [{ subject: 'https://ci.example/job?a=b', issuer: 'https://issuer.example' }],
  });
  expect(trust.bundles.map(({ name }) => name)).toEqual([join(dir, 'bundle.json')]);
});

it.each<[string, () => Partial<ImageInput>, string]>([
  ['a shortened commit', () => ({ commit: 'c0ffee' }), 'is no whole id of a commit'],
  ['a branch', () => ({ commit: 'main' }), 'is no whole id of a commit'],
  ['a platform in words', () => ({ arch: ['Linux on ARM'] }), 'expected os/architecture'],
  [
    'a root under which everybody may sign',
    () => ({ bundle: [file('root.json', ROOT)] }),
    '--identity SUBJECT=ISSUER',
  ],
  ['an identity without a root', () => ({ identity: ['me=https://issuer.example'] }), 'needs a trusted root'],
  [
    'an identity without an issuer',
    () => ({ bundle: [file('r.json', ROOT)], identity: ['me'] }),
    'expected SUBJECT=ISSUER',
  ],
  ['two roots', () => ({ bundle: [file('a.json', ROOT), file('b.json', ROOT)] }), 'expected one'],
  ['a bundle that is not JSON', () => ({ bundle: [file('x', 'x')] }), 'is not JSON'],
  ['a key that is not there', () => ({ key: [join(dir, 'none.pub')] }), 'none.pub cannot be read: ENOENT'],
  ['a field nobody knows', () => ({ policy: file('p.yaml', { signatures: 'optional' }) }), 'signatures'],
  [
    'a time that is none',
    () => ({ policy: file('p.yaml', { keys: [{ file: 'x', notAfter: 'tomorrow' }] }) }),
    'keys.0.notAfter',
  ],
  ['a policy that is no YAML', () => ({ policy: file('p.yaml', '{') }), 'is not YAML'],
  ['a policy that is a list', () => ({ policy: file('p.yaml', []) }), 'the whole'],
])('%s is wrong use', async (_what, input, message) => {
  await expect(read(input())).rejects.toMatchObject({ exit: 2, message: expect.stringContaining(message) });
});
