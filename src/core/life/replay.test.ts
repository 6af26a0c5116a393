// Goal: a recorded rollout can be decided anew. Whole deliveries are played on the toy fleet, kept as a database keeps
// them (members in another order), and one number changed anywhere is found and named.
import { describe, expect, test } from 'vitest';
import type { PlanId } from '../base/ids.ts';
import type { Plan } from '../rollout/plan.ts';
import type { Recorded } from './event.ts';
import { plansOf, type Replay, replay } from './replay.ts';
import { fixImage } from './testing.ts';
import { delivering, fleet, minutes, type Toy } from './testing-fleet.ts';

const IMAGE = fixImage('FIX-1', '4.19.1').digest;
const good = (): Toy => played({});
const bad = (): Toy => played({ breaks: (_, digest) => digest === IMAGE });

function played(over: Parameters<typeof delivering>[1]): Toy {
  const toy = delivering(fleet(40, 4), over);
  minutes(toy, 150);
  return toy;
}

/** As PostgreSQL keeps JSON: shorter member names first. */
const kept = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(kept)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1))
            .map(([k, v]) => [k, kept(v)]),
        )
      : value;

function again(toy: Toy, rows: readonly Recorded[] = toy.story.rows): Replay {
  const plans = new Map<PlanId, Plan>([[toy.plan!.id, toy.plan!]]);
  const run = replay(rows, plans);
  for (;;) {
    const step = run.next();
    if (step.done) return step.value;
  }
}

describe('a rollout decided anew', () => {
  test.each([
    ['that was good', good],
    ['that was halted', bad],
  ])('%s is the same to the last bit, in whatever order its members are kept', (_, play) => {
    const toy = play();
    const rows = toy.story.rows.map((r) => ({ ...r, event: kept(r.event) as Recorded['event'] }));
    const decided = rows.filter((r) => r.event.type === 'Decided').length;
    expect(decided).toBeGreaterThan(2);
    expect(again(toy, rows)).toEqual({ same: true, decisions: decided });
  });

  test('stops at the first decision that differs and names the value', () => {
    const toy = good();
    let n = 0;
    const rows = toy.story.rows.map((row): Recorded => {
      if (row.event.type !== 'Decided') return row;
      n += 1;
      return n === 2 ? { ...row, event: { ...row.event, counts: { ...row.event.counts, room: 999 } } } : row;
    });
    const found = again(toy, rows);
    expect(found).toMatchObject({ same: false, decisions: 2 });
    expect(!found.same && found.differs.first).toMatch(/^0\.counts\.room: 999 recorded, [\d.]+ again$/);
  });

  test('finds a start that no decision made', () => {
    const toy = good();
    const rows = toy.story.rows.map((row): Recorded => {
      if (row.event.type !== 'TargetsStarted') return row;
      return { ...row, event: { ...row.event, targets: row.event.targets.slice(1) } };
    });
    expect(again(toy, rows)).toMatchObject({ same: false, decisions: 1 });
  });

  test('needs every plan the fix was started with', () => {
    const { rows } = good().story;
    expect(() => [...replay(rows, new Map())]).toThrow(/is not kept here, expected every plan/);
    expect(plansOf(rows)).toHaveLength(1);
  });
});
