import type { Digest } from '../base/ids.ts';
import { clockText, type Instant, MINUTE } from '../base/instant.ts';
import type { Role } from '../base/roles.ts';
import { isOpen } from '../proof/proof.ts';
import { type Duty, type EscalationRule, escalate } from '../roster/escalation.ts';
import type { Event } from './event.ts';
import { linesInUse } from './evolve.ts';
import type { Facts } from './facts.ts';
import { type Fix, type HandOffState, isOver } from './fix.ts';
import { gatesOf } from './readiness.ts';

/** Where a configuration says nothing else: QE, then on-call, twice. */
export const usualRule = (roles: readonly string[]): EscalationRule => ({
  steps: (['qe', 'on-call'] satisfies Role[])
    .filter((role) => roles.includes(role))
    .map((role) => ({ role, waitMs: 15 * MINUTE })),
  rounds: 2,
});

/** What is to be handed off, or told on, now; `askAgainAt`: when the next in line is to be told. */
export function handOff(
  fix: Fix,
  facts: Pick<Facts, 'component' | 'policy' | 'duty'>,
  now: Instant,
): { readonly events: readonly Event[]; readonly askAgainAt?: Instant } {
  const { duty } = facts;
  if (duty === undefined || isOver(fix.state)) return { events: [] };
  const waiting = awaitingPeople(fix, facts, now);
  const fresh = waiting.filter((digest) => !fix.handOff?.digests.includes(digest));
  if (fresh.length > 0) {
    const first = escalate(duty, { since: now, told: [] }, now);
    return { events: [{ type: 'HandedOff', digests: fresh, told: 'tell' in first ? [first.tell] : [] }] };
  }
  const { handOff: it } = fix;
  // Nobody is chased for what has had its word.
  if (it === undefined || it.acknowledged !== undefined || waiting.length === 0) return { events: [] };
  const follows = escalate(duty, { since: it.at, told: it.told }, now);
  if ('waitsUntil' in follows) return { events: [], askAgainAt: follows.waitsUntil };
  if ('tell' in follows) return { events: [{ type: 'HandOffEscalated', ...follows.tell }] };
  return { events: it.unheard ? [] : [{ type: 'HandOffUnheard', said: follows.nobodyLeft }] };
}

/** Images that wait for the word of people before they may be delivered. */
function awaitingPeople(
  fix: Fix,
  { component, policy }: Pick<Facts, 'component' | 'policy'>,
  now: Instant,
): Digest[] {
  const people = new Set(component.gates.filter((g) => g.check === undefined).map(({ name }) => name));
  return linesInUse(fix).flatMap((line) => {
    const open = gatesOf({ fix, line, component, policy, now }).filter(
      (g) => g.blocks && people.has(g.gate) && !isOpen(g) && g.state === 'missing',
    );
    return open.length > 0 && line.build?.state === 'done' ? [line.build.digest] : [];
  });
}

/** Where the hand-off stands, in a sentence for those who wait. */
export function handOffText(it: HandOffState, duty: Duty | undefined, now: Instant): string {
  const { at, told, acknowledged, unheard } = it;
  if (acknowledged !== undefined) return `${acknowledged.by} has it since ${clockText(acknowledged.at, now)}`;
  if (unheard !== undefined) return unheard.said;
  const follows = duty && escalate(duty, { since: at, told }, now);
  const then =
    follows && 'waitsUntil' in follows && follows.next
      ? `; ${follows.next.people.join(', ')} (${follows.next.role}) at ${clockText(follows.waitsUntil, now)}`
      : '';
  const said = told.map((one) => `${one.people.join(', ')} told at ${clockText(one.at, now)}`).join(', ');
  return `${said || 'nobody told'}, not acknowledged yet${then}`;
}
