import { isOn } from '../../../core/proof/proof.ts';
import type { ReportTimes } from '../../../ports/test-report.ts';
import type { GateRun } from './gate-run.ts';

/**
 * Keeps how long the tests of a gate's run took. A verdict never hangs on it: what cannot be kept is a warning in the
 * gate's log. A run that was stopped told of a part only, and comes again.
 */
export async function recordTimes(run: GateRun, times: ReportTimes | undefined): Promise<void> {
  const { testTimes } = run.parts;
  if (testTimes === undefined || times === undefined || run.signal.aborted) return;
  const warn = (why: string) => run.log(`warning: the times of its tests are not kept: ${why}\n`);
  if (times.leftOut > 0)
    run.log(
      `warning: the report has ${times.leftOut} tests more than the ${times.tests.length} whose times are kept\n`,
    );
  const { parts, it, task, component } = run;
  try {
    const { line, gate, digest } = task;
    await testTimes.record({
      component: component.name,
      fix: it.fix.id,
      line,
      gate,
      digest,
      attempt: it.fix.evidence.filter((one) => isOn(one, task)).length,
      at: parts.clock.now(),
      tests: times.tests,
    });
  } catch (problem) {
    warn((problem as Error).message);
  }
}
