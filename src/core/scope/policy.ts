import type { Signal } from './signal.ts';

/** When the scope gate lets a change pass, asks, or blocks. */
export type ScopePolicy = {
  /** Scores from 0 to 1: below the first it is a fix, from the second on a feature, between them unclear. */
  readonly fixBelow: number;
  readonly featureFrom: number;
  /** Signals that block by themselves, whatever the score. */
  readonly blocks: readonly Signal[];
};

export const USUAL_SCOPE: ScopePolicy = {
  fixBelow: 0.4,
  featureFrom: 0.6,
  blocks: ['api-field', 'schema-field', 'migration'],
};
