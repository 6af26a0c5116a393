import type { Digest } from '../base/ids.ts';
import { clockText, type Instant, MINUTE } from '../base/instant.ts';
import type { Role } from '../base/roles.ts';
import { evidenceOn, type Gate, type GateStanding, isOpen } from '../proof/proof.ts';
import { type EscalationRule, escalate } from '../roster/escalation.ts';
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

type Around = Pick<Facts, 'component' | 'policy' | 'duty'>;

/**
 * Whether the word of a person would bring a gate further: one that people attest, and a question that a check has raised.
 * What people are asked, and what is handed off, goes by this alone.
 */
export const asksPeople = (gate: Gate, { state }: Pick<GateStanding, 'state'>): boolean =>
  state === 'unclear' || (gate.check === undefined && state !== 'met');

/** What is to be handed off, or told on, now; `askAgainAt`: when the next in line is to be told. */
export function handOff(
  fix: Fix,
  facts: Around,
  now: Instant,
): { readonly events: readonly Event[]; readonly askAgainAt?: Instant } {
  const { duty } = facts;
  if (duty === undefined || isOver(fix.state)) return { events: [] };
  const waiting = awaitingPeople(fix, facts, now);
  const { handOff: it } = fix;
  const except = notTold(fix, waiting);
  const fresh = waiting.filter((one) => isNew(one, it)).map(({ digest }) => digest);
  if (fresh.length > 0) {
    const first = escalate(duty, { since: now, told: [], ...except }, now);
    return { events: [{ type: 'HandedOff', digests: fresh, told: 'tell' in first ? [first.tell] : [] }] };
  }
  // Nobody is chased for what has had its word.
  if (it === undefined || it.acknowledged !== undefined || waiting.length === 0) return { events: [] };
  const follows = escalate(duty, { since: it.at, told: it.told, ...except }, now);
  if ('waitsUntil' in follows) return { events: [], askAgainAt: follows.waitsUntil };
  if ('tell' in follows) return { events: [{ type: 'HandOffEscalated', ...follows.tell }] };
  return { events: it.unheard ? [] : [{ type: 'HandOffUnheard', said: follows.nobodyLeft }] };
}

/** An image that may not be delivered before people have spoken. `askedAt`: when the last question about it was raised. */
type Awaiting = { readonly digest: Digest; readonly askedAt?: Instant };

function awaitingPeople(fix: Fix, { component, policy }: Around, now: Instant): Awaiting[] {
  return linesInUse(fix).flatMap((line): Awaiting[] => {
    if (line.build?.state !== 'done') return [];
    const { digest } = line.build;
    // What people said no to has had its word.
    const open = gatesOf({ fix, line, component, policy, now }).filter(
      (it) =>
        it.blocks &&
        !isOpen(it) &&
        it.state !== 'failed' &&
        component.gates.some((gate) => gate.name === it.gate && asksPeople(gate, it)),
    );
    if (open.length === 0) return [];
    const asked = open.flatMap(({ gate, state }) =>
      state === 'unclear' ? evidenceOn(fix.evidence, { gate, line: line.line.name, digest }).slice(-1) : [],
    );
    const askedAt = asked
      .map(({ at }) => at)
      .sort()
      .at(-1);
    return [{ digest, ...(askedAt !== undefined && { askedAt }) }];
  });
}

/**
 * Never handed off, or asked about since somebody took it, or since everybody had been told: nobody looks for questions to come.
 */
function isNew({ digest, askedAt }: Awaiting, it: HandOffState | undefined): boolean {
  if (!it?.digests.includes(digest)) return true;
  const endedAt = it.acknowledged?.at ?? it.unheard?.at;
  return askedAt !== undefined && endedAt !== undefined && endedAt < askedAt;
}

/** Whether a question is among what waits: who declared the fix cannot answer it, and does not take it. */
export const asksAnother = (fix: Fix, facts: Around, now: Instant): boolean =>
  awaitingPeople(fix, facts, now).some(({ askedAt }) => askedAt !== undefined);

/** Why who declared the fix does not take it. */
export const TAKEN_BY_ANOTHER = 'a check has raised a question, which another must answer and take';

/** Images that were handed off and may not be delivered before people have spoken. */
export const stillWaiting = (fix: Fix, facts: Around, now: Instant): Digest[] =>
  awaitingPeople(fix, facts, now).map(({ digest }) => digest);

/** Who declared a fix answers no question about it, and is not asked. */
const notTold = ({ author }: Fix, waiting: readonly Awaiting[]): { readonly except?: string } =>
  waiting.some(({ askedAt }) => askedAt !== undefined) ? { except: author } : {};

/** Where the hand-off stands, in a sentence for those who wait; undefined when nothing of it waits for people. */
export function handOffText(fix: Fix, facts: Around, now: Instant): string | undefined {
  const { handOff: it } = fix;
  if (it === undefined) return undefined;
  const { at, told, acknowledged, unheard } = it;
  if (acknowledged !== undefined) return `${acknowledged.by} has it since ${clockText(acknowledged.at, now)}`;
  const waiting = isOver(fix.state) ? [] : awaitingPeople(fix, facts, now);
  const said = told.map((one) => `${one.people.join(', ')} told at ${clockText(one.at, now)}`).join(', ');
  if (waiting.length === 0) return undefined;
  if (unheard !== undefined) return unheard.said;
  const follows = facts.duty && escalate(facts.duty, { since: at, told, ...notTold(fix, waiting) }, now);
  const then =
    follows && 'waitsUntil' in follows && follows.next
      ? `; ${follows.next.people.join(', ')} (${follows.next.role}) at ${clockText(follows.waitsUntil, now)}`
      : '';
  return `${said || 'nobody told'}, not acknowledged yet${then}`;
}
