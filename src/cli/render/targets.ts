import { short } from '../../core/base/ids.ts';
import { clockText, durationText, type Instant, msBetween } from '../../core/base/instant.ts';
import type { TargetPage } from '../../core/views/list-view.ts';
import type { TargetView } from '../../core/views/target-view.ts';
import { clean, type Paper, screen, tint } from './paper.ts';
import { table } from './table.ts';

const SYMBOLS: Readonly<Record<string, string>> = {
  exposed: '○',
  waiting: '○',
  starting: '◔',
  patched: '●',
  failed: '✖',
  paused: '‖',
  excluded: '‖',
  silent: '?',
  unknown: '?',
  native: '◆',
  unaffected: '–',
  'rolling back': '◔',
  'rolled back': '○',
  gone: '–',
};

/** A state with its symbol: never a symbol without its word. */
export const stateText = (state: string, paper: Paper): string =>
  tint(paper, SYMBOLS[state] ? `${SYMBOLS[state]} ${state}` : state);

/** Control planes towards one fix. The last line says what is not shown. */
export function renderTargets(page: TargetPage, about: { now: Instant; more: string }, paper: Paper): string {
  const rows = clean(page.items);
  if (rows.length === 0) return screen(['No control plane is like that.'], paper);
  const lines = table(
    [
      { title: 'NAME' },
      { title: 'STANDING' },
      { title: 'STATE' },
      { title: 'STAGE' },
      { title: 'WAVE' },
      { title: 'VERSION' },
      { title: 'MGMT CLUSTER' },
      { title: 'CUSTOMER' },
      ...(paper.wide ? [{ title: 'REGION' }, { title: 'DIGEST' }, { title: 'UID' }] : []),
      { title: 'SINCE' },
      { title: 'BECAUSE' },
    ],
    rows.map((row) => rowOf(row, about.now, paper)),
    paper,
  );
  return screen([...lines, ...truncation(rows.length, page.total, about.more)], paper);
}

function rowOf(row: TargetView, now: Instant, paper: Paper): string[] {
  return [
    row.name,
    stateText(row.standing, paper),
    row.state ? tint(paper, row.state) : '-',
    row.stage ?? (row.inPlan ? '-' : 'not in plan'),
    row.wave === undefined ? '-' : String(row.wave),
    row.version,
    row.managementCluster,
    row.customer,
    ...(paper.wide ? [row.region, row.digest ? short(row.digest) : '-', row.uid] : []),
    row.since ? durationText(msBetween(row.since, now)) : '-',
    row.because,
  ];
}

/** `showing 50 of 640, --all`, or nothing when everything is shown. */
export const truncation = (shown: number, total: number, more: string): string[] =>
  shown < total ? ['', `showing ${shown} of ${total}; all of them: ${more}`] : [];

export const atText = (at: Instant, now: Instant): string =>
  `${durationText(msBetween(at, now))} ago, ${clockText(at, now)}`;
