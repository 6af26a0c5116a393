import { DAY, HOUR, MINUTE, type Ms } from '../../core/base/instant.ts';

/** How far the clocks of a place are ahead of UTC, in milliseconds. Instants are milliseconds since the epoch. */
export type Zone = { readonly offsetAt: (utcMs: number) => Ms };

export const UTC: Zone = { offsetAt: () => 0 };

/**
 * The instant at which clocks show `wallMs` (the time on the wall, counted as if it were UTC). What they show twice is
 * the first of the two; what they skip is counted with the offset before (RFC 5545, 3.3.5).
 */
export function toUtc(wallMs: number, zone: Zone): number {
  const [before, after] = [zone.offsetAt(wallMs - DAY), zone.offsetAt(wallMs + DAY)];
  const shown = [wallMs - before, wallMs - after].filter((utc) => utc + zone.offsetAt(utc) === wallMs);
  return shown.length > 0 ? Math.min(...shown) : wallMs - before;
}

const zones = new Map<string, Zone | undefined>();

/** A zone by its IANA name, as this machine knows it; undefined when it does not. */
export function ianaZone(name: string): Zone | undefined {
  if (!zones.has(name)) {
    if (zones.size > 1_000) zones.clear();
    zones.set(name, makeZone(name));
  }
  return zones.get(name);
}

function makeZone(name: string): Zone | undefined {
  // Offsets such as +02:00 are taken there as well; in a calendar they are no names.
  if (!/^[A-Za-z][\w+/-]{0,63}$/.test(name)) return undefined;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
    return remembered((utcMs) => wallOf(format, utcMs) - Math.floor(utcMs / 1_000) * 1_000);
  } catch {
    return undefined;
  }
}

function wallOf(format: Intl.DateTimeFormat, utcMs: number): number {
  const parts = Object.fromEntries(
    format.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** Clocks have been changed at quarters of an hour only, for as long as calendars are read back. */
function remembered(offsetAt: (utcMs: number) => Ms): Zone {
  const known = new Map<number, Ms>();
  return {
    offsetAt: (utcMs) => {
      const quarter = Math.floor(utcMs / (15 * MINUTE));
      const before = known.get(quarter);
      if (before !== undefined) return before;
      if (known.size > 100_000) known.clear();
      const offset = offsetAt(quarter * 15 * MINUTE);
      known.set(quarter, offset);
      return offset;
    },
  };
}

/** From an instant on, clocks are `toMs` ahead of UTC; they were `fromMs` before. */
export type Change = { readonly utcMs: number; readonly fromMs: Ms; readonly toMs: Ms };

/** A zone of its changes, at least one. Before the first the clocks are as it found them. */
export function zoneOfChanges(changes: readonly Change[]): Zone {
  const sorted = changes.toSorted((a, b) => a.utcMs - b.utcMs);
  return {
    offsetAt: (utcMs) => {
      let [low, high] = [0, sorted.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (sorted[middle]!.utcMs <= utcMs) low = middle + 1;
        else high = middle;
      }
      return low === 0 ? sorted[0]!.fromMs : sorted[low - 1]!.toMs;
    },
  };
}

export const OFFSET_MS_MAX: Ms = 24 * HOUR;
