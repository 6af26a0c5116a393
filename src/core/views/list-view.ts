import type { FixId, PlanId } from '../base/ids.ts';
import type { Course } from '../forecast/again.ts';
import type { FixView } from './fix-view.ts';
import type { TargetView } from './target-view.ts';

/** A row of the list of fixes: what `status` without a fix and the console's Now page show. */
export type FixRow = Pick<
  FixView,
  | 'id'
  | 'version'
  | 'title'
  | 'severity'
  | 'incident'
  | 'author'
  | 'component'
  | 'state'
  | 'paused'
  | 'halted'
  | 'headline'
  | 'needs'
  | 'coverage'
  | 'clock'
  | 'health'
>;

/** One page of control planes towards a fix; `next` is the cursor of the page after it. */
export type TargetPage = {
  readonly items: readonly TargetView[];
  readonly total: number;
  readonly next?: string;
};

/** The rollout as a grid: one cell a target, `[name, managementCluster, state]`, in plan order, row by row. */
export type Grid = {
  readonly fix: FixId;
  readonly version: number;
  readonly rows: readonly {
    readonly name: string;
    readonly state: string;
    readonly cells: readonly [string, string, string][];
  }[];
};

/** What making every decision of a fix again came to; `recorded` and `again` hold the first that differs. */
export type Replayed = {
  readonly fix: FixId;
  readonly same: boolean;
  readonly decisions: number;
  readonly because?: string;
  readonly version?: number;
  readonly at?: string;
  readonly recorded?: readonly unknown[];
  readonly again?: readonly unknown[];
};

/** A recorded rollout, and the same under another pace. */
export type Tried = {
  readonly fix: FixId;
  readonly plan: PlanId;
  readonly budget: { readonly recorded: number; readonly tried: number };
  readonly recorded: Course;
  readonly tried: Course;
};

/** What proving the ledger came to, fix by fix. */
export type Verified = {
  readonly verified: boolean;
  readonly events: number;
  readonly fixes: readonly {
    readonly fix: FixId;
    readonly events: number;
    readonly verified: boolean;
    /** The first row that does not hold, and what is wrong with it. */
    readonly broken?: { readonly seq: number; readonly version: number; readonly because: string };
  }[];
};
