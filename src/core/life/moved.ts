import type { Event, Recorded } from './event.ts';

/**
 * Events that happen all the time while things go as the reader was told they would. They change
 * numbers, not what an act means, so an act based on a view before them still stands.
 */
const QUIET: ReadonlySet<Event['type']> = new Set([
  'TargetsObserved',
  'TargetsStarted',
  'OthersObserved',
  'Decided',
  'StageOpened',
  'LinePrepared',
  'LineReached',
  'BuildStarted',
  'Built',
  'GateRan',
  'Attested',
  'HandedOff',
  'HandOffEscalated',
  'HandOffUnheard',
  'HandOffAcknowledged',
  'DebtOverdue',
  'PersonAwaited',
  'Proven',
  'Approved',
  'OverridesDropped',
  'OverridesGone',
  'ItemShown',
  'LinkChecked',
]);

/** The events since a person's view that change what their act would mean; empty: the act stands. */
export function movedSince(since: readonly Recorded[]): readonly Recorded[] {
  return since.filter((row) => !QUIET.has(row.event.type));
}
