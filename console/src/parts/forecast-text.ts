import { MINUTE } from '../../../src/core/base/instant.ts';
import type { Forecast } from '../../../src/core/forecast/forecast.ts';
import { figureText } from '../charts/pace-model.ts';
import { countText, durationText } from '../words.ts';

/** Whole minutes: the figures are medians over a few runs, and say no more than that. */
const minutesText = (minutes: number): string => durationText(Math.round(minutes) * MINUTE);
const percentText = (share: number): string => `${figureText(100 * share)} %`;

/** What was played, and for whom. */
export function playedText({ planes, burning, budget }: Forecast): string {
  const symptom = burning === 0 ? '' : `, ${burning.toLocaleString('en')} of them burning`;
  return `Played for ${countText(planes, 'control plane')}${symptom}, at a harm budget of ${budget.toLocaleString('en')}.`;
}

/** `half in 52m, 95 % in 1h14m, all in 1h21m`; a share that is not reached ends it. */
function reachedText({ t50Min, t95Min, t100Min }: Forecast['good']): string {
  const never = (who: string): string => `${who} within ten days`;
  if (t50Min === undefined) return never('less than half');
  const half = `half in ${minutesText(t50Min)}`;
  if (t95Min === undefined) return `${half}, ${never('less than 95 %')}`;
  const most = `${half}, 95 % in ${minutesText(t95Min)}`;
  return t100Min === undefined ? `${most}, ${never('not all')}` : `${most}, all in ${minutesText(t100Min)}`;
}

/** How long a good fix takes until they run it, and whether chance halted it. */
export function goodText({ good }: Forecast): string {
  const halts =
    good.falseHaltShare === 0
      ? 'Chance halted it in none of the runs.'
      : `Chance halted it, though it is good, in ${percentText(good.falseHaltShare)} of the runs.`;
  return `If the fix is good: ${reachedText(good)}. ${halts}`;
}

/** One bad fix to be afraid of, as a row to read. */
export type BadRow = {
  /** `5 % of those that run it`. */
  readonly breaks: string;
  readonly shownAfter: string;
  readonly mean: string;
  readonly most: string;
  readonly bound: string;
  readonly hours: string;
};

export const badRows = ({ bad }: Forecast): BadRow[] =>
  bad.map((b) => ({
    breaks: b.p >= 1 ? 'all that run it' : `${percentText(b.p)} of those that run it`,
    shownAfter: minutesText(b.latencyMin),
    mean: figureText(b.brokenMean),
    most: figureText(b.brokenP95),
    bound: figureText(b.bound),
    hours: figureText(b.brokenHours),
  }));

/** How the table of bad fixes is read. */
export const badText = ({ runs }: Forecast): string =>
  `Each row is a bad fix one could be afraid of, played ${runs === 1 ? 'once' : `${runs.toLocaleString('en')} times`}: ` +
  'how many control planes it breaks until it is halted, and the hours they are broken, taken together. ' +
  'The guarantee is on the average over many such rollouts; a single one may break more. ' +
  'Where breaks show later than the plan assumes, nothing but the number of control planes bounds them.';
