import { MINUTE } from '../../../core/base/instant.ts';
import { judgeImageGate, nativeImages, notAsked } from '../../../core/proof/image-gate.ts';
import type { Judged } from '../../../core/proof/judged.ts';
import { type ImageAsked, RegistryProblem, verdictOn } from '../../../ports/registry.ts';
import type { GateRegistry } from '../../parts.ts';
import type { Checking, GateRun } from './gate-run.ts';

/** However long the gate may take: a registry that says nothing for so long will not, and others wait for their gates. */
const LOOK_MS_MAX = 5 * MINUTE;

/**
 * Looks at the candidate's image in its registry. One that does not answer was asked several times by then: that is told
 * where people look, since a job that is tried again for ever tells nobody.
 */
export const checkImage: Checking = async (run) => {
  const { gate, it, log } = run;
  const { registry: registries } = run.parts;
  if (registries === undefined) throw new Error('a gate looks at images, and the hub was given no registry');
  const signal = AbortSignal.any([run.signal, AbortSignal.timeout(Math.min(gate.timeout, LOOK_MS_MAX))]);
  const registry = registries.open({ hosts: gate.image?.registries ?? {} }, signal);
  const judged = await verdictOn(registry, askedOf(run, registries)).then(
    (verdict) => judgeImageGate(it.fix.id, verdict),
    (problem: unknown): Judged => {
      if (!(problem instanceof RegistryProblem)) throw problem;
      return notAsked(it.fix.id, { because: problem.message, next: problem.next });
    },
  );
  log(`${judged.result}: ${judged.note}\n`);
  for (const { text } of judged.findings ?? []) log(`  ${text}\n`);
  return judged;
};

function askedOf({ component, gate, task, it, log }: GateRun, { questionOf }: GateRegistry): ImageAsked {
  const reference = `${component.image}@${task.digest}`;
  const deployed = deployedOn({ component, gate, task, it });
  log(`looks at ${[reference, ...deployed].join(', beside ')}\n`);
  return { ...questionOf(component.name, gate.name), reference, commit: task.commit, deployed };
}

/** What the line's control planes run by themselves, where the gate says that it is found. */
function deployedOn({ component, gate, task, it }: Pick<GateRun, 'component' | 'gate' | 'task' | 'it'>) {
  const repository = gate.image?.deployed;
  if (repository === undefined) return [];
  const { release } = it.fix.lines[task.line]!.line;
  const native = nativeImages({ ...it.facts, component: component.name, release });
  return native.map((digest) => `${repository}@${digest}`);
}
