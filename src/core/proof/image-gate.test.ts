import { describe, expect, it } from 'vitest';
import type { Digest } from '../base/ids.ts';
import type { ControlPlane, ImageFacts } from '../fleet/control-plane.ts';
import type { Check, ImageVerdict } from './image.ts';
import { judgeImageGate, nativeImages, notAsked } from './image-gate.ts';

const d = (c: string): Digest => `sha256:${c.repeat(64)}`;
const verdict = (...checks: Check[]): ImageVerdict => ({
  reference: 'r',
  digest: d('a'),
  verdict: checks.every(({ ok }) => ok) ? 'verified' : 'refused',
  checks,
  labels: {},
  architectures: [{ platform: 'linux/amd64', digest: d('a') }],
  provenance: null,
  signatures: [],
});

describe('an image gate', () => {
  it('passes with who signed what', () => {
    const signed = { name: 'signature', ok: true, because: 'signed by build.pub' } as const;
    expect(judgeImageGate('FIX-1', verdict(signed))).toEqual({
      result: 'pass',
      note: 'signed by build.pub; linux/amd64',
    });
  });

  it('fails with the first refusal, and tells each with what would pass and what to do', () => {
    const judged = judgeImageGate(
      'FIX-1',
      verdict(
        { name: 'registry', ok: true, because: 'served' },
        { name: 'commit', ok: false, because: 'names c1', allowed: 'c0', next: 'build it' },
        { name: 'builder', ok: false, because: 'a laptop' },
      ),
    );
    expect(judged).toEqual({
      result: 'fail',
      note: 'commit: names c1',
      findings: [
        {
          text: 'commit: names c1; allowed: c0; next: build it, then fleetfix retry FIX-1 --stage proof',
        },
        { text: 'builder: a laptop' },
      ],
    });
  });

  it('waits for what others add to an image later, and not where something is wrong that stays', () => {
    const not = (name: Check['name']) => ({ name, ok: false, because: 'no' }) as const;
    const ok = { name: 'architectures', ok: true, because: 'all' } as const;
    expect(judgeImageGate('FIX-1', verdict(ok, not('signature'), not('provenance'))).mayCome).toBe(true);
    expect(judgeImageGate('FIX-1', verdict(not('registry'))).mayCome).toBe(true);
    for (const name of ['commit', 'commit-label', 'label-set', 'architectures', 'builder'] as const)
      expect(judgeImageGate('FIX-1', verdict(not('signature'), not(name))).mayCome).toBeUndefined();
    expect(notAsked('FIX-1', { because: 'b', next: 'n' }).mayCome).toBe(true);
  });

  it('makes one short line of whatever a label or a statement says', () => {
    const because = `label a is \u001b[31mred\n\u2028next\u202e ${'x'.repeat(5_000)}`;
    const { note } = judgeImageGate('FIX-1', verdict({ name: 'commit-label', ok: false, because }));
    expect(note).toMatch(/^commit-label: label a is \[31mred next x+…$/);
    expect(note).toHaveLength(2_000);
  });

  it('says how to ask again when the registry said nothing', () => {
    const judged = notAsked('FIX-1', { because: 'host does not answer', next: 'check the network' });
    expect(judged.result).toBe('fail');
    expect(judged.note).toBe(
      'could not be asked: host does not answer; retry with fleetfix retry FIX-1 --stage proof',
    );
    expect(judged.findings).toHaveLength(1);
  });
});

describe('what runs natively on a line', () => {
  const plane = (release: Digest, digest = release) =>
    ({ components: { op: { release, digest } } }) as unknown as ControlPlane;
  const image = (digest: Digest, commit: string): ImageFacts => ({
    digest,
    commit,
    component: 'op',
    fixes: [],
  });
  const images = ['a', 'b', 'c', 'e', 'f'].map((c) => image(d(c), 'base'));
  const natives = (fleet: ControlPlane[]) =>
    nativeImages({ component: 'op', release: 'base', fleet, images: [...images, image(d('9'), 'other')] });

  it('is the image of its release, also where ours runs in its place', () => {
    expect(natives([plane(d('a'), d('7')), plane(d('9'))])).toEqual([d('a')]);
  });
  it('is each build of the release, the most common first, and no more than four', () => {
    const fleet = ['a', 'b', 'b', 'c', 'c', 'c', 'e', 'f'].map((c) => plane(d(c)));
    expect(natives(fleet)).toEqual([d('c'), d('b'), d('a'), d('e')]);
  });
  it('is nothing while nothing is on the line', () => expect(natives([])).toEqual([]));
});
