import { HOUR, SECOND } from '../base/instant.ts';
import { RUNNING, WAITING } from '../health/field.ts';
import { type Choice, choose } from './choose.ts';
import type { Credit } from './credit.ts';
import type { Guards } from './guards.ts';
import { roomOf } from './room.ts';
import { type Counted, tally } from './tally.ts';

/** What evidence is still missing before more may start, if nothing fails meanwhile. */
export type Missing = {
  /** The first moment at which one more would start; undefined when time alone does not bring it. */
  readonly atMs?: number;
  /** Healthy control planes that gather the evidence. */
  readonly gathering: number;
};

/** Past this, time brings no more evidence than there is. */
const LOOK_AHEAD_MS = 48 * HOUR;
const PRECISION_MS = 15 * SECOND;

/** When evidence alone will let the next one start: by halving, since credit only grows with time. */
export function missingEvidence(
  it: Omit<Choice, 'count' | 'room'> & {
    readonly credit: Credit;
    readonly guards: Guards;
    readonly background: number;
  },
): Missing {
  const { field, sight, nowMs } = it;
  let gathering = 0;
  let waiting = 0;
  for (let i = 0; i < field.targets; i += 1) {
    if (sight.state[i] === RUNNING && sight.broke[i] === 0 && sight.burning[i] === 0) gathering += 1;
    if (sight.state[i] === WAITING && field.stage[i]! <= it.openStage) waiting += 1;
  }
  if (waiting === 0) return { gathering };
  let early = 0;
  // Mostly it is soon: looking twice as far every time finds that with a few counts.
  let late = PRECISION_MS;
  while (!startsAt(it, nowMs + late)) {
    if (late >= LOOK_AHEAD_MS) return { gathering };
    early = late;
    late *= 2;
  }
  while (late - early > PRECISION_MS) {
    const middle = (early + late) / 2;
    if (startsAt(it, nowMs + middle)) late = middle;
    else early = middle;
  }
  return { atMs: Math.ceil(nowMs + late), gathering };
}

type Later = Parameters<typeof missingEvidence>[0];

function startsAt(it: Later, nowMs: number): boolean {
  const counted: Counted = { ...it, burningWeight: it.pace.burningWeight, nowMs };
  const count = tally(counted);
  const room = roomOf(counted, count, it.pace, it.background);
  return choose({ ...it, count, room, nowMs }).length > 0;
}
