import { type Digest, short } from '../base/ids.ts';
import { clockText, type Instant, MINUTE } from '../base/instant.ts';
import type { Role } from '../base/roles.ts';
import { isOpen } from '../proof/proof.ts';
import { type Escalation, type EscalationRule, escalation, type Telling } from '../roster/escalation.ts';
import type { Event } from './event.ts';
import { linesInUse } from './evolve.ts';
import type { Duty, Facts } from './facts.ts';
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
  if (fresh.length > 0) return { events: [{ type: 'HandedOff', digests: fresh, told: toldAt(duty, now) }] };
  // Nobody is chased for what has had its word.
  if (fix.handOff === undefined || fix.handOff.acknowledged !== undefined || waiting.length === 0)
    return { events: [] };
  return toldOn(fix.handOff, duty, now);
}

function toldOn(it: HandOffState, duty: Duty, now: Instant): ReturnType<typeof handOff> {
  const stand = standOf(it, duty, now);
  const lastAt = it.told.at(-1)?.at ?? it.at;
  const events: Event[] = stand.told
    .filter(({ at }) => at > lastAt)
    .map(({ at: _, role, people }) => ({ type: 'HandOffEscalated', role, people }));
  if (stand.state === 'nobody-left' && it.unheard === undefined)
    events.push({ type: 'HandOffUnheard', said: stand.said });
  return { events, ...(stand.next && { askAgainAt: stand.next.at }) };
}

/** Everybody who is told at once, at the beginning. */
const toldAt = (duty: Duty, now: Instant): Extract<Event, { type: 'HandedOff' }>['told'] =>
  escalation({ ...duty, since: now, acks: [], now }).told.map(({ role, people }: Telling) => ({
    role,
    people,
  }));

const standOf = (it: HandOffState, duty: Duty, now: Instant): Escalation =>
  escalation({ ...duty, since: it.at, acks: it.acknowledged ? [it.acknowledged] : [], now });

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
export function handOffText(
  { at, digests, told, acknowledged, unheard }: HandOffState,
  duty: Duty | undefined,
  now: Instant,
): string {
  if (acknowledged !== undefined) return `${acknowledged.by} has it since ${clockText(acknowledged.at, now)}`;
  if (unheard !== undefined) return unheard.said;
  const next = duty && standOf({ at, digests, told }, duty, now).next;
  const then = next ? `; ${next.people.join(', ')} (${next.role}) at ${clockText(next.at, now)}` : '';
  const said = told.map((one) => `${one.people.join(', ')} told at ${clockText(one.at, now)}`).join(', ');
  return `${said || 'nobody told'}, not acknowledged yet${then}`;
}

/** Names the images of a hand-off for people. */
export const handedText = ({ digests }: Pick<HandOffState, 'digests'>): string =>
  digests.map((d) => short(d)).join(', ');
