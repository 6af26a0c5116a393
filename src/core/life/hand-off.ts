import type { Digest } from '../base/ids.ts';
import { clockText, dayText, type Instant, MINUTE, plus } from '../base/instant.ts';
import type { Role } from '../base/roles.ts';
import { isOpen } from '../proof/proof.ts';
import { isFullyRead, onDuty } from '../roster/duty.ts';
import type { EscalationRule } from '../roster/escalation.ts';
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
  if (fresh.length > 0) {
    const first = nextTold(duty, [], now);
    return { events: [{ type: 'HandedOff', digests: fresh, told: first === undefined ? [] : [first] }] };
  }
  const { handOff: it } = fix;
  // Nobody is chased for what has had its word.
  if (it === undefined || it.acknowledged !== undefined || waiting.length === 0) return { events: [] };
  return toldOn(it, duty, now);
}

/** The next are told a whole wait after the last, whenever that is looked at: nobody is passed over in no time. */
function toldOn(it: HandOffState, duty: Duty, now: Instant): ReturnType<typeof handOff> {
  const waitsUntil = waitOf(it, duty);
  if (waitsUntil !== undefined && now < waitsUntil) return { events: [], askAgainAt: waitsUntil };
  const next = nextTold(duty, it.told, now);
  if (next !== undefined) return { events: [{ type: 'HandOffEscalated', ...next }] };
  return { events: it.unheard ? [] : [{ type: 'HandOffUnheard', said: unheardText(it, duty) }] };
}

/** Until when the last who were told have time; undefined when nobody was. */
function waitOf({ told }: HandOffState, { rule }: Duty): Instant | undefined {
  const last = told.at(-1);
  return last && plus(last.at, rule.steps[last.step % rule.steps.length]?.waitMs ?? 0);
}

type Telling = Pick<HandOffState['told'][number], 'step' | 'role' | 'people'>;

/**
 * Who is told after those: the next step of the rule at which somebody is on duty who was not told in its round, and when all
 * rounds are through, whoever is on duty and was never told.
 */
function nextTold({ roster, rule }: Duty, told: HandOffState['told'], now: Instant): Telling | undefined {
  const count = rule.steps.length;
  const from = (told.at(-1)?.step ?? -1) + 1;
  for (let step = from; step < from + count || step < count * rule.rounds; step += 1) {
    const { role } = rule.steps[step % count]!;
    const isLater = step >= count * rule.rounds;
    const before = told.filter((one) => isLater || Math.floor(one.step / count) === Math.floor(step / count));
    const known = new Set(before.flatMap(({ people }) => people));
    const people = onDuty(roster, role, now)
      .now.map(({ person }) => person)
      .filter((person) => !known.has(person));
    if (people.length > 0) return { step, role, people };
  }
  return undefined;
}

function unheardText({ at, told }: HandOffState, { roster, rule }: Duty): string {
  const names = [...new Set(told.flatMap(({ people }) => people))].join(', ');
  if (names !== '')
    return `NOBODY IS LEFT TO TELL: ${names} told, nobody has acknowledged since ${dayText(at)}`;
  const why = [...new Set(rule.steps.map(({ role }) => role))].map((role) =>
    isFullyRead(roster, role) ? `${role}: nobody is on duty` : `${role}: a calendar cannot be read`,
  );
  return `NOBODY CAN BE TOLD since ${dayText(at)} (${why.join('; ') || 'the rule names no role'})`;
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
  const { told, acknowledged, unheard } = it;
  if (acknowledged !== undefined) return `${acknowledged.by} has it since ${clockText(acknowledged.at, now)}`;
  if (unheard !== undefined) return unheard.said;
  const waitsUntil = duty && waitOf(it, duty);
  const next = waitsUntil && nextTold(duty, told, waitsUntil);
  const then = next ? `; ${next.people.join(', ')} (${next.role}) at ${clockText(waitsUntil, now)}` : '';
  const said = told.map((one) => `${one.people.join(', ')} told at ${clockText(one.at, now)}`).join(', ');
  return `${said || 'nobody told'}, not acknowledged yet${then}`;
}
