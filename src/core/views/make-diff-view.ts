import type { Explained } from '../assembly/explanation.ts';
import { conflictText } from '../assembly/proposals.ts';
import type { Instant } from '../base/instant.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix, FixLine } from '../life/fix.ts';
import type { DiffView, LineDiffView } from './diff-view.ts';
import { outcomeOf, proposalViews } from './line-view.ts';
import { linesNow } from './lines-now.ts';

/** A line and what was read of its candidate; undefined when it has none. */
export type ExplainedLine = { readonly line: FixLine; readonly explained: Explained | undefined };

type Around = Pick<Facts, 'fleet' | 'images'> & { readonly others: readonly Pick<Fix, 'id' | 'title'>[] };

/** The lines of a fix explained. `facts.others`: every fix of the ledger, for the names of those that are carried. */
export function makeDiffView(
  fix: Fix,
  lines: readonly ExplainedLine[],
  facts: Around,
  now: Instant,
): DiffView {
  const nowOf = linesNow(fix, facts);
  return {
    fix: fix.id,
    version: fix.version,
    at: now,
    title: fix.title,
    lines: lines.map((one) => lineDiff(fix, one, { facts, targets: nowOf(one.line).targets })),
  };
}

function lineDiff(
  fix: Fix,
  { line, explained }: ExplainedLine,
  { facts: { others }, targets }: { readonly facts: Around; readonly targets: number },
): LineDiffView {
  const { assembly, accepted } = line;
  const conflicts = assembly?.conflicts ?? [];
  return {
    line: line.line.name,
    targets,
    ...outcomeOf(line),
    ...(assembly?.commit !== undefined && { commit: assembly.commit }),
    ...(accepted && { accepted }),
    release: line.line.release,
    picks: explained?.picks ?? [],
    ...(explained && { deployed: explained.deployed }),
    passengers: explained?.passengers ?? [],
    carries: line.line.carries.map((id) => ({
      fix: id,
      title: others.find((one) => one.id === id)?.title ?? '',
    })),
    warnings: assembly?.warnings ?? [],
    ...(conflicts.length > 0 && { conflicting: conflictText(conflicts) }),
    conflicts,
    proposals: proposalViews(fix, line),
  };
}
