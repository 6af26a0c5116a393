import { dayText, epochMs, HOUR, type Instant, MINUTE, type Ms, plus, SECOND } from '../base/instant.ts';

/** How soon something that may come yet is looked for again: each wait is twice the one before, and none longer than `mostMs`. */
export type LookRule = {
  readonly firstMs: Ms;
  readonly mostMs: Ms;
  /** From the first look. */
  readonly withinMs: Ms;
};

/** Looks in a row that did not find it. Without `againAt` nobody looks again unasked. */
export type Looks = { readonly count: number; readonly since: Instant; readonly againAt?: Instant };

/** An image that is pushed, signed or attested by others, minutes after it was built as a rule. */
export const IMAGE_LOOKS: LookRule = { firstMs: 30 * SECOND, mostMs: 30 * MINUTE, withinMs: 4 * HOUR };

/** A pull request to be merged, an advisory to be published. */
export const LINK_LOOKS: LookRule = { firstMs: 5 * MINUTE, mostMs: 12 * HOUR, withinMs: 7 * 24 * HOUR };

/** The looks up to the one that found nothing `at` that time. */
export function lookedInVain(earlier: Looks | undefined, at: Instant, rule: LookRule): Looks {
  const { count, since } = { count: (earlier?.count ?? 0) + 1, since: earlier?.since ?? at };
  const waitMs = Math.min(rule.firstMs * 2 ** (count - 1), rule.mostMs);
  const againAt = plus(at, waitMs);
  return epochMs(againAt) - epochMs(since) > rule.withinMs ? { count, since } : { count, since, againAt };
}

/** No wait is longer; a look that seems due later was set by a clock that was ahead. */
const LONGEST_MS: Ms = Math.max(IMAGE_LOOKS.mostMs, LINK_LOOKS.mostMs);

/** When the next look is due that is not due yet. */
export const nextLookAt = (looks: Looks | undefined, now: Instant): Instant | undefined =>
  looks?.againAt === undefined || isToLookAgain(looks, now) ? undefined : looks.againAt;

/** Whether it is time for the next look. */
export const isToLookAgain = (looks: Looks | undefined, now: Instant): boolean =>
  looks?.againAt !== undefined && (looks.againAt <= now || looks.againAt > plus(now, LONGEST_MS));

/** `; looked for again at 2026-11-20 20:31Z`; empty when nobody looks again unasked. */
export const againText = (looks: Looks | undefined): string =>
  looks?.againAt === undefined ? '' : `; looked for again at ${dayText(looks.againAt)}`;
