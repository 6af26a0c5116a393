import type { Ms } from '../../../core/base/instant.ts';
import { type TestsToRun, testsToRun } from '../../../core/hand-off/tests-to-run.ts';
import type { Judged } from '../../../core/proof/judged.ts';
import type { GateOutcome, GateWork } from '../../../ports/builder.ts';
import { beforeFix } from './before-fix.ts';
import type { Checking, GateRun } from './gate-run.ts';
import { recordTimes } from './record-times.ts';

/** Runs the gate's command in a clean tree of the candidate. */
export const checkByCommand: Checking = async (run) => {
  const tests = run.gate.tests === 'selected' ? await selected(run) : undefined;
  const tree = await run.repository.checkout(run.task.commit, run.component.builder.tree);
  try {
    const files = tests?.list === undefined ? {} : { files: { FLEETFIX_TESTS: tests.list } };
    const outcome = await run.parts.gates.run({ ...commandIn(run, tree.dir), ...files, times: true });
    await recordTimes(run, outcome.times);
    const judged = judgedBy(outcome);
    if (tests === undefined) return judged;
    return { ...judged, note: `${judged.note}; ${tests.said}`, findings: tests.findings };
  } finally {
    await tree.dispose();
  }
};

/** What of a run is kept with the verdict. */
const judgedBy = ({ result, note, counts, tookMs }: GateOutcome): Judged & { readonly tookMs: Ms } => ({
  result,
  note,
  ...(counts && { counts }),
  tookMs,
});

/** A gate is not for waiting for what would only make it shorter. */
const SELECT_WITHIN_MS: Ms = 60_000;

/** What the candidate can affect against what is deployed. */
async function selected(run: GateRun): Promise<TestsToRun> {
  const { repository, task, component, selections, gate } = run;
  const from = await beforeFix(run);
  const asked = {
    ...{ repository, from, to: task.commit, branch: component.branch, component: component.name },
    ...(gate.minutes !== undefined && { minutes: gate.minutes }),
  };
  const found = await selections.of(asked, SELECT_WITHIN_MS);
  if (found.known) for (const warning of found.warnings) run.log(`warning: ${warning}\n`);
  const tests = testsToRun(found);
  run.log(`${tests.said}\n`);
  const { timesUnused } = found;
  return timesUnused === undefined ? tests : { ...tests, said: `${tests.said}; ${timesUnused}` };
}

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
