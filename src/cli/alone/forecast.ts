import { type Badness, type Forecast, forecast } from '../../core/forecast/forecast.ts';
import { type Laws, NOISY, QUIET, STORMY } from '../../core/forecast/laws.ts';
import { type ModelFleet, makeModelFleet } from '../../core/forecast/model-fleet.ts';
import { modelFleetOf } from '../../core/forecast/model-fleet-of.ts';
import { type Pace, PROFILES, type Profile, paceOf, USUAL } from '../../core/pace/pace.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode, misuse } from '../exit.ts';
import { renderForecast } from '../render/forecast.ts';
import { readFleet } from './read-fleet.ts';
import { readPolicyPace } from './read-policy.ts';

export type ForecastFlags = {
  readonly fleet?: string;
  readonly planes?: number;
  readonly policy?: string;
  readonly budget?: string;
  readonly burning?: number;
  readonly day: string;
  readonly p?: readonly string[];
  readonly latency?: readonly string[];
  readonly seed: number;
  readonly runs?: number;
};

const DAYS: Readonly<Record<string, Laws>> = { quiet: QUIET, noisy: NOISY, storms: STORMY };
const SHARES = [0.005, 0.01, 0.05, 0.2, 1];
const LATENCIES_MIN = [1, 10, 30];
const RUNS_MAX = 10_000;
const PLANES_MAX = 1_000_000;
const RUNS = 20;
const RUNS_MIN = 2;
/** A run takes longer the more there are; a large fleet's runs differ less. */
const PLANES_AT_FULL_RUNS = 5_000;

const usualRuns = (planes: number): number =>
  Math.max(RUNS_MIN, Math.min(RUNS, Math.round((RUNS * PLANES_AT_FULL_RUNS) / planes)));
const CONVERGE_WITHIN_MIN = 30;

/** What a rollout is to be expected to do, without a hub: time if the fix is good, harm if it is bad. */
export async function forecastAlone(context: Context, flags: ForecastFlags): Promise<ExitCode> {
  const fleet = await fleetOf(context, flags);
  const pace = paceOf({ ...USUAL, harmBudget: PROFILES.standard, ...(await paceAsked(context, flags)) });
  const laws = Object.hasOwn(DAYS, flags.day) ? DAYS[flags.day] : undefined;
  if (laws === undefined) throw misuse(`--day ${flags.day}: expected ${Object.keys(DAYS).join(', ')}`);
  const runs = flags.runs ?? usualRuns(fleet.size);
  if (runs > RUNS_MAX) throw misuse(`--runs ${runs}: expected 1 to ${RUNS_MAX}`);
  const found = await play(context, {
    fleet,
    pace,
    laws,
    bad: cells(flags),
    seed: flags.seed,
    runs,
    convergeWithinMin: CONVERGE_WITHIN_MIN,
  });
  await context.out.print({
    value: found,
    names: [],
    text: (paper) => renderForecast(found, paper),
  });
  return EXIT.done;
}

async function play(context: Context, input: Parameters<typeof forecast>[0]): Promise<Forecast> {
  const runs = forecast(input);
  const shows = context.io.isTty;
  for (;;) {
    const step = runs.next();
    if (step.done) {
      if (shows) context.io.stderr.write('\r\x1b[K');
      return step.value;
    }
    if (shows) context.io.stderr.write(`\rforecast: ${Math.round(step.value * 100)} %`);
    // Between two runs Ctrl-C and the terminal have their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function fleetOf(context: Context, flags: ForecastFlags): Promise<ModelFleet> {
  if ((flags.fleet === undefined) === (flags.planes === undefined))
    throw misuse('expected either --fleet FILE or --planes N: the fleet to forecast for');
  if (flags.fleet !== undefined) {
    if (flags.burning !== undefined)
      throw misuse('--burning goes with --planes: rows of a file say "burning": true themselves');
    return modelFleetOf(await readFleet(flags.fleet, context.io.stdin)).fleet;
  }
  const planes = flags.planes!;
  if (planes > PLANES_MAX) throw misuse(`--planes ${planes}: expected 1 to ${PLANES_MAX}`);
  const burningShare = flags.burning ?? 0;
  if (!(burningShare >= 0 && burningShare <= 1))
    throw misuse(`--burning ${burningShare}: expected a share from 0 to 1`);
  const managementClusters = Math.max(1, Math.round(planes / PLANES_PER_CLUSTER));
  return makeModelFleet({ seed: flags.seed, planes, managementClusters, burningShare });
}

/** 40,000 control planes on 1,500 management clusters. */
const PLANES_PER_CLUSTER = 26.7;

async function paceAsked(context: Context, flags: ForecastFlags): Promise<Partial<Pace>> {
  const policy = flags.policy === undefined ? {} : await readPolicyPace(flags.policy, context.io.stdin);
  return { ...policy, ...(flags.budget !== undefined && { harmBudget: budgetOf(flags.budget) }) };
}

/** A number of control planes, or a profile's name. */
export function budgetOf(text: string): number {
  const named = Object.hasOwn(PROFILES, text) ? PROFILES[text as Profile] : Number(text);
  if (named >= 1 && named <= 100_000) return named;
  throw misuse(
    `--budget ${text}: expected 1 to 100000 control planes, or ${Object.keys(PROFILES).join(', ')}`,
  );
}

function cells(flags: ForecastFlags): Badness[] {
  const shares =
    flags.p === undefined
      ? SHARES
      : numbers('--p', flags.p, (p) => p > 0 && p <= 1, 'shares above 0 up to 1');
  const latencies =
    flags.latency === undefined
      ? LATENCIES_MIN
      : numbers('--latency', flags.latency, (m) => m >= 1 && m <= 10_000, 'minutes from 1 to 10000');
  return shares.flatMap((p) => latencies.map((latencyMin) => ({ p, latencyMin })));
}

function numbers(
  flag: string,
  texts: readonly string[],
  isAllowed: (value: number) => boolean,
  allowed: string,
): number[] {
  const all = texts.flatMap((text) => text.split(','));
  const bad = all.find((text) => text.trim() === '' || !isAllowed(Number(text)));
  if (bad !== undefined) throw misuse(`${flag} ${bad}: expected ${allowed}, with commas between them`);
  return [...new Set(all.map(Number))];
}
