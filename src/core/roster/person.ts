import { compareText, type Span } from './span.ts';

/** Somebody who may be on duty. `also`: other names and addresses that calendars use for the same person. */
export type Person = { readonly name: string; readonly also: readonly string[]; readonly contact?: string };

/** What names the person: the guests of an event (its title when it has none), or one of the two alone. */
export const NAMINGS = ['any', 'attendee', 'summary'] as const;
export type Naming = (typeof NAMINGS)[number];

/** One event of a calendar at one time, as the calendar has it. */
export type CalendarEvent = Span & {
  readonly summary: string;
  readonly attendees: readonly { readonly name?: string; readonly email?: string }[];
};

const NAME_CHARS_MAX = 120;

/**
 * Who an event names: its guests, or what its title says. With people listed, every one of them that is named there
 * (by name or by another name, as a whole word, in any case); else the text as it is. Sorted, each once.
 */
export function peopleOf(event: CalendarEvent, people: readonly Person[], by: Naming): string[] {
  const texts = by === 'summary' || event.attendees.length === 0 ? [] : guests(event, people);
  const named = texts.length > 0 || by === 'attendee' ? texts : inSummary(event.summary, people);
  return [...new Set(named)].sort(compareText);
}

const guests = ({ attendees }: CalendarEvent, people: readonly Person[]): string[] =>
  attendees.flatMap(({ name, email }) => {
    const texts = [email, name].filter((text) => text !== undefined && text.trim() !== '') as string[];
    const known = people.find((person) => texts.some((text) => namesOf(person).includes(folded(text))));
    if (known) return [known.name];
    const shown = trimmed(name ?? '') || trimmed(email ?? '');
    return shown === '' ? [] : [shown];
  });

function inSummary(summary: string, people: readonly Person[]): string[] {
  const text = folded(summary);
  const named = people.filter((person) => namesOf(person).some((name) => isIn(name, text)));
  if (named.length > 0) return named.map(({ name }) => name);
  const shown = trimmed(summary);
  return shown === '' ? [] : [shown];
}

/** Whether a name stands in a text with no letter or digit at either side. */
function isIn(name: string, text: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const [before, after] = [text.slice(0, at), text.slice(at + name.length)];
    if (!/[\p{L}\p{N}]$/u.test(before.slice(-2)) && !/^[\p{L}\p{N}]/u.test(after.slice(0, 2))) return true;
  }
  return false;
}

const namesOf = ({ name, also }: Person): string[] => [name, ...also].map(folded);
const folded = (text: string): string => text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ').trim();
const trimmed = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, NAME_CHARS_MAX);
