import type { Instant } from '../base/instant.ts';
import type { CommandName } from '../life/command.ts';
import { isPaused, pausedOf, stateRefusal } from '../life/decide.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix } from '../life/fix.ts';
import { asksAnother, TAKEN_BY_ANOTHER } from '../life/hand-off.ts';
import { may, rolesFor } from '../life/rights.ts';
import type { ActionView } from './fix-view.ts';

const LABELS: readonly (readonly [CommandName, string])[] = [
  ['pause', 'Pause'],
  ['resume', 'Resume'],
  ['rollback', 'Roll back'],
  ['backport', 'Assemble again'],
  ['prepare', 'Prepare a release'],
  ['acknowledge', 'Acknowledge the hand-off'],
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
export function actionsOf(fix: Fix, facts: Facts, now: Instant): ActionView[] {
  const asksAtTheEnd = (facts.policy.closing?.length ?? 0) > 0;
  const isThere = (name: CommandName): boolean =>
    name === 'show' || name === 'waive-item'
      ? asksAtTheEnd
      : name !== 'acknowledge' || fix.handOff !== undefined;
  const labels = LABELS.filter(([name]) => isThere(name));
  return labels.map(([name, label]) => {
    const whoCan = rolesFor(name, facts);
    const refused = stateRefusal(fix, name) ?? pauseRefusal(fix, name) ?? takenRefusal(fix, name);
    // What the state refuses, nobody else can do now.
    if (refused) return { name, label, allowed: false, because: refused.error.detail, whoCan: [] };
    const allowed = may(facts.actor, name, facts);
    const because = allowed ? 'your roles allow it' : `needs ${whoCan.join(' or ')}`;
    const second =
      name === 'acknowledge' && asksAnother(fix, facts, now) ? TAKEN_BY_ANOTHER : SECOND_PERSON[name];
    if (allowed && second !== undefined && facts.actor.name === fix.author)
      return { name, label, allowed: false, because: second, whoCan };
    return { name, label, allowed, because, whoCan };
  });
}

/** What whoever declared a fix leaves to another, whatever their roles. */
const SECOND_PERSON: Partial<Record<CommandName, string>> = {
  approve: 'a second person must approve',
  'waive-item': 'a second person must pass over what the fix owes',
};

type Refused = { readonly error: { readonly detail: string } };

function takenRefusal({ handOff }: Fix, act: CommandName): Refused | undefined {
  const by = act === 'acknowledge' ? handOff?.acknowledged?.by : undefined;
  return by === undefined ? undefined : { error: { detail: `${by} has it already` } };
}

function pauseRefusal(fix: Fix, act: CommandName): Refused | undefined {
  const paused = pausedOf(fix);
  if (act === 'pause' && paused) return { error: { detail: `paused already by ${paused.by}` } };
  if (act === 'resume' && fix.rollout?.halted && !fix.retirement?.paused)
    return { error: { detail: 'halted: it goes on only with a new plan' } };
  if (act === 'resume' && !isPaused(fix)) return { error: { detail: 'not paused' } };
  return undefined;
}
