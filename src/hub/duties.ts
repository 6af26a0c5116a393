import type { Logger } from 'pino';
import { type Instant, MINUTE, type Ms } from '../core/base/instant.ts';
import { usualRule } from '../core/life/hand-off.ts';
import type { Duty } from '../core/roster/escalation.ts';
import { HUB_DAYS, spanToRead } from '../core/roster/report.ts';
import type { RosterSource } from '../ports/roster-source.ts';
import type { RosterConfig } from '../wire/roster.ts';

/** Who is on duty, as the calendars said when they were read last. */
export type Duties = {
  /** Undefined until they have been read once. */
  current(): Duty | undefined;
  /** What was read last, and when; while nothing was, the first reading is waited for. Undefined: it failed. */
  firstRead(): Promise<{ readonly duty: Duty; readonly readAt: Instant } | undefined>;
  /** Reads them now, and again from time to time. Does not wait for them. */
  start(): void;
  stop(): void;
};

const READ_EVERY_MS: Ms = 5 * MINUTE;
/** Keeps the roster at hand: decisions do not wait for calendars, and one that cannot be read changes nothing that is known. */
export function createDuties(
  source: RosterSource,
  config: RosterConfig,
  { now, log }: { readonly now: () => Instant; readonly log: Logger },
): Duties {
  const rule = config.escalation
    ? {
        rounds: config.escalation.rounds,
        steps: config.escalation.steps.map(({ role, wait }) => ({ role, waitMs: wait })),
      }
    : usualRule(Object.keys(config.roles));
  let last: { readonly duty: Duty; readonly readAt: Instant } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let reading: Promise<void> | undefined;
  const read = async () => {
    const readAt = now();
    const roster = await source.read(config, spanToRead(readAt, HUB_DAYS));
    last = { duty: { roster, rule }, readAt };
    for (const { calendar, problem } of roster.calendars)
      if (problem !== undefined) log.warn({ calendar, problem }, 'calendar cannot be read');
  };
  const refresh = (): Promise<void> => {
    // A slow calendar is waited for once.
    reading ??= read()
      .catch((problem) =>
        log.warn({ problem: String(problem) }, 'the roster was not read; it is tried again'),
      )
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  return {
    current: () => last?.duty,
    async firstRead() {
      if (last === undefined) await refresh();
      return last;
    },
    start() {
      void refresh();
      timer = setInterval(() => void refresh(), READ_EVERY_MS);
      timer.unref();
    },
    stop: () => clearInterval(timer),
  };
}
