import type { Task } from '../../../core/life/agenda.ts';
import type { Judged } from '../../../core/proof/judged.ts';
import type { Repository } from '../../../ports/repository.ts';
import type { GateConfig } from '../../../wire/config.ts';
import type { Workbench } from '../workbench.ts';

export type GateTask = Extract<Task, { do: 'gate' }>;

/** One run of a gate on one line. */
export type GateRun = Workbench & {
  readonly task: GateTask;
  readonly gate: GateConfig;
  readonly repository: Repository;
  readonly log: (text: string) => void;
  readonly signal: AbortSignal;
};

/** Finds out what a gate asks. Throws a `SourceProblem` when a commit or a tree cannot be had. */
export type Checking = (run: GateRun) => Promise<Judged>;
