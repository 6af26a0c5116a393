import { durationText, HOUR, type Ms } from '../base/instant.ts';

/** What one gate has found in the past of a component. */
export type GatePast = {
  /** Fixes that it judged. */
  readonly judged: number;
  /** Of them those that it stopped, and that no other gate of the lane stopped. */
  readonly alone: number;
  /** How long it took, the middle of all times; undefined while nobody knows. */
  readonly tookMs?: Ms;
};

/** What waiting for a gate costs, and what passing over it may, in control planes that break. Kept with the decision. */
export type Cut = {
  /** More that the incident breaks while the gate runs; undefined when nobody knows how long, or what burns. */
  readonly waiting?: number;
  /** Those that a bad fix breaks before it is halted, times how likely it is that only this gate would have stopped it; at most. */
  readonly skipping: number;
  readonly because: string;
  /** Why it should not be passed over, whatever the numbers say. */
  readonly never?: string;
};

/**
 * Weighs passing over a gate against waiting for it. A gate that stopped none of n fixes may still stop up to 3/n of
 * them (rule of three, 95 %); one with no past may stop every one.
 */
export function weighCut(it: {
  readonly gate: string;
  readonly past: GatePast;
  /** More that break every hour; undefined when no symptom tells. */
  readonly perHour: number | undefined;
  /** How many break at first when the fix is bad. */
  readonly firstWave: number;
  /** What of the change cannot be taken back. */
  readonly irreversible: readonly string[];
}): Cut {
  const { past, perHour, firstWave, irreversible } = it;
  const share = shareOf(past);
  const waiting =
    perHour === undefined || past.tookMs === undefined ? undefined : (perHour * past.tookMs) / HOUR;
  const skipping = share * firstWave;
  const never =
    irreversible.length > 0
      ? `the change cannot simply be taken back: ${irreversible.slice(0, 3).join('; ')}`
      : undefined;
  return {
    ...(waiting !== undefined && { waiting: rounded(waiting) }),
    skipping: rounded(skipping),
    because: [waitingText(it, waiting), skippingText(it, skipping, share)].join('; '),
    ...(never !== undefined && { never }),
  };
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
const figure = (value: number): string => String(value >= 10 ? Math.round(value) : rounded(value));

function shareOf({ judged, alone }: GatePast): number {
  if (judged === 0) return 1;
  return alone > 0 ? alone / judged : Math.min(1, 3 / judged);
}

type Asked = Parameters<typeof weighCut>[0];

function waitingText({ gate, past, perHour }: Asked, waiting: number | undefined): string {
  if (past.tookMs === undefined) return `how long ${gate} takes is not known yet`;
  const takes = `waiting ${durationText(past.tookMs)} for ${gate}`;
  if (perHour === undefined) return `${takes}: no symptom was given to count what breaks meanwhile`;
  return `${takes}: about ${figure(waiting!)} more break`;
}

function skippingText({ past, firstWave }: Asked, skipping: number, share: number): string {
  const known =
    past.judged === 0
      ? 'it has judged no fix yet'
      : `it alone stopped ${past.alone} of ${past.judged} past fixes, so up to ${Math.ceil(share * 100)} %`;
  return `passing over it: at most ${figure(skipping)} (${known}; a bad fix starts on ${firstWave})`;
}
