import { MINUTE, type Ms } from '../base/instant.ts';

/** An availability promised over a window: 0.9995 over 30 days leaves 21.6 minutes. */
export type Slo = { readonly target: number; readonly windowMs: Ms };

/** How long a control plane may be down in a window without breaking the promise. */
export const errorBudgetMs = ({ target, windowMs }: Slo): Ms => Math.max(0, (1 - target) * windowMs);

/** The incident's own clock: what it has used of the error budget of those that burn. */
export type SloClock = {
  readonly target: number;
  readonly burning: number;
  /** What each may be down in a window. */
  readonly budgetMs: Ms;
  /** How long those that burn have been down by now, as far as it is known: since the incident was declared. */
  readonly burntMs: Ms;
  /** Until the promise is broken; 0 when it is. */
  readonly leftMs: Ms;
};

export function sloClockOf(slo: Slo, burning: number, burntMs: Ms): SloClock {
  const budgetMs = errorBudgetMs(slo);
  return { target: slo.target, burning, budgetMs, burntMs, leftMs: Math.max(0, budgetMs - burntMs) };
}

/**
 * How much one that burns weighs against one that a bad fix breaks. Two while the promise is about to break, since every
 * minute then breaks it for one more: from half of the budget on, or with less than an hour left. One otherwise.
 */
export const burningSeverity = (clock: SloClock | undefined): number =>
  clock !== undefined &&
  clock.burning > 0 &&
  (clock.leftMs <= clock.budgetMs / 2 || clock.leftMs < 60 * MINUTE)
    ? 2
    : 1;
