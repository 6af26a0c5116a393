import { dayText, type Instant } from '../base/instant.ts';
import { isFullyRead, onDuty } from '../roster/duty.ts';
import type { Duty } from '../roster/escalation.ts';
import type { Contact } from './hand-off.ts';

/** Who has each role of the roster now, until when, and who comes next. */
export const dutyContacts = ({ roster }: Duty, now: Instant): Contact[] =>
  roster.roles.map(({ name }) => {
    const duty = onDuty(roster, name, now);
    const has = duty.now.map(({ person, to }) => `${withWay(roster, person)} until ${dayText(to)}`);
    const next = duty.next.map(({ person, from }) => `${person} from ${dayText(from)}`);
    const nobody = isFullyRead(roster, name)
      ? 'NOBODY is on duty'
      : 'not known: a calendar could not be read';
    const who = has.length > 0 ? has.join(', ') : nobody;
    return { for: `${name} on duty`, who: next.length > 0 ? `${who}; next ${next.join(', ')}` : who };
  });

function withWay({ people }: Duty['roster'], name: string): string {
  const contact = people.find((person) => person.name === name)?.contact;
  return contact === undefined ? name : `${name} (${contact})`;
}
