import { dayText, type Instant, type Ms, plus } from '../base/instant.ts';
import { isFullyRead, onDuty, type Turn, turnsOf } from './duty.ts';
import type { Roster } from './roster.ts';
import { compareText, holds } from './span.ts';

/** Somebody says: mine. */
export type Ack = { readonly by: string; readonly at: Instant };

/** Roles that are told one after another; `waitMs`: how long one has to acknowledge before the next is told. */
export type EscalationRule = {
  readonly steps: readonly { readonly role: string; readonly waitMs: Ms }[];
  /** How many times the steps are gone through. */
  readonly rounds: number;
};

/** People are told at a moment. `round` counts from 1; one more than there are: whoever came on duty afterwards. */
export type Telling = {
  readonly at: Instant;
  readonly role: string;
  readonly people: readonly string[];
  readonly round: number;
};

/** A step nobody could be told at, which is not waited for. */
export type Skip = {
  readonly at: Instant;
  readonly role: string;
  readonly round: number;
  readonly because: 'nobody has the role' | 'its calendar cannot be read' | 'all were told already';
};

export type Escalation = {
  /** `nobody-left`: all were told, or there is nobody, and no one has acknowledged. */
  readonly state: 'acknowledged' | 'waiting' | 'nobody-left';
  readonly acknowledged?: Ack;
  readonly told: readonly Telling[];
  readonly skipped: readonly Skip[];
  /** Who is told next, and when, unless somebody acknowledges before. */
  readonly next?: Telling;
  /** Where it stands, in a sentence. */
  readonly said: string;
};

type Planned = Telling & { readonly waitsUntil: Instant };

/**
 * Who is told of what began at `since`, as of `now`. Pure: the same at every look, so that whoever tells people asks
 * for `told` and sends what was not sent. Anybody's acknowledgement from `since` on ends it. The roster must
 * know the time from `since`; what it does not know counts as a calendar that cannot be read.
 */
export function escalation(of: {
  readonly roster: Roster;
  readonly since: Instant;
  readonly acks: readonly Ack[];
  readonly rule: EscalationRule;
  readonly now: Instant;
}): Escalation {
  const { since, now } = of;
  const acknowledged = of.acks
    .filter(({ at }) => since <= at && at <= now)
    .toSorted((a, b) => compareText(a.at, b.at) || compareText(a.by, b.by))[0];
  const { tellings, skips, endsAt } = plan(of);
  const stop = acknowledged?.at ?? now;
  const told = tellings.filter(({ at }) => at <= stop);
  const next = acknowledged ? undefined : tellings.find(({ at }) => at > now);
  const waits = now < endsAt || told.some(({ waitsUntil }) => now < waitsUntil);
  const stand = {
    state: acknowledged ? 'acknowledged' : waits ? 'waiting' : 'nobody-left',
    ...(acknowledged && { acknowledged }),
    told: told.map(bare),
    skipped: skips.filter(({ at }) => at <= stop),
    ...(next && { next: bare(next) }),
  } as const;
  return { ...stand, said: sentence(stand, since) };
}

const bare = ({ waitsUntil: _, ...telling }: Planned): Telling => telling;

type Plan = {
  readonly tellings: readonly Planned[];
  readonly skips: readonly Skip[];
  /** When all steps of all rounds are through. */
  readonly endsAt: Instant;
};

function plan(of: { readonly roster: Roster; readonly since: Instant; readonly rule: EscalationRule }): Plan {
  const tellings: Planned[] = [];
  const skips: Skip[] = [];
  let at = of.since;
  for (let round = 1; round <= of.rule.rounds; round += 1) {
    const inRound = new Set<string>();
    for (const { role, waitMs } of of.rule.steps) {
      const people = namesAt(of.roster, role, at);
      const fresh = people.filter((name) => !inRound.has(name));
      if (fresh.length === 0) {
        skips.push({ at, role, round, because: reason(of.roster, role, { at, isTold: people.length > 0 }) });
        continue;
      }
      for (const name of fresh) inRound.add(name);
      const waitsUntil = plus(at, waitMs);
      tellings.push({ at, role, people: fresh, round, waitsUntil });
      at = waitsUntil;
    }
  }
  return { tellings: [...tellings, ...later(of, tellings, at)], skips, endsAt: at };
}

/** Who comes on duty when the rounds are through and was never told: each is told when the turn begins. */
function later(
  { roster, rule }: { readonly roster: Roster; readonly rule: EscalationRule },
  before: readonly Planned[],
  endsAt: Instant,
): Planned[] {
  const told = new Set(before.flatMap(({ people }) => people));
  const found: Planned[] = [];
  for (const { from: at, role, person, waitMs } of comingOn(roster, rule, endsAt)) {
    if (told.has(person)) continue;
    told.add(person);
    found.push({ at, role, people: [person], round: rule.rounds + 1, waitsUntil: plus(at, waitMs) });
  }
  return found;
}

const comingOn = (
  roster: Roster,
  { steps }: EscalationRule,
  after: Instant,
): (Turn & { readonly role: string; readonly waitMs: Ms })[] =>
  steps
    .flatMap((step) => turnsOf(roster, step.role).map((turn) => ({ ...turn, ...step })))
    .filter(({ from }) => from > after)
    .sort((a, b) => compareText(a.from, b.from));

const namesAt = (roster: Roster, role: string, at: Instant): string[] =>
  holds(roster.known, at) ? onDuty(roster, role, at).now.map(({ person }) => person) : [];

function reason(
  roster: Roster,
  role: string,
  { at, isTold }: { readonly at: Instant; readonly isTold: boolean },
): Skip['because'] {
  if (isTold) return 'all were told already';
  const isKnown = holds(roster.known, at) && isFullyRead(roster, role);
  return isKnown ? 'nobody has the role' : 'its calendar cannot be read';
}

function sentence(stand: Omit<Escalation, 'said'>, since: Instant): string {
  const { state, acknowledged, told, skipped, next } = stand;
  if (acknowledged) return `${acknowledged.by} acknowledged at ${dayText(acknowledged.at)}`;
  const names = [...new Set(told.flatMap(({ people }) => people))].join(', ');
  const then = next
    ? `${next.people.join(', ')} (${next.role}) ${next.people.length === 1 ? 'is' : 'are'} told at ${dayText(next.at)}`
    : undefined;
  if (state === 'waiting')
    return `${names || 'nobody'} told, not acknowledged since ${dayText(since)}; ${then ?? 'nobody comes after that'}`;
  const empty = [...new Set(skipped.map(({ role, because }) => `${role}: ${because}`))].join('; ');
  const who =
    names === ''
      ? `NOBODY CAN BE TOLD since ${dayText(since)} (${empty || 'the rule names no role'})`
      : `NOBODY IS LEFT TO TELL: ${names} told, nobody acknowledged since ${dayText(since)}`;
  return `${who}; ${then ?? 'nobody comes on duty in the time that is known'}`;
}
