import type { PaceView } from '../../../src/core/views/fix-view.ts';
import { countText, type Tone } from '../words.ts';

/** From here on evidence is called strong: a good fix shows it in one rollout of ten, at most. */
const STRONG = 10;

/** Two digits below a hundred, whole above; small ones say that they are small. */
export function figureText(value: number): string {
  if (value > 0 && value < 0.01) return 'less than 0.01';
  return value >= 100
    ? Math.round(value).toLocaleString('en')
    : Number(value.toPrecision(2)).toLocaleString('en');
}

const within = (percent: number): number => Math.min(100, Math.max(0, percent));

/** Where a value stands between 1 and the end, each ten times as far as the one before; percent of the way. */
export const logPlace = (value: number, end: number): number =>
  value > 1 && end > 1 ? within((100 * Math.log(value)) / Math.log(end)) : 0;

/** The powers of ten from 1 up to the end, and the end. */
export function logTicks(end: number): number[] {
  const ticks: number[] = [];
  for (let tick = 1; tick < end; tick *= 10) ticks.push(tick);
  return [...ticks, end];
}

export type Said = { readonly text: string; readonly tone: Tone };

/** What the evidence against the image comes to, in words. */
export function evidenceSaid({ against, haltsAt, treated, failed }: PaceView): Said {
  if (against >= haltsAt) return { text: 'enough to halt it', tone: 'danger' };
  if (against >= STRONG) return { text: 'strong, not yet enough to halt it', tone: 'warning' };
  if (against > 1) return { text: 'weak: chance alone does this often', tone: 'info' };
  if (treated === 0 && failed === 0 && against === 1)
    return { text: 'none: nothing was compared yet', tone: 'neutral' };
  return { text: 'none: nothing speaks against it', tone: 'success' };
}

/** Who is compared with whom, and what the end of the scale means. */
export function comparedText({ treated, controls, haltsAt }: PaceView): string {
  const halts = `At ${figureText(haltsAt)} it halts and goes back by itself; a good fix gets there in at most one rollout of ${figureText(haltsAt)}.`;
  if (treated === 0) return `Nobody who runs it is in the time of risk now, so nothing is compared. ${halts}`;
  const cohort = `${countText(treated, 'healthy control plane')} that began to run it not long ago`;
  const others =
    controls === 0
      ? 'with their own past, for none without it is left to compare with'
      : `with ${countText(controls, 'other')} that ${controls === 1 ? 'does' : 'do'} not run it, in the same regions at the same time`;
  return `It counts how often things go wrong: ${cohort}, compared ${others}. ${halts}`;
}

/** How much may break of what is out there, against the budget. */
export function harmSaid({ atStake, harmBudget }: PaceView): Said {
  const text = `${figureText(atStake)} of ${figureText(harmBudget)}`;
  if (atStake > harmBudget) return { text: `${text}: over the budget, no more start`, tone: 'warning' };
  return { text, tone: 'info' };
}

export const harmPlace = ({ atStake, harmBudget }: PaceView): number =>
  harmBudget > 0 ? within((100 * atStake) / harmBudget) : 100;

/** What the budget is, for those who do not know the word. */
export function harmText({ unknown, burning }: PaceView, { goesOn }: { goesOn: boolean }): string {
  const out =
    unknown === 0
      ? 'The outcome of every one that was started is known.'
      : `So many may still break, at worst, of ${figureText(unknown)} whose outcome is not known yet.`;
  const weight =
    burning === undefined || unknown === 0 ? '' : ' One the incident had broken before counts for less.';
  const more = goesOn ? ' More start as long as this stays within the harm budget of the plan.' : '';
  return `${out}${weight}${more}`;
}

/** The bound on the failure rate. */
export function rateSaid({ rateAtMost }: PaceView): string {
  if (rateAtMost >= 1) return 'nothing is known yet';
  return `at most ${figureText(100 * rateAtMost)} % of control planes`;
}

export function failedText({ failed, waves }: PaceView): string {
  const starts = waves === 0 ? 'nothing has started yet' : `started in ${countText(waves, 'wave')} so far`;
  const broke =
    failed === 0
      ? 'None broke.'
      : `${countText(failed, 'control plane')} broke, and ${failed === 1 ? 'goes' : 'each goes'} back by itself.`;
  return `${broke} The bound falls with every healthy minute of those that run it; ${starts}.`;
}

/** Whether those that the incident had broken recover. */
export function burningSaid({ treated, recovered }: NonNullable<PaceView['burning']>): Said {
  if (treated === 0) return { text: 'none of them runs it yet', tone: 'neutral' };
  const tone = recovered === treated ? 'success' : 'info';
  return {
    text: `${recovered.toLocaleString('en')} of ${treated.toLocaleString('en')} have recovered`,
    tone,
  };
}

export function burningText({ waiting }: NonNullable<PaceView['burning']>): string {
  const left = waiting === 0 ? 'None of them waits' : `${waiting.toLocaleString('en')} more wait`;
  return `Of those that the incident had broken and that run the fix now. ${left}.`;
}
