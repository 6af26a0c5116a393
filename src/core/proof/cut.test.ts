// Goal: passing over a gate is weighed against waiting for it, in control planes, and never claims to know more than the past tells.
import { expect, test } from 'vitest';
import { HOUR } from '../base/instant.ts';
import { type GatePast, weighCut } from './cut.ts';

const weigh = (past: Partial<GatePast>, over: Partial<Parameters<typeof weighCut>[0]> = {}) =>
  weighCut({
    gate: 'perf',
    past: { judged: 0, alone: 0, ...past },
    perHour: 5,
    firstWave: 12,
    irreversible: [],
    ...over,
  });

test.each([
  [
    weigh({ judged: 30, alone: 0, tookMs: 9 * HOUR }),
    { waiting: 45, skipping: 1.2 },
    'waiting 9h for perf: about 45 more break; passing over it: at most 1.2 (it alone stopped 0 of 30 past fixes, so up to 10 %; a bad fix starts on 12)',
  ],
  [
    weigh({ judged: 4, alone: 2, tookMs: HOUR }),
    { waiting: 5, skipping: 6 },
    /it alone stopped 2 of 4 past fixes, so up to 50 %/,
  ],
  // Two of two fixes that it let through say little: it may still stop the next.
  [weigh({ judged: 2, tookMs: HOUR }), { skipping: 12 }, /up to 100 %/],
  [weigh({}), { skipping: 12 }, /^how long perf takes is not known yet; .*it has judged no fix yet/],
  [weigh({ tookMs: HOUR }, { perHour: undefined }), { skipping: 12 }, /no symptom was given to count/],
])('case %#', (cut, figures, because) => {
  expect(cut).toMatchObject(figures);
  expect(cut.because).toMatch(because);
  expect(cut.never).toBeUndefined();
});

test('what cannot be taken back is never passed over lightly', () => {
  expect(
    weigh({ judged: 100, tookMs: HOUR }, { irreversible: ['migration: drops a table (a.sql)'] }).never,
  ).toBe('the change cannot simply be taken back: migration: drops a table (a.sql)');
});
