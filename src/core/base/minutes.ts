import { durationText, MINUTE, SECOND } from './instant.ts';

/** How long a test takes: `37ms`, `2.3s`, `1m20s`. Many take less than a second. */
export function timeText(seconds: number): string {
  const ms = seconds * SECOND;
  if (ms < 999.5) return `${twoDigits(ms)}ms`;
  return ms < 9_950 ? `${twoDigits(seconds)}s` : durationText(Math.round(seconds) * SECOND);
}

/** `1 minute`, `2.5 minutes`, `45 minutes`, and what is less than one as a time. */
export function minutesText(minutes: number): string {
  const said = minutes < 10 ? twoDigits(minutes) : Math.round(minutes);
  if (said < 1 && said > 0) return timeText((minutes * MINUTE) / SECOND);
  return `${said} ${said === 1 ? 'minute' : 'minutes'}`;
}

/** `5 of 20 minutes`, `2.2s of 1 minute`. */
export const ofMinutesText = (part: number, whole: number): string =>
  `${minutesText(part).replace(/ minutes?$/, '')} of ${minutesText(whole)}`;

const twoDigits = (value: number): number =>
  value >= 100 ? Math.round(value) : Number(value.toPrecision(2));
