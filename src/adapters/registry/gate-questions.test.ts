import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImagePolicy } from '../../core/proof/image-policy.ts';
import { type Config, componentSchema } from '../../wire/config.ts';
import { readGateQuestions } from './gate-questions.ts';
import { createSigner } from './testing.ts';

const NOW = '2026-11-22T12:00:00.000Z';
const { pem } = createSigner();
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gate-questions-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const file = async (name: string, text: string) => {
  await writeFile(join(dir, name), text);
  return join(dir, name);
};
const configOf = (image: ImagePolicy): Pick<Config, 'components'> => ({
  components: [
    componentSchema.parse({
      name: 'operator',
      repository: '.',
      image: 'host/operator',
      builder: { kind: 'command', command: ['make'], output: 'out' },
      gates: [
        { name: 'word', attest: 'qe' },
        { name: 'image', check: 'image', image },
      ],
      owners: ['team'],
    }),
  ],
});
const IDENTITIES = [{ subject: 'ci@example.com', issuer: 'https://issuer.example' }];

it('a gate asks with the keys as they were at the start', async () => {
  const key = await file('build.pub', pem);
  const questionOf = await readGateQuestions(
    configOf({ keys: [{ file: key, name: 'build' }], architectures: ['arm64'] }),
    NOW,
  );
  await rm(key);
  expect(questionOf('operator', 'image')).toMatchObject({
    wanted: { architectures: ['linux/arm64'] },
    trust: { keys: [{ name: 'build', pem }] },
  });
  expect(() => questionOf('operator', 'word')).toThrow('asks no image');
});

describe('a start is refused with gate, component and file', () => {
  const refusals: [string, () => Promise<ImagePolicy>, string][] = [
    [
      'a key that is not there',
      async () => ({ keys: [{ file: join(dir, 'none.pub') }] }),
      'none.pub is not there; put the cosign.pub of the builder there, or name another file (docs/images.md)',
    ],
    ['a key that is a folder', async () => ({ keys: [{ file: dir }] }), 'cannot be read (EISDIR)'],
    [
      'a key that is none',
      async () => ({ keys: [{ file: await file('x', 'x'), name: 'x' }] }),
      'x is no public key in PEM; allowed: ECDSA, RSA from 2048 bits, Ed25519; name the cosign.pub of the builder',
    ],
    [
      'a root that is none',
      async () => ({ trustedRoot: await file('root.json', '{}'), identities: IDENTITIES }),
      'root.json is no sigstore trusted root; name the trusted_root.json',
    ],
    [
      'a root that is not JSON',
      async () => ({ trustedRoot: await file('root.json', pem), identities: IDENTITIES }),
      'root.json is no sigstore trusted root',
    ],
  ];
  it.each(refusals)('for %s', async (_what, policy, message) => {
    const start = readGateQuestions(configOf(await policy()), NOW);
    await expect(start).rejects.toMatchObject({
      name: 'RegistryProblem',
      message: expect.stringContaining(message),
    });
    await expect(start).rejects.toThrow(/^gate image of component operator: /);
  });
});
