// Goal: a calendar that is away, wrong or hostile costs what it says and no more: the others are read, and why it is not is
// told without its address. Method: files, a fetch of our own, and real threads with small limits.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rosterSchema } from '../../wire/roster.ts';
import { createRosterSource, type RosterReach } from './index.ts';

const SPAN = { from: '2026-11-22T00:00:00.000Z', to: '2026-12-22T00:00:00.000Z' };
const NOW = '2026-11-22T03:00:00.000Z';
const HOST = 'calendar.example.com';
const URL_OF = `https://${HOST}/private-4711/basic.ics`;

const calendar = (who: string, ...lines: readonly string[]) =>
  [
    'BEGIN:VCALENDAR',
    'BEGIN:VEVENT',
    `SUMMARY:${who}`,
    ...(lines.length > 0 ? lines : ['DTSTART:20261101T080000Z', 'DURATION:P60D']),
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\r\n');

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleetfix-roster-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const noNetwork: typeof fetch = () => Promise.reject(new Error('nothing is fetched here'));

async function read(calendars: readonly unknown[], more: Partial<RosterReach> = {}) {
  const config = rosterSchema.parse({ hosts: [HOST], roles: { 'on-call': { calendars } } });
  const reach = { dir, copiesDir: join(dir, 'copies'), fetch: noNetwork, now: () => NOW, ...more };
  return await createRosterSource(reach).read(config, SPAN);
}
const people = ({ shifts }: Awaited<ReturnType<typeof read>>) => shifts.map(({ person }) => person);

describe('names', () => {
  test('hold nothing that controls a terminal, cannot be seen or turns the direction', async () => {
    const guest = 'ATTENDEE;CN=bo\u202eb\u0085:mailto:bo\u200b@example.com';
    const shift = ['DTSTART:20261101T080000Z', 'DURATION:P60D'];
    const titles = [
      'a\u001b[31mna\u0007',
      'line\\nbreak',
      'cy\u2066\u00ad\u2029z',
      `${'x'.repeat(499)}\u{1f41b}`,
    ];
    writeFileSync(join(dir, 'a.ics'), titles.map((title) => calendar(title)).join(''));
    writeFileSync(join(dir, 'b.ics'), calendar('x', guest, ...shift));
    writeFileSync(
      join(dir, 'c.ics'),
      calendar('bad\u001b]0;\u202e', 'DTSTART:20261101T080000Z', 'DURATION:-P1D'),
    );
    const named = { file: 'a.ics', name: 'on\u202e call\u001b' };
    const { shifts, calendars } = await read([named, 'b.ics', 'c.ics', 'no\u202ene.ics']);
    const shown = JSON.stringify([shifts, calendars.map(({ calendar: name, problem }) => [name, problem])]);
    expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|\\u/u);
    expect(shifts.map(({ person }) => person)).toEqual(
      expect.arrayContaining(['ana', 'bob', 'cy z', 'line break']),
    );
    expect(calendars.map(({ calendar: name }) => name)).toEqual(['on call ', 'b.ics', 'c.ics', 'none.ics']);
    expect(calendars[2]!.problem).toContain('event "bad;"');
  });

  test('of people who are listed are clean as well, and name them as before', async () => {
    writeFileSync(join(dir, 'a.ics'), calendar('night: a\u200bna'));
    const config = rosterSchema.parse({
      people: [
        { name: 'Ana\u202e', also: ['\u200b', 'a\u00adna'], contact: '+49\u001b 1' },
        { name: '\u200b' },
      ],
      roles: { 'on-call': { calendars: ['a.ics'] } },
    });
    const reach = { dir, copiesDir: join(dir, 'copies'), fetch: noNetwork, now: () => NOW };
    const { shifts, people: listed } = await createRosterSource(reach).read(config, SPAN);
    expect(shifts.map(({ person }) => person)).toEqual(['Ana']);
    expect(listed).toEqual([
      { name: 'Ana', also: ['ana'], contact: '+49  1' },
      { name: '�', also: [] },
    ]);
  });
});

describe('files', () => {
  test('one that cannot be read is named with why, and the others are read', async () => {
    writeFileSync(join(dir, 'good.ics'), calendar('ana'));
    writeFileSync(join(dir, 'page.ics'), '<html>');
    writeFileSync(join(dir, 'large.ics'), Buffer.alloc(10 * 1024 * 1024 + 1));
    execFileSync('mkfifo', [join(dir, 'pipe.ics')]);
    const roster = await read(['none.ics', 'good.ics', 'page.ics', 'large.ics', 'pipe.ics', '.']);
    expect(people(roster)).toEqual(['ana']);
    expect(roster.calendars.map(({ calendar, problem }) => `${calendar}: ${problem}`)).toEqual([
      `none.ics: ${join(dir, 'none.ics')} does not exist`,
      'good.ics: undefined',
      'page.ics: it is no calendar: expected BEGIN:VCALENDAR at the beginning',
      `large.ics: ${join(dir, 'large.ics')} has 10485761 bytes: expected at most 10485760`,
      `pipe.ics: ${join(dir, 'pipe.ics')} is no file`,
      `.: ${dir} is no file`,
    ]);
  });

  test('one that never ends or fills all memory is ended by a limit, and the next is read', async () => {
    writeFileSync(join(dir, 'good.ics'), calendar('ana'));
    // No year has a 30th of February; the library looks for one for ever.
    const endless = calendar(
      'bo',
      'DTSTART:20260101T080000Z',
      'DURATION:PT1H',
      'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
    );
    writeFileSync(join(dir, 'endless.ics'), endless);
    const attendees = 'ATTENDEE;CN=x:mailto:y@example.com\r\n'.repeat(200_000);
    writeFileSync(join(dir, 'heavy.ics'), calendar('cy').replace('END:VEVENT', `${attendees}END:VEVENT`));
    // One limit at a time: what never ends may also fill memory, and what is heavy may take its time on a busy machine.
    const slow = await read(['endless.ics', 'good.ics'], { limits: { timeoutMs: 5_000, heapMbMax: 2_000 } });
    const heavy = await read(['heavy.ics', 'good.ics'], { limits: { timeoutMs: 120_000, heapMbMax: 40 } });
    const problems = [slow, heavy].flatMap(({ calendars }) => calendars.map(({ problem }) => problem));
    expect(problems).toEqual([
      'reading it took longer than 5 s',
      undefined,
      'reading it took more than 40 MB of memory',
      undefined,
    ]);
    expect([people(slow), people(heavy)]).toEqual([['ana'], ['ana']]);
  });
});

describe('addresses', () => {
  const answering =
    (answers: Readonly<Record<string, () => Response>>, asked: string[] = []): typeof fetch =>
    (input, init) => {
      expect(init?.redirect).toBe('manual');
      const url = String(input);
      asked.push(url);
      const answer = answers[url];
      return answer ? Promise.resolve(answer()) : Promise.reject(new TypeError(`no ${url}`));
    };
  const ok = (text: string) => () => new Response(text);
  const to = (location: string) => () => new Response(null, { status: 302, headers: { location } });
  const problemOf = async (fetch: typeof globalThis.fetch, more: Partial<RosterReach> = {}) => {
    const roster = await read([{ url: URL_OF }], { fetch, ...more });
    expect(JSON.stringify(roster)).not.toContain('private');
    return roster.calendars[0]!.problem;
  };

  test('one is read and called by its host', async () => {
    const roster = await read([{ url: URL_OF }], { fetch: answering({ [URL_OF]: ok(calendar('ana')) }) });
    expect(people(roster)).toEqual(['ana']);
    expect(roster.calendars).toMatchObject([{ calendar: HOST, isRead: true, warnings: [] }]);
  });

  test('one in a file of its own', async () => {
    writeFileSync(join(dir, 'secret'), `${URL_OF}\n`);
    const fetch = answering({ [URL_OF]: ok(calendar('ana')) });
    expect(people(await read([{ urlFile: 'secret' }], { fetch }))).toEqual(['ana']);
    writeFileSync(join(dir, 'secret'), 'https://elsewhere.example.com/private.ics');
    const [state] = (await read([{ urlFile: 'secret' }], { fetch: noNetwork })).calendars;
    expect(state!.problem).toMatch(
      /^elsewhere\.example\.com is not allowed: expected one of hosts \(calendar\.example\.com\)/,
    );
  });

  test('a redirect on the same host is followed', async () => {
    const there = `https://${HOST}/private-new.ics`;
    const fetch = answering({ [URL_OF]: to('/private-new.ics'), [there]: ok(calendar('ana')) });
    expect(people(await read([{ url: URL_OF }], { fetch }))).toEqual(['ana']);
  });

  test.each([
    ['https://evil.example.com/private', 'https://evil.example.com'],
    [`http://${HOST}/private`, `http://${HOST}`],
    [`https://${HOST}:8443/private`, `https://${HOST}:8443`],
    ['https://169.254.169.254/private', 'https://169.254.169.254'],
    ['file:///private', 'file://'],
  ])('a redirect to %s is refused, and nothing is asked there', async (location, named) => {
    const asked: string[] = [];
    const problem = await problemOf(answering({ [URL_OF]: to(location) }, asked));
    expect(problem).toContain(`${HOST} sends on to ${named}: expected https on the same host`);
    expect(asked).toEqual([URL_OF]);
  });

  test('redirects in a circle end', async () => {
    expect(await problemOf(answering({ [URL_OF]: to(URL_OF) }))).toContain('sends on more than 3 times');
  });

  test.each([
    ['404', () => new Response('', { status: 404 }), 'answers 404; its address may have been withdrawn'],
    ['a page to log in', ok('<html>'), 'it is no calendar'],
    ['more than it said', ok('x'.repeat(2_000)), 'answers with more than 1000 bytes'],
  ])('%s is no calendar', async (_what, answer, said) => {
    const limits = { bytesMax: 1_000 };
    expect(await problemOf(answering({ [URL_OF]: answer }), { limits })).toContain(said);
  });

  test('a host that does not answer in time, and one that is not there', async () => {
    const silent: typeof fetch = (_url, init) =>
      new Promise((_resolve, reject) => {
        init!.signal!.addEventListener('abort', () => reject(init!.signal!.reason));
      });
    const limits = { fetchMs: 50 };
    expect(await problemOf(silent, { limits })).toBe(
      `${HOST} took longer than 0.05 s; there is no copy of it`,
    );
    const away: typeof fetch = () =>
      Promise.reject(new TypeError(`fetch ${URL_OF} failed`, { cause: { code: 'ECONNREFUSED' } }));
    expect(await problemOf(away)).toBe(`${HOST} cannot be reached: ECONNREFUSED; there is no copy of it`);
  });

  test('the last good copy stands in for what is away or wrong, with its time and why', async () => {
    const good = answering({ [URL_OF]: ok(calendar('ana')) });
    await read([{ url: URL_OF }], { fetch: good, now: () => '2026-11-21T03:00:00.000Z' });
    for (const [fetch, why] of [
      [noNetwork, 'cannot be reached'],
      [answering({ [URL_OF]: ok('<html>') }), 'it is no calendar'],
    ] as const) {
      const roster = await read([{ url: URL_OF }], { fetch });
      expect(people(roster)).toEqual(['ana']);
      expect(roster.calendars).toMatchObject([{ isRead: true, copyFrom: '2026-11-21T03:00:00.000Z' }]);
      expect(roster.calendars[0]!.problem).toContain(why);
    }
  });

  test('a copy tells nothing by its name, is for its owner only, and a spoiled one counts as none', async () => {
    await read([{ url: URL_OF }], { fetch: answering({ [URL_OF]: ok(calendar('ana')) }) });
    const copies = readdirSync(join(dir, 'copies'));
    expect(copies).toHaveLength(1);
    expect(copies[0]).toMatch(/^[0-9a-f]{64}\.kept$/);
    const file = join(dir, 'copies', copies[0]!);
    expect(statSync(file).mode & 0o077).toBe(0);
    writeFileSync(file, readFileSync(file).subarray(0, 10));
    expect((await read([{ url: URL_OF }])).calendars[0]!.problem).toContain('there is no copy of it');
  });
});

test('hours somebody must be there follow the clocks of their place', async () => {
  const needed = [{ days: ['sun'], from: '01:00', to: '24:00', zone: 'Europe/Berlin' }];
  const config = rosterSchema.parse({ roles: { qe: { calendars: ['x.ics'], needed } } });
  const source = createRosterSource({ dir, copiesDir: dir, fetch: noNetwork, now: () => NOW });
  const spring = { from: '2026-03-28T00:00:00.000Z', to: '2026-03-30T12:00:00.000Z' };
  const { roles } = await source.read(config, spring);
  expect(roles[0]!.needed).toEqual([{ from: '2026-03-29T00:00:00.000Z', to: '2026-03-29T22:00:00.000Z' }]);
});

describe('a configuration', () => {
  const roles = { qe: { calendars: ['x.ics'] } };
  const faults = (value: object) =>
    rosterSchema
      .safeParse({ roles, ...value })
      .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  test.each([
    [
      { roles: { qe: { calendars: [{ url: `http://${HOST}/x` }] } } },
      /url: expected an https address without a password/,
    ],
    [
      { roles: { qe: { calendars: [{ url: URL_OF }] } } },
      /url: expected a host among hosts \(none yet\); add calendar\.example\.com there/,
    ],
    [{ roles: { qe: { calendars: [{ file: 'a', url: URL_OF }] } } }, /expected one of file, url and urlFile/],
    [{ zone: '+02:00' }, /zone: expected the IANA name of a time zone/],
    [{ escalation: { steps: [{ role: 'boss', wait: '10m' }] } }, /role: expected one of the roles: qe/],
    [{ roles: {} }, /expected 1 to 32 roles/],
  ])('%j is refused', (value, said) => {
    const found = faults(value)!;
    const nested = JSON.stringify(rosterSchema.safeParse({ roles, ...value }).error!.issues);
    expect(`${found.join('\n')}\n${nested}`).toMatch(said);
  });
  test('of files alone is taken', () => expect(faults({})).toBeUndefined());
});
