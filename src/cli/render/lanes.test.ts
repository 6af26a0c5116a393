// Goal: which gates a delivery waits for, which may follow it, by when and by whom, is read off one screen.
import { expect, test } from 'vitest';
import { renderNamed } from './lists.ts';
import { PLAIN } from './paper.ts';

const DAY = 86_400_000;
const LATE = { gate: 'perf', within: 7 * DAY };
const policy = (name: string, severities: object) => ({ name, silentAfter: 600_000, severities });
const screen = (items: readonly unknown[], noun = 'policies', width?: number) =>
  renderNamed(
    items,
    { noun, now: '2026-11-22T20:00:00.000Z', total: items.length, more: '' },
    width === undefined ? PLAIN : { ...PLAIN, width },
  );

test('policies show their lanes, with time and owner of what may follow; severities with the same lanes are one', () => {
  const usual = { targets: {}, before: ['bvt', 'smoke'], after: [LATE], shadow: ['chaos'] };
  const strict = {
    ...usual,
    before: ['bvt', 'smoke', 'perf'],
    after: [{ ...LATE, within: DAY, owner: 'team-lab' }],
    shadow: [],
  };
  expect(screen([policy('eu', { critical: usual, high: usual, moderate: strict })])).toBe(
    `NAME  FACTS
eu    silentAfter 10m

POLICY  SEVERITY        LANE    GATES
eu      critical, high  before  bvt, smoke
                        after   perf within 7d by who attests it, else an engineer
                        shadow  chaos
eu      moderate        before  bvt, smoke, perf
                        after   perf within 1d by team-lab
                        shadow  -

everything: fleetfix get policies -o yaml
`,
  );
});

test('on narrow paper their gates wrap within their column', () => {
  const before = Array.from({ length: 12 }, (_, n) => `gate-number-${n}`);
  const text = screen([policy('eu', { critical: { before } })], 'policies', 80);
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  for (const gate of before) expect(text).toContain(gate);
});

test('nothing is said of lanes where none are known, nor of components', () => {
  expect(screen([{ name: 'old' }])).not.toContain('LANE');
  expect(screen([policy('cpo', { critical: { before: ['bvt'] } })], 'components')).not.toContain('LANE');
});
