import type { Line } from '../assembly/assembly.ts';
import { type Commit, short } from '../base/ids.ts';
import { ok, type Refusal, type Result, refuse } from '../base/result.ts';
import { currentLines } from './agenda.ts';
import type { Command } from './command.ts';
import type { Event } from './event.ts';
import type { Facts } from './facts.ts';
import { type Fix, lineNamed } from './fix.ts';

/**
 * What preparing a release does: a line of its commit with no control plane on it, which is assembled, built and proven as any
 * other. Another commit for a release that is prepared takes the earlier one's place. Refused where the commit is a line already.
 */
export function prepare(
  fix: Fix,
  { release, commit }: Extract<Command, { do: 'prepare' }>,
  facts: Facts,
): Result<readonly Event[], Refusal> {
  const known = Object.values(fix.lines).find((l) => l.line.release === commit);
  const there = currentLines(fix, facts).find((l) => l.release === commit && l.targets > 0);
  const next = { next: [`fleetfix describe ${fix.id}`] };
  if (there === undefined && known?.prepared)
    return refuse('wrong-state', `${short(commit)} is prepared already, as line ${known.line.name}`, next);
  if (there !== undefined || (known !== undefined && known.emptied !== true)) {
    const name = known?.line.name ?? there!.name;
    const many = there === undefined ? '' : `, with ${there.targets} of the fleet on it`;
    const detail = `${short(commit)} is line ${name} already${many}: nothing is to be prepared`;
    return refuse('wrong-state', detail, next);
  }
  const name = known?.line.name ?? freeName(fix, release, commit);
  return ok([{ type: 'LinePrepared', line: lineAhead(fix, { name, release, commit }) }]);
}

/** The release's name; with its commit where control planes are on another commit of that name. */
function freeName(fix: Fix, release: string, commit: Commit): string {
  const other = lineNamed(fix, release);
  return other === undefined || other.prepared ? release : `${release}-${short(commit)}`;
}

/** What it carries is known when it is assembled. */
const lineAhead = (
  { component }: Fix,
  { name, release, commit }: { readonly name: string; readonly release: string; readonly commit: Commit },
): Line => ({ name, component, base: commit, release: commit, carries: [], versions: [release], targets: 0 });
