import { makeModelFleet } from '../../src/core/forecast/model-fleet.ts';
import {
  BURNING_SHARES,
  badFix,
  brokenStratum,
  goodFix,
  LATENCIES_MIN,
  SHARES,
  totalHarm,
} from './compare.ts';
import type { Policy } from './policy.ts';

const STRATA = [0.025, 0.07, 0.28];

/** What to compare, how large the fleet is and how often each is played. */
export type Comparison = {
  readonly policies: readonly Policy[];
  /** Only in the table of total harm. */
  readonly withBurners: readonly Policy[];
  readonly planes: number;
  readonly seeds: number;
};

/** The tables of one comparison, each printed as soon as it is there. */
export function printTables(
  { policies, withBurners, planes, seeds }: Comparison,
  print: (text: string) => void,
): void {
  const fleet = makeModelFleet({ seed: 1, planes });
  print(`${planes} control planes, ${seeds} seeds a cell; a good fix ${4 * seeds}\n`);
  print(
    table(
      ['policy', 'T95 min', 'false halt: quiet / noise x10 / storms', 'burn CP-h at 1 %'],
      policies.map((policy) => {
        const { t95Min, falseHalts, burnHours } = goodFix(policy, planes, 4 * seeds);
        return [policy.name, number(t95Min), falseHalts.map(percent).join(' / '), number(burnHours)];
      }),
    ),
  );
  const bad = new Map([...policies, ...withBurners].map((policy) => [policy, badFix(policy, fleet, seeds)]));
  const latencies = LATENCIES_MIN.join(' / ');
  print(
    table(
      [
        `broken, symptoms after ${latencies} min`,
        ...SHARES.map((p) => `p = ${percent(p)}`),
        'CP-hours after 10: 1 / 5 / 100 %',
      ],
      policies.map((policy) => {
        const cells = bad.get(policy)!;
        const broken = SHARES.map((p) =>
          cells
            .filter((c) => c.share === p)
            .map((c) => number(c.broken))
            .join(' / '),
        );
        const hours = [0.01, 0.05, 1].map((p) =>
          number(cells.find((c) => c.share === p && c.latencyMin === 10)!.hours),
        );
        return [policy.name, ...broken, hours.join(' / ')];
      }),
    ),
  );
  print(
    table(
      ['broken when one stratum breaks', ...STRATA.map(percent)],
      policies.map((policy) => [policy.name, ...brokenStratum(policy, planes, STRATA, seeds).map(number)]),
    ),
  );
  print(
    table(
      ['total harm, CP-hours, by share burning', ...BURNING_SHARES.map(percent)],
      [...policies, ...withBurners].map((policy) => [
        policy.name,
        ...totalHarm(policy, planes, bad.get(policy)!, Math.ceil(seeds / 3)).map(number),
      ]),
    ),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `${lines.join('\n')}\n`;
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

/** Two digits that count, and whole numbers from 10; – for what never came. */
function number(value: number | undefined): string {
  if (value === undefined) return '–';
  return value >= 10 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(2)));
}
