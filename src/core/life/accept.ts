import { type Accepted, takeCommand } from '../assembly/proposals.ts';
import { short } from '../base/ids.ts';
import { ok, type Refusal, type Result, refuse } from '../base/result.ts';
import type { Command } from './command.ts';
import type { Event } from './event.ts';
import type { Fix, FixLine } from './fix.ts';

/**
 * What taking a proposal does: it is a tree of one line that a person looked at, and is taken as that or not at
 * all. Refused when the line is not in conflict, or does not offer this kind with this tree (any more).
 */
export function takeProposal(
  fix: Fix,
  command: Extract<Command, { do: 'backport' }>,
  accept: Accepted,
): Result<readonly Event[], Refusal> {
  const [name, ...more] = new Set(command.to);
  if (name === undefined || more.length > 0)
    return refuse('invalid', 'a proposal is taken for one line, whose tree it is: name it with --to LINE');
  if (command.with !== undefined || command.not !== undefined)
    return refuse('invalid', 'a proposal is taken by itself: leave --with and --not out');
  const line = fix.lines[name]!;
  const see = `fleetfix describe ${fix.id}`;
  const standing = standingOf(line);
  if (standing !== 'conflict')
    return refuse('wrong-state', `line ${name} is ${standing}, not in conflict: nothing is offered for it`, {
      next: [see],
    });
  const { proposals } = line.assembly!;
  const ofKind = proposals.filter((one) => one.kind === accept.kind);
  if (ofKind.some((one) => one.tree === accept.tree))
    return ok([{ type: 'ProposalAccepted', line: name, kind: accept.kind, tree: accept.tree }]);
  const offered = proposals.map((one) => `${one.kind} (tree ${short(one.tree)})`).join(', ') || 'nothing';
  const next = [...proposals.map((one) => takeCommand(one, { fix: fix.id, line: name, proposals })), see];
  if (ofKind.length === 0)
    return refuse('invalid', `line ${name} offers no ${accept.kind}: it offers ${offered}`, { next });
  const detail = `line ${name} does not offer ${accept.kind} with tree ${short(accept.tree)} any more: it offers ${offered}`;
  return refuse('stale-version', detail, { next });
}

function standingOf(line: FixLine): string {
  if (line.notAffected) return 'not affected';
  if (line.emptied) return 'empty';
  return line.assembly?.outcome ?? 'being assembled';
}
