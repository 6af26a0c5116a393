import type { FixView } from '../../src/core/views/fix-view.ts';

const PLAN_ID = /\bP-[0-9a-f]{8}\b/;

/** The text, when it is the id of a plan. */
export const planId = (text: string | undefined): string | undefined =>
  text !== undefined && PLAN_ID.exec(text)?.[0] === text ? text : undefined;

/**
 * The plan people speak of: one that somebody is asked to approve or start, else the one that was started or
 * approved, else the last that was declined.
 */
export function planOf(view: Partial<Pick<FixView, 'plan' | 'needs' | 'declined'>>): string | undefined {
  const asked = view.needs?.map((need) => PLAN_ID.exec(need.command)?.[0]).find((id) => id !== undefined);
  return asked ?? view.plan ?? view.declined?.plan;
}
