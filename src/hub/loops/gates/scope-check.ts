import { judgeScope } from '../../../core/proof/scope-gate.ts';
import { USUAL_SCOPE } from '../../../core/scope/policy.ts';
import { scopeVerdict } from '../../../core/scope/verdict.ts';
import { beforeFix } from './before-fix.ts';
import type { Checking } from './gate-run.ts';

/** Judges whether what the fix changes on the line is a fix of what exists. */
export const checkScope: Checking = async (run) => {
  const change = await run.repository.change(await beforeFix(run), run.task.commit);
  const policy = run.it.facts.policy.scope ?? USUAL_SCOPE;
  const verdict = scopeVerdict(change, policy);
  for (const warning of verdict.warnings) run.log(`${warning}\n`);
  const judged = judgeScope(verdict, policy, change.files);
  run.log(`${judged.result}: ${judged.note}\n`);
  return judged;
};
