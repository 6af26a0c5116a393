// Rollouts drawn as pictures, for tests: one cell a control plane.
import { MINUTE } from '../base/instant.ts';
import {
  BACK,
  emptySight,
  FAILED,
  type Field,
  fieldOf,
  GOING_BACK,
  HELD,
  type Member,
  OUT,
  RUNNING,
  SILENT,
  type Sight,
  STARTING,
  WAITING,
} from '../health/field.ts';
import { creditOf } from './credit.ts';
import { type Guards, guardsOf } from './guards.ts';
import { type Pace, paceOf, USUAL } from './pace.ts';
import { roomOf } from './room.ts';
import { type Counted, tally } from './tally.ts';

/** Now, in pictures: late enough that nothing reaches back to the 0 that means never. */
export const NOW_MS = 10_000 * MINUTE;

/** · waiting  h held  ▸ starting  ✓ running  ? silent  ✗ failed  ◂ going back  ○ back  x out. After it `!`: broke; `*`: burns; a number: minutes since. */
const STATES: Readonly<Record<string, number>> = {
  '·': WAITING,
  h: HELD,
  '▸': STARTING,
  '✓': RUNNING,
  '?': SILENT,
  '✗': FAILED,
  '◂': GOING_BACK,
  '○': BACK,
  x: OUT,
};

const BROKEN = new Set([FAILED]);
const RAN = new Set([RUNNING, SILENT, FAILED, GOING_BACK, BACK]);

/** Rows below the picture say where each one is, cell by cell; without one they are all in the same place. */
export type Rows = {
  readonly cluster?: string;
  readonly stratum?: string;
  readonly region?: string;
  readonly customer?: string;
  readonly stage?: string;
  readonly weight?: string;
};

const cellsOf = (row: string | undefined): string[] =>
  row === undefined ? [] : row.split(/\s+/).filter(Boolean);

export function fieldFrom(size: number, rows: Rows = {}, controls: readonly Member[] = []): Field {
  const at = (row: keyof Rows, i: number, usual: string) => cellsOf(rows[row])[i] ?? usual;
  return fieldOf(
    Array.from({ length: size }, (_, i) => ({
      managementCluster: at('cluster', i, 'm'),
      stratum: at('stratum', i, 's'),
      region: at('region', i, 'r'),
      customer: at('customer', i, `c${i}`),
      stage: Number(at('stage', i, '1')),
      weight: Number(at('weight', i, '1')),
    })),
    controls,
  );
}

export function sightFrom(field: Field, picture: string): Sight {
  const sight = emptySight(field);
  cellsOf(picture).forEach((cell, i) => {
    const [, glyph, marks, age] = /^(.)([!*]*)([\d.]*)$/u.exec(cell)!;
    const state = STATES[glyph!]!;
    const agoMs = Number(age || 10) * MINUTE;
    sight.state[i] = state;
    sight.sinceMs[i] = NOW_MS - agoMs;
    if (state !== WAITING && state !== HELD && state !== OUT) sight.toldAtMs[i] = NOW_MS - agoMs - 6 * MINUTE;
    if (RAN.has(state)) sight.ranAtMs[i] = NOW_MS - agoMs;
    if (BROKEN.has(state) || marks!.includes('!')) sight.broke[i] = 1;
    if (marks!.includes('*')) sight.burning[i] = 1;
  });
  return sight;
}

/** Everything that is counted and chosen by, from a picture. `background`: as `roomOf` takes it. */
export function sceneOf(
  picture: string,
  rows: Rows & { readonly pace?: Partial<Pace>; readonly background?: number; readonly nowMs?: number } = {},
) {
  const field = fieldFrom(cellsOf(picture).length, rows);
  const sight = sightFrom(field, picture);
  return paced(field, sight, rows.pace ?? {}, {
    nowMs: rows.nowMs ?? NOW_MS,
    background: rows.background ?? 0,
  });
}

export function paced(
  field: Field,
  sight: Sight,
  given: Partial<Pace>,
  { nowMs, background }: { readonly nowMs: number; readonly background: number },
  asGuards?: Guards,
) {
  const pace = paceOf({ ...USUAL, harmBudget: 100, ...given });
  const guards = asGuards ?? guardsOf(field, pace.harmBudget);
  const counted: Counted = {
    field,
    sight,
    credit: creditOf(pace),
    guards,
    burningWeight: pace.burningWeight,
    nowMs,
  };
  const count = tally(counted);
  const room = roomOf(counted, count, pace, background);
  return { field, sight, pace, counted, count, room, background, nowMs, openStage: 0 };
}
