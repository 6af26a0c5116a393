import type { CommandName } from '../life/command.ts';
import { isPaused, pausedOf, stateRefusal } from '../life/decide.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix } from '../life/fix.ts';
import { may, rolesFor } from '../life/rights.ts';
import type { ActionView } from './fix-view.ts';

const LABELS: readonly (readonly [CommandName, string])[] = [
  ['pause', 'Pause'],
  ['resume', 'Resume'],
  ['rollback', 'Roll back'],
  ['backport', 'Assemble again'],
  ['prepare', 'Prepare a release'],
  ['attest', 'Attest'],
  ['waive', 'Waive a gate'],
  ['approve', 'Approve the plan'],
  ['decline', 'Decline the plan'],
  ['start', 'Start the rollout'],
  ['advance', 'End the wait of a stage'],
  ['exclude', 'Exclude a control plane'],
  ['retire', 'Retire'],
  ['show', 'Show an item of the checklist'],
  ['waive-item', 'Waive an item of the checklist'],
  ['close', 'Close'],
  ['withdraw', 'Withdraw'],
];

/** Every act on the fix, and for the person who looks: may they, now, and if not, why and who can. */
export function actionsOf(fix: Fix, facts: Facts): ActionView[] {
  const asksAtTheEnd = (facts.policy.closing?.length ?? 0) > 0;
  const labels = LABELS.filter(([name]) => asksAtTheEnd || (name !== 'show' && name !== 'waive-item'));
  return labels.map(([name, label]) => {
    const whoCan = rolesFor(name, facts);
    const refused = stateRefusal(fix, name) ?? pauseRefusal(fix, name);
    if (refused) return { name, label, allowed: false, because: refused.error.detail, whoCan };
    const allowed = may(facts.actor, name, facts);
    const because = allowed ? 'your roles allow it' : `needs ${whoCan.join(' or ')}`;
    if (allowed && name === 'approve' && facts.actor.name === fix.author) {
      return { name, label, allowed: false, because: 'a second person must approve', whoCan };
    }
    return { name, label, allowed, because, whoCan };
  });
}

function pauseRefusal(
  fix: Fix,
  act: CommandName,
): { readonly error: { readonly detail: string } } | undefined {
  const paused = pausedOf(fix);
  if (act === 'pause' && paused) return { error: { detail: `paused already by ${paused.by}` } };
  if (act === 'resume' && fix.rollout?.halted && !fix.retirement?.paused)
    return { error: { detail: 'halted: it goes on only with a new plan' } };
  if (act === 'resume' && !isPaused(fix)) return { error: { detail: 'not paused' } };
  return undefined;
}
