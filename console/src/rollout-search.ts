import { planId } from './plan-of.ts';

/** Everything chosen on a tab of a fix stands in its address. */
export type RolloutSearch = {
  readonly view?: 'table';
  readonly state?: string;
  readonly standing?: string;
  readonly plan?: 'out';
  /** A row of the rollout: `burning`, `one-box` or the name of a stage. */
  readonly stage?: string;
  /** What started together, from 1. */
  readonly wave?: number;
  /** The open control plane, or `cluster` with `stage`: the open block. */
  readonly target?: string;
  readonly cluster?: string;
  /** On the page of the plan: which. */
  readonly id?: string;
};

const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;

/** Of what the address says, only what this page knows. */
export function rolloutSearch(search: Record<string, unknown>): RolloutSearch {
  const wave = Number(search.wave);
  const known = {
    view: search.view === 'table' ? 'table' : undefined,
    plan: search.plan === 'out' ? 'out' : undefined,
    state: text(search.state),
    standing: text(search.standing),
    stage: text(search.stage),
    wave: Number.isSafeInteger(wave) && wave > 0 ? wave : undefined,
    target: text(search.target),
    cluster: text(search.cluster),
    id: planId(text(search.id)),
  };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}
