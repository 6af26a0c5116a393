// Goal: what the gate asks of registries, and what of their silence is told.
import { expect, it } from 'vitest';
import type { Digest } from '../../../core/base/ids.ts';
import type { ImageSeen } from '../../../core/proof/image.ts';
import { questionOf } from '../../../core/proof/image-policy.ts';
import { RegistryProblem } from '../../../ports/registry.ts';
import type { GateRegistry } from '../../parts.ts';
import type { GateRun } from './gate-run.ts';
import { checkImage } from './image-check.ts';

const d = (c: string): Digest => `sha256:${c.repeat(64)}`;
const COMMIT = 'c0ffee'.padEnd(40, '0');
const MORE = { can: 'true' };

const seen = (reference: string, labels: Record<string, string>): ImageSeen => ({
  reference,
  repository: reference.split('@')[0]!,
  digest: reference.split('@')[1] as Digest,
  isIndex: false,
  images: [{ digest: d('a'), platform: 'linux/amd64', labels }],
  signed: [],
});

type World = {
  readonly deployed?: string;
  readonly look?: (reference: string, ends: AbortSignal) => Promise<ImageSeen>;
  readonly stop?: AbortSignal;
  readonly timeout?: number;
};

/** One run on a line whose two control planes run image `e`, of its release. */
async function check({ deployed, look, stop, timeout = 60_000 }: World) {
  const asked: string[] = [];
  const said: string[] = [];
  const registry: GateRegistry = {
    questionOf: () => questionOf({}, { pems: [] }),
    open: (_reach, ends) => {
      return {
        look: (reference, more) => {
          asked.push(`${reference}${more.trust ? ' with trust' : ''}`);
          return (
            look?.(reference, ends) ??
            Promise.resolve(seen(reference, reference.includes('e'.repeat(64)) ? MORE : {}))
          );
        },
      };
    },
  };
  const fleet = [d('e'), d('e')].map((release) => ({ components: { op: { release } } }));
  const images = [{ digest: d('e'), commit: 'base', component: 'op', fixes: [] }];
  const run = {
    parts: { registry },
    component: { name: 'op', image: 'host/op' },
    gate: { name: 'image', timeout, image: { ...(deployed && { deployed }) } },
    task: { line: '4.20', gate: 'image', commit: COMMIT, digest: d('a') },
    it: { fix: { id: 'FIX-1', lines: { '4.20': { line: { release: 'base' } } } }, facts: { fleet, images } },
    log: (text: string) => said.push(text),
    signal: stop ?? new AbortController().signal,
  } as unknown as GateRun;
  const judged = await checkImage(run);
  return { judged, asked, said: said.join('') };
}

it('the candidate is asked for by its digest, and nothing else where nothing says where deployed images are', async () => {
  const { judged, asked, said } = await check({});
  expect(asked).toEqual([`host/op@${d('a')} with trust`]);
  expect(judged.findings?.map(({ text }) => text.split(':')[0])).toEqual(['signature', 'provenance']);
  expect(said).toContain(judged.note);
});

it('what the line runs natively is looked for by digest, and its labels must all be there', async () => {
  const { judged, asked } = await check({ deployed: 'releases.example/op' });
  expect(asked.toSorted()).toEqual([`host/op@${d('a')} with trust`, `releases.example/op@${d('e')}`]);
  expect(judged.note).toBe('label-set: linux/amd64 lacks can');
});

it('that the deployed image is not where it should be is told as that, not as a word on the candidate', async () => {
  const look = async (reference: string) => {
    if (reference.startsWith('host/')) return seen(reference, {});
    throw new RegistryProblem('missing', `no ${reference}`, 'check the reference');
  };
  const { judged } = await check({ deployed: 'releases.example/op', look });
  expect(judged).toMatchObject({
    result: 'fail',
    note: expect.stringMatching(
      /^could not be asked: the deployed image cannot be read: no releases\.example/,
    ),
    findings: [{ text: expect.stringContaining('next: name the repository that holds the deployed image') }],
  });
});

it.each(['unreachable', 'denied', 'usage'] as const)(
  'a registry that is %s gives no verdict on the image, and a person sees how to ask again',
  async (trouble) => {
    const look = () => Promise.reject(new RegistryProblem(trouble, 'host says nothing', 'call them'));
    expect((await check({ look })).judged.note).toBe(
      'could not be asked: host says nothing; retry with fleetfix retry FIX-1 --stage proof',
    );
  },
);

it('a fault of our own is no verdict at all', async () => {
  await expect(check({ look: () => Promise.reject(new TypeError('ours')) })).rejects.toThrow('ours');
});

/** A registry that says nothing until it is not asked any more. */
const silent = (_reference: string, ends: AbortSignal) =>
  new Promise<never>((_, reject) => {
    ends.addEventListener('abort', () => reject(new RegistryProblem('unreachable', 'no answer', 'wait')));
  });

it('the time of the gate ends the look', async () => {
  expect((await check({ timeout: 1, look: silent })).judged.note).toMatch(/^could not be asked: no answer/);
});

it('a stop of the hub ends the look, where the gate has a month', async () => {
  const stop = new AbortController();
  const running = check({ stop: stop.signal, timeout: 60 * 86_400_000, look: silent });
  stop.abort();
  expect((await running).judged.note).toMatch(/^could not be asked: no answer/);
});
