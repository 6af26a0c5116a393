import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Instant, Ms } from '../../core/base/instant.ts';
import { fail, ok, type Result } from '../../core/base/result.ts';
import type { Person } from '../../core/roster/person.ts';
import { type CalendarRead, makeRoster } from '../../core/roster/roster.ts';
import type { Span } from '../../core/roster/span.ts';
import type { RosterSource } from '../../ports/roster-source.ts';
import { type CalendarConfig, httpsHost, type RosterConfig } from '../../wire/roster.ts';
import { clean } from './clean.ts';
import { fetchCalendar } from './fetch-calendar.ts';
import { neededSpans } from './hours.ts';
import { keepCopy, keptCopy } from './kept-copy.ts';
import { type Reader, readApart } from './read-apart.ts';
import type { Asked, ReadCalendar } from './read-calendar.ts';

export type RosterReach = {
  /** Relative paths of calendars count from here. */
  readonly dir: string;
  /** Where last good copies are kept. */
  readonly copiesDir: string;
  readonly fetch: typeof fetch;
  readonly now: () => Instant;
  readonly limits?: Partial<RosterLimits>;
};

type RosterLimits = {
  readonly bytesMax: number;
  readonly fetchMs: Ms;
  /** For reading one calendar. */
  readonly timeoutMs: Ms;
  readonly heapMbMax: number;
};

const LIMITS: RosterLimits = {
  bytesMax: 10 * 1024 * 1024,
  fetchMs: 10_000,
  timeoutMs: 15_000,
  heapMbMax: 512,
};

/** Reads rosters from iCalendar files and https addresses. */
export function createRosterSource(reach: RosterReach): RosterSource {
  const limits = { ...LIMITS, ...reach.limits };
  return {
    async read(config, span) {
      const reader = readApart(limits);
      try {
        const work = { config, span, reach, limits, reader };
        const all = Object.entries(config.roles).flatMap(([role, { calendars }]) =>
          calendars.map((calendar) => calendarRead(role, calendar, work)),
        );
        return makeRoster({
          known: span,
          people: config.people.map(cleanPerson),
          roles: rolesOf(config, span),
          calendars: await Promise.all(all),
        });
      } finally {
        await reader.end();
      }
    },
  };
}

const rolesOf = ({ roles, zone }: RosterConfig, span: Span) =>
  Object.entries(roles).map(([name, { needed }]) => ({
    name,
    ...(needed.length > 0 && { needed: neededSpans(needed, zone ?? 'UTC', span) }),
  }));

type Work = {
  readonly config: RosterConfig;
  readonly span: Span;
  readonly reach: RosterReach;
  readonly limits: RosterLimits;
  readonly reader: Reader;
};

type Got = Pick<CalendarRead, 'events' | 'problem' | 'copyFrom' | 'warnings'>;

async function calendarRead(role: string, calendar: CalendarConfig, work: Work): Promise<CalendarRead> {
  const naming = ('naming' in calendar ? calendar.naming : undefined) ?? 'any';
  const address = await addressOf(calendar, work);
  const named = nameOf(calendar, address);
  const got = address.ok
    ? await fetched(address.value, calendar, work)
    : await opened(address.error, calendar, work);
  return {
    ...{ role, calendar: clean(named), naming, ...got },
    ...(got.problem !== undefined && { problem: clean(got.problem) }),
    warnings: got.warnings.map(clean),
  };
}

const cleanPerson = ({ name, also, contact }: Person): Person => ({
  // Somebody must be called something, and nothing at all stands in every title.
  name: clean(name).trim() || '�',
  also: also.map(clean).filter((other) => other.trim() !== ''),
  ...(contact !== undefined && { contact: clean(contact) }),
});

type Place = { readonly path: string } | { readonly problem: string };

/** The https address of a calendar; the error is the file it is in, or why there is no address. */
async function addressOf(calendar: CalendarConfig, { reach }: Work): Promise<Result<string, Place>> {
  if ('url' in calendar && calendar.url !== undefined) return ok(calendar.url);
  if (!('urlFile' in calendar) || calendar.urlFile === undefined)
    return fail({ path: resolve(reach.dir, calendar.file!) });
  const text = await fileBytes(resolve(reach.dir, calendar.urlFile), 4_096);
  if (!text.ok) return fail({ problem: `urlFile ${text.error}` });
  const address = text.value.toString('utf8').trim();
  if (httpsHost(address) !== undefined) return ok(address);
  return fail({ problem: `urlFile ${calendar.urlFile}: expected one https address in it` });
}

function nameOf(calendar: CalendarConfig, address: Result<string, Place>): string {
  if ('name' in calendar && calendar.name !== undefined) return calendar.name;
  if (address.ok) return httpsHost(address.value)!;
  return calendar.file ?? basename(('urlFile' in calendar && calendar.urlFile) || '');
}

async function opened(place: Place, calendar: CalendarConfig, work: Work): Promise<Got> {
  if ('problem' in place) return { problem: place.problem, warnings: [] };
  const bytes = await fileBytes(place.path, work.limits.bytesMax);
  if (!bytes.ok) return { problem: bytes.error, warnings: [] };
  const read = await work.reader.read(bytes.value, askedOf(calendar, work));
  return read.ok ? read.value : { problem: read.error, warnings: [] };
}

/** What the address gives; when that is nothing good, the last copy that was, with why and of when. */
async function fetched(address: string, calendar: CalendarConfig, work: Work): Promise<Got> {
  const { reach, limits, config, reader } = work;
  const asked = askedOf(calendar, work);
  const bytes = await fetchCalendar(address, {
    fetch: reach.fetch,
    hosts: config.hosts,
    bytesMax: limits.bytesMax,
    timeoutMs: limits.fetchMs,
  });
  const read: Result<ReadCalendar, string> = bytes.ok ? await reader.read(bytes.value, asked) : bytes;
  if (!bytes.ok || !read.ok) return await fromCopy(address, read.ok ? '' : read.error, { asked, work });
  try {
    await keepCopy(reach.copiesDir, address, { fetchedAt: reach.now(), bytes: bytes.value });
    return read.value;
  } catch (problem) {
    const code = (problem as NodeJS.ErrnoException).code ?? 'no reason given';
    return { ...read.value, warnings: [...read.value.warnings, `no copy of it could be kept: ${code}`] };
  }
}

async function fromCopy(
  address: string,
  problem: string,
  { asked, work }: { readonly asked: Asked; readonly work: Work },
): Promise<Got> {
  const kept = await keptCopy(work.reach.copiesDir, address);
  const read = kept && (await work.reader.read(kept.bytes, asked));
  if (!kept || !read?.ok) return { problem: `${problem}; there is no copy of it`, warnings: [] };
  return { ...read.value, problem, copyFrom: kept.fetchedAt };
}

const askedOf = (calendar: CalendarConfig, { config, span }: Work): Asked => ({
  span,
  ...(config.zone !== undefined && { zoneDefault: config.zone }),
  ...('zone' in calendar && calendar.zone !== undefined && { zone: calendar.zone }),
});

/** A regular file of at most so many bytes: a pipe or device could keep us waiting for ever. */
async function fileBytes(path: string, bytesMax: number): Promise<Result<Buffer, string>> {
  try {
    const { size, isFile } = await stat(path).then((found) => ({ size: found.size, isFile: found.isFile() }));
    if (!isFile) return fail(`${path} is no file`);
    if (size > bytesMax) return fail(`${path} has ${size} bytes: expected at most ${bytesMax}`);
    return ok(await readFile(path));
  } catch (problem) {
    const { code } = problem as NodeJS.ErrnoException;
    if (code === undefined) throw problem;
    return fail(code === 'ENOENT' ? `${path} does not exist` : `${path} cannot be read: ${code}`);
  }
}
