import { dayText, type Instant, type Ms, plus } from '../base/instant.ts';
import { isFullyRead, onDuty, turnsOf } from './duty.ts';
import type { Roster } from './roster.ts';
import { compareText } from './span.ts';

/** Roles that are told one after another; `waitMs`: how long one has to acknowledge before the next is told. */
export type EscalationRule = {
  readonly steps: readonly { readonly role: string; readonly waitMs: Ms }[];
  /** How many times the steps are gone through. */
  readonly rounds: number;
};

/** Who is on duty when, and who is told in which order when something waits for people. */
export type Duty = { readonly roster: Roster; readonly rule: EscalationRule };

/** Who is told of something. `step`: of the rule, counted from 0 over all rounds; beyond them: whoever came on duty later. */
export type Telling = { readonly step: number; readonly role: string; readonly people: readonly string[] };
export type Told = Telling & { readonly at: Instant };

/** What follows while nobody acknowledges: those told last have time, somebody else is told, or nobody is left. */
export type Escalation =
  | { readonly waitsUntil: Instant; readonly next?: Telling }
  | { readonly tell: Telling }
  | { readonly nobodyLeft: string };

/** What was done so far. `since`: when it began to wait for people. `except`: who is not told, because another must act. */
export type SoFar = { readonly since: Instant; readonly told: readonly Told[]; readonly except?: string };

/**
 * What follows now, by whom was told so far: a calendar that is changed later changes nothing of that. Each has the whole
 * wait from when they were told, whenever that is looked at.
 */
export function escalate(duty: Duty, so: SoFar, now: Instant): Escalation {
  const last = so.told.at(-1);
  const waitsUntil = last && plus(last.at, waitOf(duty.rule, last.step));
  if (waitsUntil !== undefined && now < waitsUntil) {
    const next = nextTold(duty, so, waitsUntil);
    return { waitsUntil, ...(next && { next }) };
  }
  const tell = nextTold(duty, so, now);
  return tell === undefined ? { nobodyLeft: nobodyText(duty, so, now) } : { tell };
}

const waitOf = ({ steps }: EscalationRule, step: number): Ms => steps[step % steps.length]?.waitMs ?? 0;

/**
 * The next step of the rule at which somebody is on duty who was not told in its round; when all rounds are through, whoever
 * is on duty and was never told.
 */
function nextTold({ roster, rule }: Duty, { told, except }: SoFar, now: Instant): Telling | undefined {
  const count = rule.steps.length;
  const from = (told.at(-1)?.step ?? -1) + 1;
  for (let step = from; step < Math.max(from, count * rule.rounds) + count; step += 1) {
    const { role } = rule.steps[step % count]!;
    const isLater = step >= count * rule.rounds;
    const before = told.filter((one) => isLater || Math.floor(one.step / count) === Math.floor(step / count));
    const known = new Set(before.flatMap(({ people }) => people));
    const people = onDuty(roster, role, now)
      .now.map(({ person }) => person)
      .filter((person) => person !== except && !known.has(person));
    if (people.length > 0) return { step, role, people };
  }
  return undefined;
}

function nobodyText({ roster, rule }: Duty, { since, told, except }: SoFar, now: Instant): string {
  const names = [...new Set(told.flatMap(({ people }) => people))];
  const coming = rule.steps
    .flatMap(({ role }) => turnsOf(roster, role).map((turn) => ({ ...turn, role })))
    .filter(({ from, person }) => from > now && person !== except && !names.includes(person))
    .sort((a, b) => compareText(a.from, b.from))[0];
  const then = coming
    ? `${coming.person} (${coming.role}) comes on duty at ${dayText(coming.from)}`
    : 'nobody comes on duty in the time that is known';
  if (names.length > 0)
    return `NOBODY IS LEFT TO TELL: ${names.join(', ')} told, nobody has acknowledged since ${dayText(since)}; ${then}`;
  const why = [...new Set(rule.steps.map(({ role }) => role))].map((role) => {
    if (onDuty(roster, role, now).now.length > 0) return `${role}: only ${except}, and another must act`;
    return isFullyRead(roster, role) ? `${role}: nobody is on duty` : `${role}: a calendar cannot be read`;
  });
  return `NOBODY CAN BE TOLD since ${dayText(since)} (${why.join('; ') || 'the rule names no role'}); ${then}`;
}
