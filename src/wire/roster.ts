import { z } from 'zod';
import { NAMINGS } from '../core/roster/person.ts';

const text = (charsMax: number) => z.string().trim().min(1).max(charsMax);
const roleName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'expected lower-case letters, digits, dots and dashes, at most 63');

/** A time zone the machine knows, by its IANA name. */
const zone = z.string().max(64).refine(isZone, 'expected the IANA name of a time zone such as Europe/Berlin');

function isZone(name: string): boolean {
  try {
    // An offset is accepted there too, and would hide that summer has another.
    return /^[A-Za-z]/.test(name) && Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

const host = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:\d{1,5})?$/,
    'expected a host in lower case such as calendar.example.com',
  );

/** The host of an https address; undefined for anything else. */
export function httpsHost(address: string): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return url?.protocol === 'https:' && url.username === '' && url.password === '' ? url.host : undefined;
}

const calendarSchema = z.union([
  text(1_024).transform((file) => ({ file })),
  z
    .strictObject({
      /** A relative path counts from the configuration's folder. */
      file: text(1_024).exactOptional(),
      /** https, of a host among `hosts`. */
      url: text(2_048)
        .refine((url) => httpsHost(url) !== undefined, 'expected an https address without a password')
        .exactOptional(),
      /** A file that holds the address, for one that is a secret. */
      urlFile: text(1_024).exactOptional(),
      /** What it is called on screens; default: the path, or the host. */
      name: text(64).exactOptional(),
      /** Of days and times that name none; default: the calendar's own, else the roster's. */
      zone: zone.exactOptional(),
      naming: z.enum(NAMINGS).exactOptional(),
    })
    .refine(
      ({ file, url, urlFile }) => [file, url, urlFile].filter((one) => one !== undefined).length === 1,
      'expected one of file, url and urlFile',
    ),
]);

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'expected a time of day such as 08:30')
  .transform((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));

/** `from`, `to`: minutes of the day on the wall of the zone. */
const hoursSchema = z
  .strictObject({
    days: z.array(z.enum(DAYS)).min(1).max(7),
    from: clock,
    to: clock,
    zone: zone.exactOptional(),
  })
  .refine((hours) => hours.from < hours.to, 'expected an end later than the beginning, on the same day');

const wait = z
  .string()
  .regex(/^[1-9]\d{0,4}[mh]$/, 'expected minutes or hours such as 10m or 1h')
  .transform((length) => Number(length.slice(0, -1)) * (length.endsWith('h') ? 3_600_000 : 60_000));

/** Who has which role when, from calendars (docs/roster.md). */
export const rosterSchema = z
  .strictObject({
    /** Of days, times and hours that name none; default UTC. */
    zone: zone.exactOptional(),
    /** The only hosts calendars are fetched from. */
    hosts: z.array(host).max(64).default([]),
    people: z
      .array(
        z.strictObject({
          name: text(120),
          also: z.array(text(254)).max(32).default([]),
          contact: text(254).exactOptional(),
        }),
      )
      .max(1_000)
      .default([])
      .refine(
        (people) => new Set(people.map(({ name }) => name)).size === people.length,
        'expected every person to have a name of their own',
      ),
    roles: z
      .record(
        roleName,
        z.strictObject({
          calendars: z.array(calendarSchema).min(1).max(16),
          /** When somebody must be there; none: always. */
          needed: z.array(hoursSchema).max(64).default([]),
        }),
      )
      .refine((roles) => {
        const count = Object.keys(roles).length;
        return count >= 1 && count <= 32;
      }, 'expected 1 to 32 roles'),
    escalation: z
      .strictObject({
        steps: z
          .array(z.strictObject({ role: roleName, wait }))
          .min(1)
          .max(16),
        rounds: z.number().int().min(1).max(10).default(1),
      })
      .exactOptional(),
  })
  .superRefine(({ hosts, roles, escalation }, context) => {
    for (const [role, { calendars }] of Object.entries(roles))
      for (const [at, calendar] of calendars.entries()) {
        const named = 'url' in calendar && calendar.url !== undefined ? httpsHost(calendar.url) : undefined;
        if (named === undefined || hosts.includes(named)) continue;
        const message = `expected a host among hosts (${hosts.join(', ') || 'none yet'}); add ${named} there`;
        context.addIssue({ code: 'custom', path: ['roles', role, 'calendars', at, 'url'], message });
      }
    for (const [at, { role }] of (escalation?.steps ?? []).entries()) {
      if (Object.hasOwn(roles, role)) continue;
      const message = `expected one of the roles: ${Object.keys(roles).join(', ')}`;
      context.addIssue({ code: 'custom', path: ['escalation', 'steps', at, 'role'], message });
    }
  });

export type RosterConfig = z.output<typeof rosterSchema>;
export type HoursConfig = z.output<typeof hoursSchema>;
export type CalendarConfig = RosterConfig['roles'][string]['calendars'][number];
