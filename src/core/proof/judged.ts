import type { Finding, GateResult, TestCounts } from './proof.ts';

/** What a check comes to. `note`: one line for people. */
export type Judged = {
  readonly result: GateResult;
  readonly note: string;
  readonly counts?: TestCounts;
  readonly findings?: readonly Finding[];
};
