import type { PlanId } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';
import type { Role } from '../base/roles.ts';

/** A person, or a part of the product acting by itself (`fleetfix`). */
export type Actor = { readonly name: string; readonly roles: readonly Role[] };

/** The hub when it acts on what a plan already allows. */
export const HUB: Actor = { name: 'fleetfix', roles: [] };

export type Approval = { readonly plan: PlanId; readonly by: string; readonly at: Instant };

/** How many people of which role must approve a plan; never fewer than one, never its author. */
export type ApproverRule = { readonly count: number; readonly role: Role };

export type Quorum = { readonly given: readonly string[]; readonly missing: number };

/** Who has approved this plan and how many are missing. The fix's author never counts; a limit below 1 means 1. */
export function quorum(input: {
  readonly rule: ApproverRule;
  readonly plan: PlanId;
  readonly approvals: readonly Approval[];
  readonly author: string;
}): Quorum {
  const names = input.approvals
    .filter((a) => a.plan === input.plan && a.by !== input.author)
    .map((a) => a.by);
  const given = [...new Set(names)].sort();
  const wanted = Number.isSafeInteger(input.rule.count)
    ? Math.max(1, input.rule.count)
    : Number.MAX_SAFE_INTEGER;
  return { given, missing: Math.max(0, wanted - given.length) };
}
