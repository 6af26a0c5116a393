// Goal: who is asked at 3 am is a name, with a way to reach it; an empty place is told from one that is not known.
import { expect, test } from 'vitest';
import type { Duty } from '../roster/escalation.ts';
import { makeRoster } from '../roster/roster.ts';
import { dutyContacts } from './on-duty.ts';

const NOW = '2026-11-22T03:00:00.000Z';
const shift = (summary: string, from: string, to: string) => ({ summary, attendees: [], from, to });
const calendar = (role: string, events?: ReturnType<typeof shift>[]) => ({
  role,
  calendar: `${role}.ics`,
  naming: 'summary' as const,
  ...(events && { events }),
  warnings: [],
});
const duty: Duty = {
  rule: { steps: [], rounds: 1 },
  roster: makeRoster({
    known: { from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' },
    roles: [{ name: 'qe' }, { name: 'approver' }, { name: 'on-call' }],
    people: [{ name: 'Ana', also: [], contact: '+49 30 1234' }],
    calendars: [
      calendar('qe', [
        shift('Ana', '2026-11-22T00:00:00.000Z', '2026-11-22T08:00:00.000Z'),
        shift('Bob', '2026-11-22T08:00:00.000Z', '2026-11-22T16:00:00.000Z'),
      ]),
      calendar('approver', [shift('Cem', '2026-11-23T00:00:00.000Z', '2026-11-24T00:00:00.000Z')]),
      calendar('on-call'),
    ],
  }),
};

test('who has each role now, until when, how to reach them, and who is next', () => {
  expect(dutyContacts(duty, NOW)).toEqual([
    { for: 'qe on duty', who: 'Ana (+49 30 1234) until 2026-11-22 08:00Z; next Bob from 2026-11-22 08:00Z' },
    { for: 'approver on duty', who: 'NOBODY is on duty; next Cem from 2026-11-23 00:00Z' },
    { for: 'on-call on duty', who: 'not known: a calendar could not be read' },
  ]);
});
