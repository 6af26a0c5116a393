import type { Tally } from './campaign.ts';
import type { Outcome } from './trial.ts';

/** One line while it goes on. */
export function progressText(of: {
  readonly done: number;
  readonly of: number;
  readonly outcome: Outcome;
  readonly tookMs: number;
}): string {
  const left = (of.tookMs / of.done) * (of.of - of.done);
  return `${of.done} of ${of.of} seeds, ${seconds(of.tookMs)} gone, about ${seconds(left)} to go (seed ${of.outcome.seed}: ${of.outcome.events} events)   `;
}

/** What broke, when, what came before it, and how to see it again. */
export function failureText({ seed, on, failure }: Outcome, hours: number): string {
  if (failure === undefined) return `seed ${seed}: nothing broke`;
  return [
    `seed ${seed} broke on ${on} at ${failure.at}: ${failure.invariant}`,
    `  ${failure.finding}`,
    ...failure.last.map((line) => `    ${line}`),
    `  again: npm run sim -- --seed ${seed} --hours ${hours}${on === 'memory' ? '' : ' --postgres 1'}`,
  ].join('\n');
}

/** Everything at the end. */
export function tallyText(tally: Tally): string {
  const counts = (of: Readonly<Record<string, number>>) =>
    Object.entries(of).map(([what, n]) => `  ${String(n).padStart(7)}  ${what}`);
  const { failures, tookMs } = tally;
  return [
    `${tally.seeds} seeds of ${tally.hours} h${tally.interrupted ? ' (interrupted)' : ''} in ${seconds(tookMs)}, ` +
      `all in memory and ${tally.onPostgres} of them on PostgreSQL too: ` +
      `${tally.simulatedHours} simulated hours, ${tally.steps} steps (${tally.stepsPerSecond} a second), ` +
      `${tally.calls} calls, ${tally.events} events`,
    'faults',
    ...counts(tally.faults),
    'acts of people',
    ...counts(tally.acts),
    failures.length === 0 ? 'nothing broke' : `${failures.length} seeds broke`,
    ...failures.map((outcome) => failureText(outcome, tally.hours)),
    '',
  ].join('\n');
}

const seconds = (ms: number): string => {
  const s = Math.round(ms / 1_000);
  return s < 90 ? `${s} s` : `${Math.floor(s / 60)} min ${s % 60} s`;
};
