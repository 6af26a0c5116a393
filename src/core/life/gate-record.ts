import { epochMs, type Instant, type Ms } from '../base/instant.ts';
import type { GatePast } from '../proof/cut.ts';
import { type Evidence, isOn } from '../proof/proof.ts';
import { deliveredAt } from './debts.ts';
import { type Fix, lineNamed } from './fix.ts';

/** What a gate came to over the fixes of a component. */
export type GateRecord = GatePast & {
  readonly gate: string;
  /** Fixes of which it stopped an image before delivery. */
  readonly caught: number;
  /** Fixes of which it failed on an image only after it had been delivered. */
  readonly late: number;
  readonly unclear: number;
  readonly waived: number;
};

/** How many bad fixes were stopped before delivery, of all that are known to be bad. */
export type Recall = {
  readonly caught: number;
  /** Found only after delivery: by a gate that ran then, or by what it did to the fleet. */
  readonly missed: readonly { readonly fix: string; readonly by: string }[];
  /** 0 to 1; undefined while no fix is known to be bad. */
  readonly recall?: number;
};

/** One row a gate that has judged, or was waived, in the order of their names. */
export function gateRecords(fixes: readonly Fix[]): GateRecord[] {
  const names = new Set(fixes.flatMap((f) => [...f.evidence, ...f.waivers].map(({ gate }) => gate)));
  return [...names].sort().map((gate) => recordOf(gate, fixes));
}

export function recordOf(gate: string, fixes: readonly Fix[]): GateRecord {
  const count = (is: (fix: Fix) => boolean) => fixes.filter(is).length;
  const took = fixes.flatMap((fix) => tookOf(gate, fix)).sort((a, b) => a - b);
  const tookMs = took[Math.floor(took.length / 2)];
  return {
    gate,
    judged: count(({ evidence }) => evidence.some((e) => e.gate === gate && e.result !== 'unclear')),
    caught: count((fix) => stoppers(fix).has(gate)),
    alone: count((fix) => stoppers(fix).has(gate) && stoppers(fix).size === 1),
    late: count((fix) => lateOnes(fix).includes(gate)),
    unclear: count(({ evidence }) => evidence.some((e) => e.gate === gate && e.result === 'unclear')),
    waived: count(({ waivers }) => waivers.some((w) => w.gate === gate)),
    ...(tookMs !== undefined && { tookMs }),
  };
}

/** Of the fixes that are known to be bad, how many were stopped before delivery. */
export function recallOf(fixes: readonly Fix[]): Recall {
  const caught = fixes.filter((fix) => stoppers(fix).size > 0).length;
  const missed = fixes.flatMap((fix) => {
    const by = missedBy(fix);
    return by === undefined ? [] : [{ fix: fix.id, by }];
  });
  const bad = caught + missed.length;
  return { caught, missed, ...(bad > 0 && { recall: caught / bad }) };
}

/** A late failure alone may be the gate's own: it counts once the fix was taken back. */
function missedBy(fix: Fix): string | undefined {
  const { halted } = fix.rollout ?? {};
  if (halted === undefined) return undefined;
  if (halted.asked === undefined) return halted.because;
  const [gate] = lateOnes(fix);
  return gate === undefined ? undefined : `gate ${gate}`;
}

/** It failed, is not looked at again unasked, and did not pass on the same image later: then the gate had failed for reasons of its own. */
const isKept = (all: readonly Evidence[], one: Evidence, at: number): boolean =>
  one.result === 'fail' &&
  one.looks?.againAt === undefined &&
  !all.some((e, i) => i > at && e.result === 'pass' && isOn(e, one));

const failedAs = (fix: Fix, is: (e: Evidence) => boolean): string[] => [
  ...new Set(fix.evidence.filter((e, at) => isKept(fix.evidence, e, at) && is(e)).map((e) => e.gate)),
];

/** Gates that stopped an image of the fix before any was delivered. */
const stoppers = (fix: Fix): ReadonlySet<string> => {
  const start = deliveredAt(fix);
  return new Set(failedAs(fix, (e) => start === undefined || e.at < start));
};

const lateOnes = (fix: Fix): string[] => {
  const start = deliveredAt(fix);
  return start === undefined ? [] : failedAs(fix, (e) => e.at >= start);
};

/** How long the gate took on each line: a check as measured, a person's word since the image was there. */
function tookOf(gate: string, fix: Fix): Ms[] {
  const builtAt = (line: string): Instant | undefined => {
    const build = lineNamed(fix, line)?.build;
    return build?.state === 'done' ? build.endedAt : undefined;
  };
  return fix.evidence.flatMap((e): Ms[] => {
    if (e.gate !== gate) return [];
    if (e.tookMs !== undefined) return [e.tookMs];
    const from = builtAt(e.line);
    return from === undefined || from > e.at ? [] : [epochMs(e.at) - epochMs(from)];
  });
}
