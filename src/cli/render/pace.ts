import type { FixView, PaceView } from '../../core/views/fix-view.ts';
import { type Paper, wrap } from './paper.ts';

/**
 * What a rollout goes by: the evidence against the image and where it halts, what can fail at most, and how much of
 * the harm budget that uses. Of those that the incident broke: whether the fix makes them well. Nothing before a rollout.
 */
export function pace({ pace: now }: FixView, paper: Paper): string[] {
  if (now === undefined) return [];
  const line = (label: string, text: string) => wrap(`${label.padEnd(10)}${text}`, paper.width);
  return [line('Pace', paceText(now)), ...(now.burning ? [line('Burning', burningText(now.burning))] : [])];
}

const paceText = (now: PaceView): string =>
  [
    `evidence against it ${figure(now.against)} of ${figure(now.haltsAt)}`,
    `at most ${figure(now.rateAtMost * 100)} % can fail`,
    `${figure(now.unknown)} of unknown outcome: ${figure(now.atStake)} at stake, budget ${figure(now.harmBudget)}`,
  ].join(' · ');

function burningText({ treated, recovered, waiting }: NonNullable<PaceView['burning']>): string {
  const rest = waiting > 0 ? `; ${waiting} still wait for it` : '';
  return `${recovered} of ${treated} that showed the symptom are well again with the fix${rest}`;
}

/** Two digits below a hundred, whole above: as the hub writes its figures. */
export const figure = (value: number): string =>
  value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
