import { durationText, MINUTE } from '../../core/base/instant.ts';
import type { Forecast } from '../../core/forecast/forecast.ts';
import { many, type Paper, screen, wrap } from './paper.ts';
import { table } from './table.ts';

/** A forecast as a screen: how long if the fix is good, how many break if it is bad. */
export function renderForecast(it: Forecast, paper: Paper): string {
  const { good } = it;
  const burning = it.burning > 0 ? `, ${it.burning} burning` : '';
  const head = `Forecast of ${many(it.planes, 'control plane')}${burning}, harm budget ${it.budget}: ${it.runs} runs each`;
  const times = [
    ['50 %', good.t50Min],
    ['95 %', good.t95Min],
    ['100 %', good.t100Min],
  ] as const;
  const reached = times.map(([share, at]) => `${share} ${at === undefined ? 'never' : text(at)}`).join(' · ');
  const halts = `${percent(good.falseHaltShare)} of the runs halted a good fix`;
  const rows = it.bad.map((b) => [
    percent(b.p),
    text(b.latencyMin),
    figure(b.brokenMean),
    figure(b.brokenP95),
    String(b.bound),
    figure(b.brokenHours),
  ]);
  const columns = ['BREAKS', 'SHOWN AFTER', 'BROKEN', '95 %', 'BOUND', 'HOURS'].map((title) => ({ title }));
  const lines = [
    wrap(head, paper.width),
    wrap(`If it is good: ${reached}; ${halts}`, paper.width),
    ...(rows.length === 0
      ? []
      : ['If it is bad, this many are broken before it is halted:', ...table(columns, rows, paper)]),
  ];
  return screen(lines, paper);
}

const text = (minutes: number): string => durationText(minutes * MINUTE);
const percent = (share: number): string => `${figure(share * 100)} %`;
const figure = (value: number): string =>
  value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
