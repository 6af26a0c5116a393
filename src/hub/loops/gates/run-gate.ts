import type { Ms } from '../../../core/base/instant.ts';
import type { Judged } from '../../../core/proof/judged.ts';
import type { CheckKind } from '../../../core/proof/proof.ts';
import { SourceProblem } from '../../../ports/repository.ts';
import { checkOf } from '../../../wire/config-facts.ts';
import { checkByCommand } from './command-check.ts';
import type { Checking, GateRun } from './gate-run.ts';
import { checkImage } from './image-check.ts';
import { checkOwnTest } from './own-test-check.ts';
import { checkScope } from './scope-check.ts';

const CHECKINGS: { readonly [K in CheckKind]: Checking } = {
  command: checkByCommand,
  scope: checkScope,
  'own-test': checkOwnTest,
  image: checkImage,
};

/** Runs the gate, whatever it checks. What cannot be had is a verdict with its reason; trying again would find the same. */
export async function runGate(run: GateRun): Promise<Judged & { readonly tookMs: Ms }> {
  const began = performance.now();
  const judged = await CHECKINGS[checkOf(run.gate)!](run).catch((problem: unknown): Judged => {
    if (!(problem instanceof SourceProblem)) throw problem;
    run.log(`${problem.message}\n`);
    return { result: 'fail', note: problem.message };
  });
  return { tookMs: Math.round(performance.now() - began), ...judged };
}
