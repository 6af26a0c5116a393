// Goal: woken at 3 am, a person reads who has it, until when and who is next; scripts read the same as JSON, and what is
// wrong in the configuration has its place. Method: the real command line over calendars in a folder.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadRoster } from '../../adapters/config/load-roster.ts';
import { createRosterSource } from '../../adapters/icalendar/index.ts';
import type { RosterReport } from '../../core/roster/report.ts';
import { run } from '../run.ts';

const NOW = '2026-11-22T03:12:00.000Z';

const week = (uid: string, who: string, first: string, ...more: readonly string[]) =>
  [
    'BEGIN:VEVENT',
    `UID:${uid}`,
    `DTSTART;TZID=Europe/Berlin:${first}T090000`,
    'DURATION:P7D',
    'RRULE:FREQ=WEEKLY;INTERVAL=2',
    `SUMMARY:${who}`,
    ...more,
    'END:VEVENT',
  ].join('\n');
const calendar = (...events: readonly string[]) => `BEGIN:VCALENDAR\n${events.join('\n')}\nEND:VCALENDAR\n`;

const CONFIG = `
components: this is for the hub to judge
roster:
  people:
    - { name: ana, also: [Ana Diaz], contact: "+49 30 1234" }
    - { name: bo }
  roles:
    on-call: { calendars: [on-call.ics] }
    qe:
      calendars: [qe.ics]
      needed: [{ days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00", zone: Europe/Berlin }]
    approver: { calendars: [none.ics] }
`;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleetfix-roster-'));
  const put = (name: string, text: string) => writeFileSync(join(dir, name), text);
  put('fleetfix.yaml', CONFIG);
  put(
    'on-call.ics',
    calendar(
      week('a', 'On call: Ana Diaz', '20261109'),
      week('b', 'bo', '20261116', 'EXDATE;TZID=Europe/Berlin:20261130T090000'),
    ),
  );
  put('qe.ics', calendar(week('c', 'cy', '20261123').replace(';INTERVAL=2', ';COUNT=1')));
  put('fine.yaml', CONFIG.replace(/ {4}qe:[\s\S]*$/, '').replace('on-call.ics', 'whole.ics'));
  put('whole.ics', calendar(week('a', 'ana', '20261109'), week('b', 'bo', '20261116')));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const away: typeof fetch = () => Promise.reject(new Error('nothing is fetched'));

const roster = (...args: readonly string[]) => rosterBy(away, ...args);
async function rosterBy(call: typeof fetch, ...args: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const now = () => NOW;
  const exit = await run(['roster', ...args], {
    stdout,
    stderr,
    stdin: Readable.from([]),
    env: { HOME: dir, XDG_CACHE_HOME: join(dir, 'cache') },
    isTty: false,
    fetch: call,
    now,
    alone: {
      open: () => Promise.reject(new Error('no repository is opened')),
      roster: async () => ({
        loadRoster,
        open: (reach) => createRosterSource({ ...reach, fetch: away, now }),
      }),
    },
  });
  const text = (stream: PassThrough) => (stream.read() ?? '').toString() as string;
  return { exit, out: text(stdout), err: text(stderr) };
}
const config = (name: string) => ['--config', join(dir, name)];

test('the screen says who has it now, until when and who is next, then what is wrong', async () => {
  const { exit, out } = await roster(...config('fleetfix.yaml'));
  expect(exit).toBe(0);
  expect(out.replaceAll(dir, 'DIR')).toBe(`on duty at Sun 2026-11-22 03:12Z

ROLE      NOW                     UNTIL                 NEXT
on-call   bo                      Mon 08:00Z (in 1d4h)  ana from Mon 08:00Z (in 1d4h)
qe        nobody, not needed now  -                     cy from Mon 08:00Z (in 1d4h)
approver  UNKNOWN                 -                     unknown

6 gaps in 14 days: nobody has
  on-call  Mon 2026-11-30 08:00Z to Sun 2026-12-06 03:12Z (5d19h)
  qe       Mon 2026-11-30 08:00Z to Mon 2026-11-30 16:00Z (8h)
  qe       Tue 2026-12-01 08:00Z to Tue 2026-12-01 16:00Z (8h)
  qe       Wed 2026-12-02 08:00Z to Wed 2026-12-02 16:00Z (8h)
  qe       Thu 2026-12-03 08:00Z to Thu 2026-12-03 16:00Z (8h)
  qe       Fri 2026-12-04 08:00Z to Fri 2026-12-04 16:00Z (8h)

1 time in 14 days not known: nobody seen for
  approver  Sun 2026-11-22 03:12Z to Sun 2026-12-06 03:12Z (14d)

warning: approver: none.ics cannot be read: DIR/none.ics does not exist
warning: qe: qe.ics ends Mon 2026-11-30 08:00Z
warning: qe: only cy in all 14 days
warning: "cy" is not among people: no contact is known
`);
});

test('the same as JSON, as of another moment and for fewer days', async () => {
  const args = ['--at', '2026-11-23T10:00:00+01:00', '--days', '5', '-o', 'json'];
  const { out } = await roster(...config('fleetfix.yaml'), ...args);
  const answer = JSON.parse(out) as RosterReport;
  expect(answer).toMatchObject({
    at: '2026-11-23T09:00:00.000Z',
    until: '2026-11-28T09:00:00.000Z',
    days: 5,
  });
  expect(answer.roles[0]).toMatchObject({
    role: 'on-call',
    now: [{ person: 'ana', contact: '+49 30 1234', to: '2026-11-30T08:00:00.000Z' }],
    gaps: [],
    covered: 1,
  });
});

test('names only: who has what', async () => {
  expect((await roster(...config('fleetfix.yaml'), '-o', 'name')).out).toBe('on-call/bo\n');
});

test('with --exit-code a gap is something to do, and without one there is nothing', async () => {
  expect((await roster(...config('fleetfix.yaml'), '--exit-code')).exit).toBe(7);
  const fine = await roster(...config('fine.yaml'), '--exit-code');
  expect(fine.exit).toBe(0);
  expect(fine.out).toContain('no gap in 14 days\n');
});

test('with --exit-code a calendar that cannot be read is not yet known', async () => {
  writeFileSync(join(dir, 'unread.yaml'), 'roster: { roles: { on-call: { calendars: [none.ics] } } }');
  expect((await roster(...config('unread.yaml'), '--exit-code')).exit).toBe(3);
});

test.each([
  [
    'roster: { roles: { on-call: { calender: [x.ics] } } }',
    /:1:31 roster\.roles\.on-call\.calender: unknown key; did you mean calendars\?/,
  ],
  ['components: []', /:1:1 roster: missing: expected a map/],
  ['', /the file is empty; it needs roster \(docs\/roster\.md\)/],
  ['roster: [', /:1:1[0-9]/],
])('a wrong configuration %j is refused with its place', async (text, said) => {
  writeFileSync(join(dir, 'wrong.yaml'), text);
  const { exit, err, out } = await roster(...config('wrong.yaml'));
  expect([exit, out]).toEqual([2, '']);
  expect(err).toMatch(said);
});

test.each([
  [['--at', 'tomorrow'], /--at tomorrow: expected a time such as/],
  [['--days', '93'], /--days 93: expected at most 92/],
  [['--days', '0'], /expected a whole number from 1/],
])('%j is refused', async (args, said) => {
  const { exit, err } = await roster(...config('fleetfix.yaml'), ...args);
  expect(exit).toBe(2);
  expect(err).toMatch(said);
});

test('a rota of one that goes on for ever has no end that calendars were not read for', async () => {
  const ever = week('a', 'bo', '20261116').replace('INTERVAL=2', 'INTERVAL=1');
  writeFileSync(join(dir, 'ever.ics'), calendar(ever));
  writeFileSync(join(dir, 'ever.yaml'), 'roster: { roles: { on-call: { calendars: [ever.ics] } } }');
  const { out } = await roster(...config('ever.yaml'));
  expect(out).toMatch(/on-call +bo +past Sun 2026-12-06 03:12Z +nobody else in 14 days/);
});

test('what a calendar says cannot reach the terminal as it likes', async () => {
  const sly = week('a', 'bo\u001b[2Jx\u202e', '20261116');
  writeFileSync(join(dir, 'sly.ics'), calendar(sly));
  writeFileSync(join(dir, 'sly.yaml'), 'roster: { roles: { on-call: { calendars: [sly.ics] } } }');
  const { out } = await roster(...config('sly.yaml'));
  expect(out).toContain('on-call  box');
  for (const sign of ['\u001b', '\u202e']) expect(out).not.toContain(sign);
});

describe('without --config the hub is asked', () => {
  const asked: string[] = [];
  const hub =
    (status: number, body: object): typeof fetch =>
    async (url) => {
      asked.push(String(url).replace(/^.*\/api/, '/api'));
      return Response.json(body, { status });
    };
  /** What the hub would say of the same calendars, read a while ago. */
  const told = async (file: string) => ({
    ...(JSON.parse((await roster(...config(file), '-o', 'json')).out) as RosterReport),
    readAt: '2026-11-22T03:10:00.000Z',
  });

  test('and the screen is the same, but for how old it is', async () => {
    const own = await roster(...config('fleetfix.yaml'));
    const { exit, out } = await rosterBy(hub(200, await told('fleetfix.yaml')), '--days', '20');
    expect(exit).toBe(0);
    expect(out).toBe(own.out.replace('03:12Z\n', '03:12Z, by calendars read 2m before\n'));
    expect(asked.at(-1)).toBe('/api/roster?days=20');
  });

  test('and a gap is something to do with --exit-code', async () => {
    expect((await rosterBy(hub(200, await told('fleetfix.yaml')), '--exit-code')).exit).toBe(7);
    expect((await rosterBy(hub(200, await told('fine.yaml')), '--exit-code')).exit).toBe(0);
  });

  test('and one that is away leaves the last answer, as such', async () => {
    await rosterBy(hub(200, await told('fine.yaml')), '--days', '3');
    const { exit, out } = await roster('--days', '3', '--exit-code');
    expect(exit).toBe(1);
    expect(out).toMatch(/^NOT LIVE: hub .* cannot be reached.*\n\non duty at /);
  });

  test('and one without a roster says what to configure', async () => {
    const detail = 'this hub has no roster: name the calendars';
    const { exit, err } = await rosterBy(hub(404, { code: 'not-found', detail, next: [] }));
    expect(exit).toBe(2);
    expect(err).toContain(detail);
  });

  test.each([
    [['--at', '2026-11-23T10:00:00Z'], /--at: the hub knows who is on duty now; .* --config FILE/],
    [['--days', '61'], /--days 61: expected at most 60 of the hub/],
  ])('and not for %j', async (args, said) => {
    const { exit, err } = await roster(...args);
    expect(exit).toBe(2);
    expect(err).toMatch(said);
  });
});
