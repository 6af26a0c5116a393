import { pathClass, pathRules } from '../../../core/assembly/path-class.ts';
import type { Judged } from '../../../core/proof/judged.ts';
import { judgeOwnTest, type OwnTestRuns } from '../../../core/proof/own-test.ts';
import { beforeFix } from './before-fix.ts';
import { commandIn } from './command-check.ts';
import type { Checking, GateRun } from './gate-run.ts';
import { recordTimes } from './record-times.ts';

/** Runs the tests that the fix brings on what is deployed, where they must fail, and on the candidate, where they must pass. */
export const checkOwnTest: Checking = async (run) => {
  const base = await beforeFix(run);
  const { files } = await run.repository.change(base, run.task.commit);
  const rules = pathRules(run.component.pathClasses);
  const changed = files.filter(({ path }) => pathClass(path, rules) === 'test');
  const tests = changed.filter(({ kind }) => kind !== 'removed').map(({ path }) => path);
  const found = { tests, reports: run.gate.junit !== undefined };
  if (tests.length === 0) return judgeOwnTest(found);
  const paths = changed.flatMap(({ path, wasAt }) => (wasAt === undefined ? [path] : [path, wasAt]));
  return await bothRuns(run, { base, paths }, found);
};

const FAILED = { cases: { tell: 'failed' } } as const;

async function bothRuns(
  run: GateRun,
  it: { readonly base: string; readonly paths: readonly string[] },
  found: Pick<OwnTestRuns, 'tests' | 'reports'>,
): Promise<Judged> {
  const { repository, task, component, parts, log } = run;
  const { reports } = found;
  const candidate = await repository.checkout(task.commit, component.builder.tree);
  try {
    const deployed = await repository.checkout(it.base, component.builder.tree);
    try {
      // First without it: a run may leave its traces in the tree that the tests are taken from.
      log(`the fix's own tests without it (${it.base})\n`);
      const over = { from: candidate.dir, paths: it.paths };
      const without = await parts.gates.run({
        ...commandIn(run, deployed.dir),
        over,
        ...(reports && FAILED),
      });
      log(`the fix's own tests with it (${task.commit})\n`);
      const passed = { cases: { tell: 'passed', of: without.cases ?? [] } } as const;
      const withIt = await parts.gates.run({
        ...commandIn(run, candidate.dir),
        ...(reports && passed),
        times: true,
      });
      await recordTimes(run, withIt.times);
      return judgeOwnTest({ ...found, without, with: withIt });
    } finally {
      await deployed.dispose();
    }
  } finally {
    await candidate.dispose();
  }
}
