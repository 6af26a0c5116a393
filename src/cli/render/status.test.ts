// Goal: the promise of the incident is on the first screen, in words, and only where one is made.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MINUTE } from '../../core/base/instant.ts';
import { sloClockOf } from '../../core/pace/slo.ts';
import type { FixView } from '../../core/views/fix-view.ts';
import { renderStatus } from './status.ts';

const WORLD = new URL('../../../test/worlds/rolling-out/view.json', import.meta.url);
const view = JSON.parse(readFileSync(WORLD, 'utf8')) as FixView;
const SLO = { target: 0.9995, windowMs: 30 * 24 * 60 * MINUTE };
const paper = { colour: false, ascii: false, wide: false, width: 100 };

const promiseOf = (burntMin: number) =>
  renderStatus({ ...view, slo: sloClockOf(SLO, 41, burntMin * MINUTE) }, paper)
    .split('\n')
    .find((line) => line.startsWith('Promise'));

describe('the promised availability', () => {
  test('says how many burn, what is left and until when', () => {
    expect(promiseOf(9)).toMatch(/^Promise {3}41 burn, 99\.95 % promised: 12m left, until \d\d:\d\dZ/);
  });

  test('says loudly that it is broken', () => {
    expect(promiseOf(60)).toMatch(/BROKEN for 38m/);
  });

  test('is not spoken of where none is made', () => {
    expect(renderStatus(view, paper)).not.toContain('Promise');
  });
});
