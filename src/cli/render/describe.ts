import { short } from '../../core/base/ids.ts';
import type { ActionView, FixView, LineView } from '../../core/views/fix-view.ts';
import { isLeft, LEFT } from '../../core/views/lines-now.ts';
import type { ControlPlaneView } from '../../core/views/target-view.ts';
import { whoElse } from '../../core/views/who-can.ts';
import { conflictLines, placeLines, proposalLines } from './conflicts.ts';
import { someFindings } from './findings.ts';
import { clean, type Paper, screen, tint, wrap } from './paper.ts';
import { renderStatus } from './status.ts';
import { table } from './table.ts';
import { atText, stateText } from './targets.ts';

/** Everything known of a fix: the first screen, then its lines, what differs on each, and what may be done. */
export function describeFix(fix: FixView, paper: Paper): string {
  const view = clean(fix);
  return screen(
    [
      renderStatus(view, { ...paper, wide: true }),
      wrap(`Reason    ${view.reason}`, paper.width),
      `Component ${view.component}${view.after ? `, after ${view.after}, management cluster by management cluster` : ''}`,
      `Hand steps so far: ${view.handSteps}`,
      '',
      ...lines(view.lines, paper),
      ...view.lines.flatMap((line) => details(line, paper)),
      '',
      ...actions(view, paper),
    ],
    paper,
  );
}

/** Lines whose story is the same are one row: only differences are worth reading. */
function lines(all: readonly LineView[], paper: Paper): string[] {
  const columns = ['LINE', 'BASE', 'VERSIONS', 'TARGETS', 'CHANGE', 'BUILD', 'IMAGE', 'GATES'];
  const rows = all.map((line) => [
    line.line,
    short(line.base),
    line.versions.length > 3
      ? `${line.versions.slice(0, 2).join(' ')} and ${line.versions.length - 2} more`
      : line.versions.join(' '),
    line.prepared ? `${line.targets}, prepared` : String(line.targets),
    tint(paper, line.outcome),
    tint(paper, line.build),
    line.digest ? short(line.digest) : '-',
    gatesText(line),
  ]);
  return table(
    columns.map((title) => ({ title })),
    rows,
    paper,
  );
}

function gatesText({ gates }: LineView): string {
  const asked = gates.filter(({ lane }) => lane !== 'shadow');
  if (asked.length === 0) return '-';
  const open = asked.filter((gate) => gate.state === 'met').length;
  const others = asked.filter((gate) => gate.state !== 'met').map((gate) => `${gate.gate} ${gate.state}`);
  return [`${open} of ${asked.length} met`, ...others].join(', ');
}

/** Where a gate that is not met stands, and what a check found while nobody has let it pass. */
function gateLines({ gate, state, blocks, because, findings = [] }: LineView['gates'][number]): string[] {
  if (state === 'met') return [];
  const stands = `gate ${gate} ${state}${blocks && state !== 'waived' ? ', blocks delivery' : ''}: ${because}`;
  return [stands, ...(state === 'waived' ? [] : someFindings(findings).map((text) => `  ${text}`))];
}

function details(line: LineView, paper: Paper): string[] {
  const said = [
    line.prepared ? preparedText(line, line.prepared.by) : '',
    isLeft(line) ? LEFT : '',
    line.outcome === 'clean' || line.outcome === 'waiting' || line.because === LEFT ? '' : line.because,
    line.conflicting ?? '',
    line.accepted
      ? `${line.accepted.kind} was taken by ${line.accepted.by} (tree ${short(line.accepted.tree)})`
      : '',
    ...line.passengers.map((commit) => `passenger ${short(commit)}, chosen by a person`),
    ...line.gates.flatMap(gateLines),
  ].filter((text) => text !== '');
  if (said.length === 0) return [];
  return ['', line.line, ...said.map((text) => wrap(`  ${text}`, paper.width)), ...conflicting(line, paper)];
}

const preparedText = ({ outcome }: LineView, by: string): string =>
  outcome === 'contained'
    ? `prepared by ${by}: this release has the fix already, nothing is to be delivered there`
    : `prepared by ${by}: no control plane is on it yet`;

function conflicting(line: LineView, paper: Paper): string[] {
  if (line.conflicts.length === 0) return [];
  const places = line.conflicts.flatMap(placeLines).map((text) => wrap(`  ${text}`, paper.width));
  return [
    '',
    ...conflictLines(line.conflicts, paper),
    ...(places.length > 0 ? ['', ...places] : []),
    ...line.proposals.flatMap((one) => ['', ...proposalLines(one, paper)]),
  ];
}

function actions(view: FixView, paper: Paper): string[] {
  const [first] = view.actions;
  // A fix that is over refuses everything for one reason: it is said once.
  if (first !== undefined && view.actions.every((a) => !a.allowed && a.because === first.because))
    return [`Acts      none: ${first.because}`];
  const rows = view.actions.map((action) => [
    action.name,
    action.allowed ? tint(paper, 'yes') : 'no',
    action.allowed ? action.label : refusalText(action),
  ]);
  return rows.length === 0 ? [] : table([{ title: 'ACT' }, { title: 'YOU' }, { title: 'WHAT' }], rows, paper);
}

function refusalText({ because, whoCan }: ActionView): string {
  const who = whoElse(because, whoCan);
  return who.length === 0 ? because : `${because} (who can: ${who.join(', ')})`;
}

/** Why no order is carried out on it now. */
function heldText({ upgrading, paused, held }: ControlPlaneView): string {
  const reasons = [
    ...(upgrading ? ['an upgrade is running'] : []),
    ...(paused ? ['reconciling is paused at the source'] : []),
    ...(held === undefined ? [] : [held]),
  ];
  return reasons.join('; ') || 'no';
}

/** One control plane: the sentence for support first. */
export function describePlane(plane: ControlPlaneView, now: string, paper: Paper): string {
  const view = clean(plane);
  const fact = (label: string, text: string) => `  ${label.padEnd(20)}${text}`;
  return screen(
    [
      wrap(view.sentence, paper.width),
      '',
      fact('name', `${view.name} (${view.uid})`),
      fact('customer', view.customer),
      fact('version', `${view.version}, ${view.availability}`),
      fact(
        'where',
        [view.managementCluster, view.region, view.sector, view.platform].filter((p) => p).join(', '),
      ),
      fact('health', view.health),
      fact('held', heldText(view)),
      fact('last report', `${atText(view.reportedAt, now)}${view.silent ? ', SILENT' : ''}`),
      '',
      ...table(
        [{ title: 'COMPONENT' }, { title: 'RUNS' }, { title: 'LEVER' }],
        view.components.map((c) => [
          c.component,
          c.digest ? short(c.digest) : 'two digests at once',
          c.overridden ? 'overridden' : 'release image',
        ]),
        paper,
      ),
      '',
      ...(view.fixes.length === 0
        ? ['No fix concerns it.']
        : table(
            [{ title: 'FIX' }, { title: 'STANDING' }, { title: 'BECAUSE' }],
            view.fixes.map((f) => [f.fix, stateText(f.standing, paper), f.because]),
            paper,
          )),
    ],
    paper,
  );
}
