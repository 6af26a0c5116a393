import type { GateWork } from '../../../ports/builder.ts';
import type { Checking, GateRun } from './gate-run.ts';

/** Runs the gate's command in a clean tree of the candidate. */
export const checkByCommand: Checking = async (run) => {
  const tree = await run.repository.checkout(run.task.commit, run.component.builder.tree);
  try {
    return await run.parts.gates.run(commandIn(run, tree.dir));
  } finally {
    await tree.dispose();
  }
};

/** The gate's command, to be run in a tree. */
export function commandIn({ gate, task, it, log, signal }: GateRun, dir: string): GateWork {
  return {
    dir,
    command: gate.command!,
    ...(gate.junit !== undefined && { junit: gate.junit }),
    timeoutMs: gate.timeout,
    env: {
      FLEETFIX_FIX: it.fix.id,
      FLEETFIX_LINE: task.line,
      FLEETFIX_DIGEST: task.digest,
      FLEETFIX_COMMIT: task.commit,
    },
    log,
    signal,
  };
}
