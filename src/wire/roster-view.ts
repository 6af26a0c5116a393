import { z } from 'zod';
import type { HubRoster } from '../core/roster/report.ts';
import type { Same } from './same.ts';

const texts = z.array(z.string()).readonly();
const rows = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const span = { from: z.string(), to: z.string() };
const spans = rows(z.object(span));
const people = rows(
  z.object({ ...span, person: z.string(), contact: z.string().exactOptional(), isListed: z.boolean() }),
);

/** Who is on duty as the hub knows it: what it read last, and when that was. */
export const hubRosterSchema = z.object({
  readAt: z.string(),
  at: z.string(),
  days: z.number().int(),
  until: z.string(),
  roles: rows(
    z.object({
      role: z.string(),
      isRead: z.boolean(),
      isNeeded: z.boolean(),
      now: people,
      next: people,
      gaps: spans,
      unknown: spans,
      covered: z.number(),
      alone: z.string().exactOptional(),
    }),
  ),
  doubleBookings: rows(z.object({ ...span, person: z.string(), roles: texts })),
  ending: rows(z.object({ role: z.string(), calendar: z.string(), at: z.string().exactOptional() })),
  calendars: rows(
    z.object({
      role: z.string(),
      calendar: z.string(),
      isRead: z.boolean(),
      problem: z.string().exactOptional(),
      copyFrom: z.string().exactOptional(),
      lastsUntil: z.string().exactOptional(),
      warnings: texts,
    }),
  ),
});

/** A schema that drifts from its core type makes this fail to compile. */
const _sameAsCore: Same<z.output<typeof hubRosterSchema>, HubRoster> = true;
