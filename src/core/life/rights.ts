import type { Actor } from '../approval/approval.ts';
import type { Role } from '../base/roles.ts';
import type { ClosingItem } from '../proof/closing-item.ts';
import type { CommandName } from './command.ts';
import type { Facts } from './facts.ts';

/**
 * Roles that may do an act. admin may do all of them; the two-person rule binds everyone.
 * Pause, rollback and exclude are wide open on purpose: the safe direction is always open.
 */
const RIGHTS: Readonly<
  Record<Exclude<CommandName, 'approve' | 'decline' | 'attest' | 'waive-item' | 'show'>, readonly Role[]>
> = {
  declare: ['requester', 'engineer', 'on-call', 'operator'],
  backport: ['engineer', 'on-call'],
  prepare: ['engineer', 'on-call'],
  retry: ['engineer', 'on-call'],
  acknowledge: ['qe', 'engineer', 'on-call', 'approver', 'operator'],
  waive: ['approver', 'qe'],
  start: ['operator', 'on-call'],
  advance: ['operator', 'on-call'],
  resume: ['operator', 'on-call'],
  pause: ['on-call', 'operator', 'engineer', 'qe', 'approver', 'requester'],
  rollback: ['on-call', 'operator', 'engineer'],
  exclude: ['on-call', 'operator'],
  retire: ['operator', 'on-call'],
  close: ['operator', 'engineer', 'on-call'],
  withdraw: ['requester', 'engineer', 'on-call', 'operator'],
};

/** Who may show a link: a machine looks at it, so nobody has to be believed. */
export const SHOWS: readonly Role[] = ['engineer', 'qe', 'operator', 'on-call'];
const wordOf = (item: ClosingItem): Role[] => ('role' in item ? [item.role] : []);

/** The roles that may do the act on this fix, in a fixed order; of a verdict, on the gate where one is named. */
export function rolesFor(
  act: CommandName,
  facts: Pick<Facts, 'policy' | 'component'>,
  gate?: string,
): readonly Role[] {
  if (act === 'approve' || act === 'decline' || act === 'waive-item') return [facts.policy.approvers.role];
  if (act === 'attest') {
    const { gates } = facts.component;
    const asked = gates.find(({ name }) => name === gate)?.attestBy;
    return asked ? [asked] : [...new Set<Role>(['qe', ...gates.flatMap(({ attestBy }) => attestBy ?? [])])];
  }
  if (act === 'show') return [...new Set([...SHOWS, ...(facts.policy.closing ?? []).flatMap(wordOf)])];
  return RIGHTS[act];
}

/** Whether the person's roles allow the act; the state of the fix is another question. */
export function may(actor: Actor, act: CommandName, facts: Pick<Facts, 'policy' | 'component'>): boolean {
  return actor.roles.includes('admin') || rolesFor(act, facts).some((role) => actor.roles.includes(role));
}
