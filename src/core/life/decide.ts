import { quorum } from '../approval/approval.ts';
import type { Uid } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';
import { ok, refuse } from '../base/result.ts';
import type { Plan } from '../rollout/plan.ts';
import { takeProposal } from './accept.ts';
import type { Command, CommandName } from './command.ts';
import { owedFrom } from './debts.ts';
import { PROOF_RULES, unknownLine } from './decide-proof.ts';
import { hasEarlier, takeUpFor } from './earlier.ts';
import type { Event } from './event.ts';
import { isDelivering, isRetiring, outOf } from './evolve.ts';
import type { Facts } from './facts.ts';
import { type Declaration, type Fix, isOver, lineNamed, type Retirement } from './fix.ts';
import { approversOf, staleness, unready } from './plan-for.ts';
import { prepare } from './prepared.ts';
import { retirePreview } from './retire.ts';
import { may, rolesFor } from './rights.ts';
import type { Decision, Rule, Rules } from './rule.ts';
import { showItem, unshown, waiveItem } from './show-item.ts';

/**
 * What a person's command does to a fix: the events to record, or why not.
 *
 * Judged in this order: right, state, the rule of the act. Never returns an empty list of events.
 * `fix` is undefined only for `declare`.
 */
export function decide(fix: Fix | undefined, command: Command, facts: Facts, now: Instant): Decision {
  if (!may(facts.actor, command.do, facts)) {
    const whoCan = rolesFor(command.do, facts, command.do === 'attest' ? command.gate : undefined);
    return refuse(
      'not-allowed',
      `${facts.actor.name} may not ${command.do}: it needs ${whoCan.join(' or ')}`,
      {
        whoCan,
      },
    );
  }
  if (command.do === 'declare') {
    const { do: _, ...declaration } = command;
    const unfit = unfitBefore(declaration, facts);
    if (unfit !== undefined) return unfit;
    return ok([{ type: 'Declared', ...declaration }]);
  }
  if (fix === undefined) return refuse('wrong-state', 'there is no such fix yet');
  const closed = stateRefusal(fix, command.do);
  if (closed) return closed;
  const rule = RULES[command.do] as Rule<CommandName>;
  return rule(fix, command, { facts, now });
}

/** Why this act is out of place in the fix's state; undefined when it is not. For buttons and for `decide`. */
export function stateRefusal(fix: Fix, act: CommandName): Extract<Decision, { ok: false }> | undefined {
  if (fix.closed) return refuse('wrong-state', `${fix.id} is ${fix.state}: ${fix.closed.as}`);
  const active = fix.rollout !== undefined && fix.rollout.endedAt === undefined;
  const see = { next: [`fleetfix status ${fix.id}`] };
  const moves = active || (act !== 'advance' && isRetiring(fix));
  if (MOVING.has(act) && !moves) {
    // Over and not covered is still the state "delivering", though nothing moves.
    const where =
      fix.state === 'delivering' ? `the rollout of ${fix.id} is over` : `${fix.id} is ${fix.state}`;
    return refuse('wrong-state', `${where}: nothing is being delivered`, see);
  }
  if (act === 'rollback' && fix.rollout === undefined) {
    return refuse('wrong-state', `${fix.id} is ${fix.state}: nothing was delivered`, see);
  }
  if (BEFORE_DELIVERY.has(act) && active) return refuse('wrong-state', `${fix.id} is being delivered`, see);
  if (act === 'retire' && (fix.state !== 'covered' || fix.retirement)) {
    return refuse('wrong-state', `${fix.id} is ${fix.state}: only a covered fix can be retired, once`, see);
  }
  if (act === 'prepare' && isOver(fix.state))
    return refuse('wrong-state', `${fix.id} is ${fix.state}: nothing is to be prepared`, see);
  return undefined;
}

const MOVING: ReadonlySet<CommandName> = new Set(['advance', 'pause', 'resume']);
const BEFORE_DELIVERY: ReadonlySet<CommandName> = new Set(['start', 'withdraw', 'close']);

const RULES: Rules<Exclude<CommandName, 'declare'>> = {
  backport: (fix, command) => {
    const { to, with: commits, not } = command;
    const named = [...(to ?? []), ...(not ?? []).map((n) => n.line)];
    const unknown = named.find((name) => lineNamed(fix, name) === undefined);
    if (unknown !== undefined) return unknownLine(fix, unknown);
    if (commits !== undefined && to === undefined) {
      return refuse('invalid', 'prerequisites are chosen for named lines: add --to LINE');
    }
    if (command.accept !== undefined) return takeProposal(fix, command, command.accept);
    const events: Event[] = (not ?? []).map(({ line, reason }) => ({
      type: 'LineNotAffected',
      line,
      reason,
    }));
    // A line that is named is assembled anew, with what was chosen for it before unless told otherwise.
    for (const line of new Set(to)) {
      events.push({
        type: 'PrerequisitesChosen',
        line,
        commits: commits ?? fix.lines[line]!.prerequisites,
      });
    }
    if (events.length > 0) return ok(events);
    return ok([{ type: 'StageRetried', stage: 'assembly' }]);
  },

  prepare: (fix, command, { facts }) => prepare(fix, command, facts),

  ...PROOF_RULES,

  show: (fix, command, { facts }) => showItem(fix, command, facts),

  'waive-item': (fix, command, { facts }) => waiveItem(fix, command, facts),

  retry: (_fix, { stage }) => ok([{ type: 'StageRetried', stage }]),

  approve: (fix, { plan: id }, { facts, now }) => {
    const plan = usablePlan(fix, id, facts, now);
    if (!plan.ok) return plan;
    const { actor, policy } = facts;
    if (actor.name === fix.author) {
      return refuse('two-person-rule', `${actor.name} declared ${fix.id} and cannot approve its plan`, {
        whoCan: [policy.approvers.role],
      });
    }
    if (fix.approvals.some((a) => a.plan === id && a.by === actor.name)) {
      return refuse('wrong-state', `${actor.name} has approved ${id} already`);
    }
    const approvals = [...fix.approvals, { plan: id, by: actor.name, at: now }];
    const rule = approversOf(policy.approvers, plan.value);
    const { missing } = quorum({ rule, plan: id, approvals, author: fix.author });
    const approved: Event = { type: 'Approved', plan: id, hash: plan.value.hash };
    return ok(missing === 0 ? [approved, { type: 'ApprovalCompleted', plan: id }] : [approved]);
  },

  decline: (fix, { plan: id, reason }, { facts }) => {
    if (facts.plan?.id !== id || facts.plan.fix !== fix.id) return noPlan(fix, id);
    if (fix.rollout?.plan === id)
      return refuse('wrong-state', `${id} was started already: pause or roll back instead`);
    return ok([{ type: 'Declined', plan: id, reason }]);
  },

  start: (fix, { plan: id, reason }, { facts, now }) => {
    const plan = usablePlan(fix, id, facts, now);
    if (!plan.ok) return plan;
    if (fix.approved?.plan !== id) {
      const { given, missing } = quorum({
        rule: approversOf(facts.policy.approvers, plan.value),
        plan: id,
        approvals: fix.approvals,
        author: fix.author,
      });
      const have = given.length === 0 ? 'nobody has approved it' : `approved by ${given.join(', ')}`;
      return refuse('approval-missing', `${id} needs ${missing} more approval(s): ${have}`, {
        whoCan: [facts.policy.approvers.role],
        next: [`fleetfix approve ${fix.id} --plan ${id}`],
      });
    }
    const closed = unready(plan.value, fix, facts, now);
    if (closed !== undefined)
      return refuse('gate-not-met', `${id}: ${closed}`, { next: [`fleetfix status ${fix.id}`] });
    // What was judged bad, or taken back, goes on only by a person's word.
    const halted = fix.rollout?.halted?.because;
    if (halted !== undefined && reason === undefined)
      return refuse('invalid', `${fix.id} was halted (${halted}): say why it starts again`, {
        next: [`fleetfix start ${fix.id} --plan ${id} --reason TEXT`],
      });
    const { hash } = plan.value;
    const owed = owedFrom(fix, facts.policy);
    return ok([{ type: 'RolloutStarted', plan: id, hash, owed, ...(reason !== undefined && { reason }) }]);
  },

  advance: (fix, { stage, reason }, { facts }) => {
    const rollout = fix.rollout!;
    if (rollout.halted) return haltedAlready(fix, rollout.halted.because);
    const { plan } = facts;
    if (plan?.id !== rollout.plan) return noPlan(fix, rollout.plan);
    const open = (rollout.passed.at(-1)?.stage ?? 0) + 1;
    if (open > plan.stages.length)
      return refuse('wrong-state', `every stage of ${fix.id} has passed already`);
    const { name } = plan.stages[open - 1]!;
    if (stage !== name) {
      return refuse('stale-version', `stage ${name} is the open one, not ${stage}`, {
        next: [`fleetfix advance ${fix.id} --from ${name} --reason TEXT`],
      });
    }
    if (rollout.advanced.includes(open))
      return refuse('wrong-state', `the wait of stage ${name} was ended already`);
    return ok([{ type: 'Advanced', stage: open, reason }]);
  },

  pause: (fix, { reason }) => {
    const paused = pausedOf(fix);
    if (paused) return refuse('wrong-state', `${fix.id} is paused already, by ${paused.by} at ${paused.at}`);
    return ok([{ type: 'Paused', reason: reason ?? 'no reason given' }]);
  },

  resume: (fix, { reason }) => {
    const halted = fix.rollout?.halted;
    if (halted && !fix.retirement?.paused) return haltedAlready(fix, halted.because);
    if (!isPaused(fix)) return refuse('wrong-state', `${fix.id} is not paused`);
    return ok([{ type: 'Resumed', reason: reason ?? 'no reason given' }]);
  },

  rollback: (fix, { target, wave, stage, reason }, { facts }) => {
    const targets = rollbackTargets(fix, { target, wave, stage }, facts);
    const { halted, endedAt } = fix.rollout!;
    // The whole goes back and nothing more starts, also where it is over or has told nobody yet.
    const some = target ?? stage ?? (wave === undefined ? undefined : `wave ${wave}`);
    const all = some === undefined && hasEarlier(fix);
    const whole = some === undefined && (halted === undefined || (all && fix.takeBack === undefined));
    if (targets.length === 0 && (!whole || (endedAt !== undefined && !all)))
      return earlierBack(fix, { target, some: some ?? fix.id, reason }, facts);
    const because = `rolled back by ${facts.actor.name}: ${reason}`;
    const halt: Event = { type: 'Halted', because, ...(all && { all }) };
    const asked: Event = { type: 'RollbackAsked', targets, reason };
    return ok([...(whole ? [halt] : []), ...(targets.length > 0 ? [asked] : [])]);
  },

  exclude: (_fix, { target, until, reason }, { facts, now }) => {
    const plane = facts.fleet.find((p) => p.name === target || p.uid === target);
    if (plane === undefined) return refuse('unknown-target', `no living control plane is called ${target}`);
    if (until <= now) return refuse('invalid', `an exclusion must end later than now (${now}), got ${until}`);
    return ok([{ type: 'Excluded', uid: plane.uid, name: plane.name, until, reason }]);
  },

  retire: (fix, _, { facts }) => {
    const { drop, keep } = retirePreview(fix, facts);
    const [first] = keep;
    // Where none is left at all, upgrades have taken them away, and retiring says so.
    if (drop.length > 0 || first === undefined) return ok([{ type: 'RetirementStarted' }]);
    return refuse(
      'wrong-state',
      `${fix.id} has no override that could go: ${keep.length} must stay, ${first.name} since ${first.because}`,
      { next: [`fleetfix get targets --for ${fix.id}`] },
    );
  },

  close: (fix, { as }, { facts, now }) => {
    const carried = [...(fix.earlier ?? []), ...(fix.rollout ? [fix.rollout] : [])].some((r) =>
      Object.values(r.targets).some((t) => t.state !== 'rolled back' && t.state !== 'gone'),
    );
    if (carried && fix.state !== 'retired' && !as.startsWith('superseded-by=')) {
      return refuse(
        'wrong-state',
        `${fix.id} still runs on control planes: ${isRetiring(fix) ? 'it is being retired' : 'retire it first'}`,
        {
          next: [isRetiring(fix) ? `fleetfix status ${fix.id}` : `fleetfix retire ${fix.id}`],
        },
      );
    }
    return unshown(fix, as, { facts, now }) ?? ok([{ type: 'Closed', as }]);
  },

  withdraw: (fix, { reason }) => {
    if (fix.rollout !== undefined)
      return refuse('wrong-state', `${fix.id} was delivered: roll back and close it instead`);
    return ok([{ type: 'Withdrawn', reason }]);
  },
};

/** Who stopped all that is under way, and why; undefined: something of it goes on. */
export function pausedOf(fix: Fix): Retirement['paused'] {
  const moving = [
    ...(isDelivering(fix) ? [fix.rollout!.paused] : []),
    ...(isRetiring(fix) ? [fix.retirement!.paused] : []),
  ];
  return moving.includes(undefined) ? undefined : moving[0];
}

/** Whether anything of it waits for `resume`. */
export const isPaused = (fix: Fix): boolean =>
  (isDelivering(fix) && fix.rollout?.paused !== undefined) ||
  (isRetiring(fix) && fix.retirement?.paused !== undefined);

function usablePlan(fix: Fix, id: string, facts: Facts, now: Instant) {
  if (facts.plan?.id !== id || facts.plan.fix !== fix.id) return noPlan(fix, id);
  if (fix.rollout?.plan === id) {
    return refuse(
      'wrong-state',
      `${id} was started at ${fix.rollout.startedAt}: another start needs another plan`,
      {
        next: [`fleetfix plan ${fix.id}`],
      },
    );
  }
  const stale = staleness(facts.plan, fix, now);
  if (stale !== undefined) {
    return refuse('plan-expired', `${id}: ${stale}`, { next: [`fleetfix plan ${fix.id}`] });
  }
  if (facts.plan.targets.length === 0) return emptyPlan(fix, facts.plan);
  return ok(facts.plan);
}

/** There is nothing to approve or to start; what keeps most of them out is what people can do something about. */
function emptyPlan(fix: Fix, { id, leftOut }: Plan) {
  const reasons = [...Map.groupBy(leftOut, (l) => l.because)].sort(([, a], [, b]) => b.length - a.length);
  const most = reasons[0]
    ? `: ${leftOut.length} are left out, ${reasons[0][1].length} of them because ${reasons[0][0]}`
    : '';
  return refuse('invalid', `${id} names no control plane${most}`, {
    next: [`fleetfix get targets --for ${fix.id} --standing exposed`, `fleetfix plan ${fix.id}`],
  });
}

const haltedAlready = (fix: Fix, because: string) =>
  refuse('wrong-state', `${fix.id} was halted (${because}): it goes on only with a new plan`, {
    next: [`fleetfix plan ${fix.id}`],
  });

const noPlan = (fix: Fix, id: string) =>
  refuse('plan-unknown', `${fix.id} has no plan ${id}`, { next: [`fleetfix plan ${fix.id}`] });

/** Whether a fix may be declared after the one it names. */
function unfitBefore({ after, component }: Declaration, { before }: Facts) {
  if (after === undefined) return undefined;
  if (before === undefined) return refuse('invalid', `there is no ${after} to come before it`);
  const { closed } = before.fix;
  if (closed)
    return refuse('invalid', `${after} cannot come before it: it is ${before.fix.state}, ${closed.as}`);
  if (before.fix.component === component)
    return refuse(
      'invalid',
      `${after} is of ${component} too: a fix comes after one of another component, and carries what its own has by itself`,
    );
  return undefined;
}

/** Those that were told and are not on their way back. A missing plan takes names and stages away, nothing else. */
function rollbackTargets(
  fix: Fix,
  which: {
    readonly target: string | undefined;
    readonly wave: number | undefined;
    readonly stage: string | undefined;
  },
  facts: Facts,
): Uid[] {
  const told = fix.rollout!.targets;
  const plan = facts.plan?.id === fix.rollout!.plan ? facts.plan : undefined;
  const planned = new Map(plan?.targets.map((t) => [t.uid, t]));
  const stages = new Map(plan?.stages.map((s, i) => [i + 1, s.name]));
  const names = new Map(which.target === undefined ? [] : facts.fleet.map((p) => [p.uid, p.name]));
  const isMeant = (uid: Uid): boolean =>
    (which.wave === undefined || told[uid]!.wave === which.wave) &&
    (which.stage === undefined || stages.get(planned.get(uid)?.stage ?? 0) === which.stage) &&
    (which.target === undefined || [uid, planned.get(uid)?.name, names.get(uid)].includes(which.target));
  return outOf(fix.rollout!).filter(isMeant);
}

/** One that an earlier plan changed goes back by that plan, once the rollout under way is over. */
function earlierBack(
  fix: Fix,
  asked: { readonly target: string | undefined; readonly some: string; readonly reason: string },
  facts: Facts,
): Decision {
  const plane = facts.fleet.find((p) => p.name === asked.target || p.uid === asked.target);
  const events = plane && takeUpFor(fix, plane.uid, asked.reason);
  if (events === undefined)
    return refuse(
      'unknown-target',
      `nothing of ${asked.some} has been changed, or it is on its way back already`,
    );
  if (!isDelivering(fix)) return ok(events);
  return refuse(
    'wrong-state',
    `${asked.some} was changed by an earlier plan, and the rollout of ${fix.rollout!.plan} is under way`,
    { next: [`fleetfix rollback ${fix.id} --reason TEXT`, `fleetfix status ${fix.id}`] },
  );
}
