import { dayText } from '../base/instant.ts';
import type { Event, Recorded } from '../life/event.ts';
import type { Cut } from '../proof/cut.ts';
import { againText } from '../proof/look-again.ts';
import type { TimelineEntry } from './target-view.ts';

type Say<T extends Event['type']> = (event: Extract<Event, { type: T }>) => string;

const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const SENTENCES: { readonly [T in Event['type']]: Say<T> } = {
  Declared: (e) => `declared, ${e.severity}${e.incident ? `, ${e.incident}` : ''}: ${e.title}`,
  LineAssembled: (e) => `line ${e.line.name} assembled: ${e.assembly.outcome} (${e.assembly.because})`,
  LineEmptied: (e) => `line ${e.line} has no control planes any more`,
  LinePrepared: (e) =>
    `line ${e.line.name} prepared: ${e.line.release.slice(0, 12)}, before a control plane is on it`,
  LineReached: (e) => `line ${e.line} was prepared, and ${many(e.targets, 'control plane')} came to it`,
  LineNotAffected: (e) => `line ${e.line} is not affected: ${e.reason}`,
  PrerequisitesChosen: (e) =>
    e.commits.length === 0
      ? `line ${e.line} to be assembled again`
      : `line ${e.line}: ${many(e.commits.length, 'prerequisite')} chosen: ${e.commits.map((c) => c.slice(0, 12)).join(', ')}`,
  ProposalAccepted: (e) => `line ${e.line}: proposal taken: ${e.kind}, tree ${e.tree.slice(0, 12)}`,
  BuildStarted: (e) => `line ${e.line}: build of ${e.commit.slice(0, 12)} started`,
  Built: (e) => `line ${e.line}: built ${e.digest.slice(0, 19)}… from ${e.commit.slice(0, 12)}`,
  BuildFailed: (e) => `line ${e.line}: build of ${e.commit.slice(0, 12)} failed: ${e.because}`,
  StageRetried: (e) => `${e.stage} retried`,
  GateRan: (e) =>
    `line ${e.line}: gate ${e.gate} ${e.result}${e.note ? `: ${e.note}` : ''}${againText(e.looks)}`,
  Attested: (e) => `line ${e.line}: gate ${e.gate} attested ${e.result}${e.note ? `: ${e.note}` : ''}`,
  Waived: (e) =>
    `gate ${e.gate} waived until ${dayText(e.expiresAt)}: ${e.reason}${e.cut ? ` (${cutFigures(e.cut)})` : ''}`,
  DebtOverdue: (e) =>
    `gate ${e.gate} on ${e.line} is OVERDUE since ${dayText(e.dueAt)}: ${e.owner} sees to it`,
  HandedOff: (e) =>
    `${many(e.digests.length, 'image')} handed off: ${e.told.map(toldText).join('; ') || 'nobody could be told'}`,
  HandOffEscalated: (e) => `nobody had acknowledged: ${toldText(e)} told`,
  HandOffUnheard: (e) => e.said,
  HandOffAcknowledged: (e) => `hand-off acknowledged${e.note ? `: ${e.note}` : ''}`,
  Proven: () => 'proven: every blocking gate is open on every line',
  Approved: (e) => `plan ${e.plan} approved`,
  ApprovalCompleted: (e) => `plan ${e.plan} has every approval it needs`,
  Declined: (e) => `plan ${e.plan} declined: ${e.reason}`,
  RolloutStarted: (e) => `rollout of plan ${e.plan} started`,
  StageOpened: (e) => `stage ${e.name} opened, ${many(e.size, 'control plane')}`,
  TargetsStarted: (e) => `${many(e.targets.length, 'control plane')} told: ${e.because}`,
  TargetsObserved: (e) => observed(e),
  StagePassed: (e) => `stage ${e.stage} passed`,
  Paused: (e) => `paused: ${e.reason}`,
  Resumed: (e) => `resumed: ${e.reason}`,
  Advanced: (e) => `the wait of stage ${e.stage} ended by hand: ${e.reason}`,
  OthersObserved: (e) => `seen of those not started: ${many(e.changes.length, 'change')}`,
  SlowBurnSeen: (e) => `slow burn: ${e.because}`,
  Decided: (e) => `decided: ${e.because}`,
  Halted: (e) => `halted: ${e.because}`,
  RolloutTakenUp: (e) => `rollout of the earlier plan ${e.plan} taken up again, to go back`,
  TargetsRolledBack: (e) => `${many(e.targets.length, 'control plane')} told to go back: ${e.because}`,
  RollbackAsked: (e) => `rollback of ${many(e.targets.length, 'control plane')} asked: ${e.reason}`,
  Excluded: (e) => `${e.name} excluded until ${dayText(e.until)}: ${e.reason}`,
  Covered: (e) =>
    `covered: ${e.coverage.patched} of ${e.coverage.exposed} patched, ${e.coverage.excluded} accounted for by name`,
  PersonAwaited: (e) => `${e.stage} waits for a person: ${e.for}`,
  RolloutEnded: (e) => `rollout ended: ${e.because}`,
  RetirementStarted: () => 'retirement started',
  OverridesDropped: (e) => `${many(e.targets.length, 'override')} told to go`,
  OverridesGone: (e) => `${many(e.targets.length, 'override')} gone`,
  RetirementBroke: (e) =>
    `${many(e.targets.length, 'control plane')} broke without the override: ${e.targets[0]?.because ?? ''}`,
  Retired: (e) =>
    `retired${e.kept.length > 0 ? `; ${many(e.kept.length, 'override')} kept: their release lacks the fix` : ''}`,
  ItemShown: (e) =>
    `checklist: ${e.item} shown: ${[e.link, e.note].filter((t) => t !== undefined).join(', ')}`,
  LinkChecked: (e) => `checklist: link of ${e.item} ${e.result}: ${e.because}${againText(e.looks)}`,
  ItemWaived: (e) => `checklist: ${e.item} waived: ${e.reason}`,
  Closed: (e) => `closed: ${e.as}`,
  Withdrawn: (e) => `withdrawn: ${e.reason}`,
};

function observed(event: Extract<Event, { type: 'TargetsObserved' }>): string {
  const counts = new Map<string, number>();
  for (const { to } of event.changes) counts.set(to, (counts.get(to) ?? 0) + 1);
  return [...counts].map(([to, n]) => `${n} ${to}`).join(', ');
}

/** One event as a sentence without its subject's id. */
export function sentence(recorded: Pick<Recorded, 'event'>): string {
  const say = SENTENCES[recorded.event.type] as Say<Event['type']>;
  return say(recorded.event);
}

/** The ledger of one fix as people read it, in order. */
export function timelineOf(rows: readonly Recorded[]): TimelineEntry[] {
  return rows.map((row) => ({
    seq: row.seq,
    version: row.version,
    at: row.at,
    author: row.author,
    surface: row.surface,
    type: row.event.type,
    text: sentence(row),
    ...(row.seen > 0 && { seen: row.seen }),
  }));
}

const toldText = ({ role, people }: { readonly role: string; readonly people: readonly string[] }): string =>
  `${people.join(', ')} (${role})`;

/** The two figures of a cut: what waiting would have cost, and what passing over it may. */
const cutFigures = ({ waiting, skipping }: Cut): string =>
  [
    ...(waiting === undefined ? [] : [`waiting: ${waiting} more break`]),
    `passing over it: at most ${skipping}`,
  ].join(', ');
