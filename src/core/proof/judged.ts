import type { Finding, GateResult, TestCounts } from './proof.ts';

/** What a check comes to. `note`: one line for people. */
export type Judged = {
  readonly result: GateResult;
  readonly note: string;
  readonly counts?: TestCounts;
  readonly findings?: readonly Finding[];
  /** What it lacks is others' to bring, and may come yet: it is looked for again. */
  readonly mayCome?: true;
};
