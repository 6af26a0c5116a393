import type { Instant } from '../base/instant.ts';
import { type GateStanding, isOpen, LANES, type Lane, standing } from '../proof/proof.ts';
import type { LineImage } from '../rollout/make-plan.ts';
import { isContained, linesInUse, needsImage } from './evolve.ts';
import type { ComponentFacts } from './facts.ts';
import type { Fix, FixLine } from './fix.ts';
import type { Policy } from './policy.ts';

/** Gates of the component that this severity's lane names. */
export function laneGates(fix: Fix, component: ComponentFacts, policy: Policy) {
  const lane = policy.severities[fix.severity].lane;
  const named = (names: readonly string[]) => component.gates.filter((g) => names.includes(g.name));
  return {
    before: named(lane.before),
    after: named(lane.after.map((l) => l.gate)),
    shadow: named(lane.shadow),
  };
}

export type LaneStanding = GateStanding & { readonly lane: keyof Lane; readonly blocks: boolean };

/** Where every gate of the lane stands for one line; empty until the line has an image. */
export function gatesOf(input: {
  readonly fix: Fix;
  readonly line: FixLine;
  readonly component: ComponentFacts;
  readonly policy: Policy;
  readonly now: Instant;
}): LaneStanding[] {
  const { fix, line, now } = input;
  if (line.build?.state !== 'done') return [];
  const { digest } = line.build;
  const lanes = laneGates(fix, input.component, input.policy);
  const stand = (gate: string) =>
    standing({ gate, line: line.line.name, digest, evidence: fix.evidence, waivers: fix.waivers, now });
  return LANES.flatMap((lane) =>
    lanes[lane].map(({ name }) => ({ ...stand(name), lane, blocks: lane === 'before' })),
  );
}

/** The image a line may be given now, or what is missing. */
export function lineImage(
  input: Omit<Parameters<typeof gatesOf>[0], 'line'> & { readonly line: FixLine },
): LineImage {
  const { line, fix } = input;
  const name = line.line.name;
  if (line.assembly === undefined) return { line: name, missing: 'not assembled yet' };
  if (!needsImage(line)) return { line: name, missing: `${line.assembly.outcome}: ${line.assembly.because}` };
  if (line.build?.state !== 'done')
    return { line: name, missing: line.build ? `build ${line.build.state}` : 'not built yet' };
  const closed = gatesOf(input).filter((g) => g.blocks && !isOpen(g));
  if (closed.length > 0)
    return { line: name, missing: closed.map((g) => `gate ${g.gate} ${g.state}`).join(', ') };
  return { line: name, digest: line.build.digest, fixes: [...line.line.carries, fix.id] };
}

/** Whether every line that needs an image has one, with every blocking gate open. */
export function isProven(input: Omit<Parameters<typeof lineImage>[0], 'line'>): boolean {
  const lines = linesInUse(input.fix).filter((l) => l.emptied !== true && l.notAffected === undefined);
  const wanted = lines.filter((l) => !isContained(l));
  return wanted.length > 0 && wanted.every((line) => 'digest' in lineImage({ ...input, line }));
}
