// Goal: whoever asks the hub learns who is on duty by the calendars it read, how old that is and what is wrong with them; a hub
// without a roster says what to configure. Method: real calendars in a folder, the real reader, the API.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRosterSource } from '../adapters/icalendar/index.ts';
import { HOUR, plus } from '../core/base/instant.ts';
import type { HubRoster } from '../core/roster/report.ts';
import type { RosterSource } from '../ports/roster-source.ts';
import { rosterSchema } from '../wire/roster.ts';
import { hubRosterSchema } from '../wire/roster-view.ts';
import { createApi } from './api/app.ts';
import { as, memoryDesk, memoryParts } from './api/memory-desk.ts';
import { createRosterDesk } from './desk/roster.ts';
import { createDuties } from './duties.ts';

const NOW = '2026-11-22T03:12:00.000Z';
const CONFIG = rosterSchema.parse({
  people: [{ name: 'ana', contact: '+49 30 1234' }],
  roles: { 'on-call': { calendars: ['on-call.ics'] }, qe: { calendars: ['away.ics'] } },
});

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleetfix-hub-roster-'));
  const event = ['UID:a', 'DTSTART:20261116T090000Z', 'DURATION:P7D', 'SUMMARY:Ana'];
  writeFileSync(
    join(dir, 'on-call.ics'),
    ['BEGIN:VCALENDAR', 'BEGIN:VEVENT', ...event, 'END:VEVENT', 'END:VCALENDAR', ''].join('\n'),
  );
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A hub with that roster, or with none, and a clock that can be moved. */
function hub(source: RosterSource | undefined) {
  let now = NOW;
  const time = () => now;
  const log = pino({ level: 'silent' });
  const duties = source && createDuties(source, CONFIG, { now: time, log });
  const clock = { now: time, at: () => () => {} };
  const desk = memoryDesk(createRosterDesk({ clock, ...(duties && { duties }) }));
  const api = createApi(memoryParts({ desk }));
  return {
    ask: (path = '/api/roster', token = 'token-viewer') => api.request(path, { headers: as(token) }),
    later: (ms: number) => {
      now = plus(now, ms);
    },
  };
}
const real = () =>
  createRosterSource({ dir, copiesDir: join(dir, 'copies'), fetch: () => Promise.reject(), now: () => NOW });

test('who is on duty, how to reach them, the gaps, and what a calendar lacks', async () => {
  const { ask, later } = hub(real());
  // Nothing was read yet: the first who asks waits for it.
  const first = (await (await ask()).json()) as HubRoster;
  expect(hubRosterSchema.parse(first)).toEqual(first);
  expect(first).toMatchObject({ readAt: NOW, at: NOW, days: 14 });
  expect(first.roles[0]).toMatchObject({
    role: 'on-call',
    now: [{ person: 'ana', contact: '+49 30 1234', to: '2026-11-23T09:00:00.000Z' }],
    gaps: [{ from: '2026-11-23T09:00:00.000Z', to: first.until }],
    alone: 'ana',
  });
  expect(first.roles[1]).toMatchObject({ role: 'qe', isRead: false, gaps: [] });
  expect(first.calendars.map(({ problem }) => problem)).toEqual([
    undefined,
    `${join(dir, 'away.ics')} does not exist`,
  ]);
  // The answer is of the moment it is asked for; how old the reading is stays said.
  later(2 * HOUR);
  expect(await (await ask('/api/roster?days=1')).json()).toMatchObject({
    readAt: NOW,
    at: '2026-11-22T05:12:00.000Z',
    until: '2026-11-23T05:12:00.000Z',
    roles: [{ gaps: [] }, {}],
  });
});

test('a hub without a roster says what to configure', async () => {
  const answer = await hub(undefined).ask();
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({
    code: 'not-found',
    detail: expect.stringMatching(/has no roster: name the calendars .* under roster: .*docs\/roster\.md/),
    next: [{ command: 'fleetfix roster --config FILE' }],
  });
});

test('calendars that cannot be gone through at all are no roster with gaps', async () => {
  const answer = await hub({ read: () => Promise.reject(new Error('no thread')) }).ask();
  expect(answer.status).toBe(409);
  expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(/could not be read yet/) });
});

test.each([
  ['/api/roster', 'token-nobody', 403],
  ...['61', '0', '0x10', '1e1', '1.0', '%2014', '+14', '', '99999'].map((days): [string, string, number] => [
    `/api/roster?days=${days}`,
    'token-viewer',
    400,
  ]),
  ['/api/roster?at=2026-12-25T03:00:00Z', 'token-viewer', 400],
])('%s as %s is refused with %i', async (path, token, status) => {
  expect((await hub(real()).ask(path, token)).status).toBe(status);
});
