import type { Conflict, Hunk, Touch } from '../assembly/assembly.ts';
import { bestFirst, conflictText, proposalText, takeCommand } from '../assembly/proposals.ts';
import { short } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';
import { cutFor } from '../life/cut-for.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix, FixLine } from '../life/fix.ts';
import { gatesOf } from '../life/readiness.ts';
import type { Cut } from '../proof/cut.ts';
import type { ConflictView, LineView, ProposalView } from './fix-view.ts';
import { LEFT, type LineNow, linesNow } from './lines-now.ts';

/** What has become of the change on each line, for the first screen: on those that are named, or all of the fix. */
export function lineViews(
  fix: Fix,
  facts: Facts,
  now: Instant,
  lines: readonly FixLine[] = Object.values(fix.lines),
): LineView[] {
  const nowOf = linesNow(fix, facts);
  return lines.map((line) => lineView(fix, line, { facts, now, onIt: nowOf(line) }));
}

function lineView(
  fix: Fix,
  line: FixLine,
  { facts, now, onIt }: { readonly facts: Facts; readonly now: Instant; readonly onIt: LineNow },
): LineView {
  const { assembly, build, accepted } = line;
  const gates = gatesOf({ fix, line, component: facts.component, policy: facts.policy, now });
  const conflicts = assembly?.conflicts ?? [];
  return {
    line: line.line.name,
    base: line.line.base,
    ...onIt,
    ...outcomeOf(line),
    ...(assembly?.commit !== undefined && { commit: assembly.commit }),
    ...(build?.state === 'done' && { digest: build.digest }),
    build: build?.state ?? (outcomeOf(line).outcome === 'clean' ? 'waiting' : 'none'),
    ...(conflicts.length > 0 && { conflicting: conflictText(conflicts) }),
    conflicts: conflicts.map(conflictView),
    proposals: proposalViews(fix, line),
    ...(accepted && { accepted }),
    passengers: assembly?.passengers ?? [],
    gates: gates.map(({ gate, state, lane, blocks, because, until, findings }) => ({
      gate,
      state,
      lane,
      blocks,
      because,
      ...(blocks && state !== 'met' && state !== 'waived' && { cut: cutText(cutFor(fix, gate, facts, now)) }),
      ...(findings && { findings }),
      ...(until !== undefined && { until }),
    })),
  };
}

/** What is to be known before a gate is passed over. */
export const cutText = ({ because, never }: Cut): string =>
  never === undefined ? because : `${because}; better not: ${never}`;

/** Where the line stands and why, in a word and a sentence. */
export function outcomeOf({
  assembly,
  notAffected,
  emptied,
}: FixLine): Pick<LineView, 'outcome' | 'because'> {
  if (notAffected) return { outcome: 'not affected', because: `${notAffected.reason} (${notAffected.by})` };
  const outcome = assembly?.outcome ?? 'waiting';
  if (emptied) return { outcome, because: LEFT };
  return { outcome, because: assembly?.because ?? 'not assembled yet' };
}

/** The remedies of a line, best first, each with the command that takes it. */
export function proposalViews(fix: Fix, line: FixLine): ProposalView[] {
  const proposals = line.assembly?.proposals ?? [];
  const of = { fix: fix.id, line: line.line.name, proposals };
  return bestFirst(proposals).map((one) => ({
    ...one,
    text: proposalText(one),
    command: takeCommand(one, of),
  }));
}

const PLACES_MAX = 3;

function conflictView(conflict: Conflict): ConflictView {
  const { path, kind, hunks, because } = conflict;
  return {
    path,
    kind,
    class: conflict.class,
    hunks: hunks.length,
    places: hunks.slice(0, PLACES_MAX).map((hunk) => placeOf(path, hunk)),
    ...(because !== undefined && { because }),
  };
}

function placeOf(path: string, hunk: Hunk): ConflictView['places'][number] {
  // Where the line has nothing there any more, who wrote what was there says more than nobody.
  const by = hunk.ours.touchedBy[0] ?? hunk.base.touchedBy[0];
  return { at: `${path}:${hunk.ours.from}`, shape: hunk.shape, ...(by && { touchedBy: touchText(by) }) };
}

/** `#1234 split defrag from compaction`, or by its commit when no pull request is known. */
const touchText = ({ commit, subject, pullRequest }: Touch): string =>
  `${pullRequest === undefined ? short(commit) : `#${pullRequest}`} ${subject}`;
