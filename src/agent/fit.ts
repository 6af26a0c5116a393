import type { ReportedPlane } from '../core/hypershift/inventory.ts';

/** As the hub takes them (wire/agent.ts). */
const TEXT_MAX = 255;
const LONG_MAX = 4_096;

/**
 * What is said of a control plane, as the hub can take it. Names, customers and reasons are written by whoever may write the objects, and
 * a report with one text that is too long or that no database keeps is refused whole: one object would make the agent silent for all.
 */
export function fitPlane(plane: ReportedPlane): ReportedPlane {
  const { name, customer, platform, version, unhealthy, held } = plane;
  return {
    ...plane,
    name: fitText(name, TEXT_MAX),
    customer: fitText(customer, TEXT_MAX),
    platform: fitText(platform, TEXT_MAX),
    version: fitText(version, TEXT_MAX),
    ...(unhealthy !== undefined && { unhealthy: fitReason(unhealthy) }),
    ...(held !== undefined && { held: fitReason(held) }),
  };
}

export const fitReason = (because: string): string => fitText(because, LONG_MAX);

/** At most so long, never empty, without U+0000, and without half of a character that was cut in two. */
function fitText(text: string, max: number): string {
  const whole = text.replaceAll('\0', '\u{fffd}').toWellFormed();
  if (whole === '') return 'unknown';
  if (whole.length <= max) return whole;
  return whole.slice(0, isHigh(whole.charCodeAt(max - 1)) ? max - 1 : max);
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
