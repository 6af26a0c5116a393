import { clockText, durationText, type Instant, msBetween } from '../base/instant.ts';
import { type Debt, deliveredAt, isOverdue, isPressing } from '../life/debts.ts';
import { linesInUse } from '../life/evolve.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix } from '../life/fix.ts';
import { gatesOf } from '../life/readiness.ts';
import type { Gate } from '../proof/proof.ts';
import type { DebtView, Insight, Need } from './fix-view.ts';

export const debtView = (debt: Debt, now: Instant): DebtView => {
  const { gate, line, owner, dueAt, state, because } = debt;
  return { gate, line, owner, dueAt, overdue: isOverdue(debt, now), state, because };
};

/** What the headline ends in while something is overdue, or has failed on what runs. */
export function overdueText(debts: readonly Debt[], now: Instant): string {
  const failed = debts.filter(({ state }) => state === 'failed');
  const late = debts.filter((debt) => debt.state !== 'failed' && isOverdue(debt, now));
  const names = (some: readonly Debt[]) => [...new Set(some.map(({ gate }) => gate))].join(', ');
  return [
    ...(failed.length > 0 ? [`; FAILED on what runs: ${names(failed)}`] : []),
    ...(late.length > 0 ? [`; OVERDUE: ${names(late)}`] : []),
  ].join('');
}

/** Debts that are pressing, one need a gate. A gate that failed on what runs is on-call's, whoever owes it. */
export function debtNeeds(
  fix: Fix,
  debts: readonly Debt[],
  { component }: Pick<Facts, 'component'>,
  now: Instant,
): Need[] {
  const pressing = Map.groupBy(
    debts.filter((debt) => isPressing(debt, now)),
    ({ gate, owner, state }) => `${gate} ${owner} ${state === 'failed'}`,
  );
  return [...pressing.values()].map((all) => needOf(fix, all, component.gates, now));
}

function needOf(fix: Fix, all: readonly Debt[], gates: readonly Gate[], now: Instant): Need {
  const [first] = all as [Debt, ...Debt[]];
  const lines = all.map(({ line }) => line).join(', ');
  if (first.state === 'failed')
    return {
      who: 'on-call',
      what: `decide whether it goes back: ${first.gate} failed on ${lines}, which runs: ${first.because}`,
      since: first.since,
      command: `fleetfix rollback ${fix.id} --reason TEXT`,
    };
  const gate = gates.find(({ name }) => name === first.gate);
  const settle = `settle ${first.gate} on ${lines}: ${dueText(first, now)}`;
  if (gate === undefined)
    return {
      who: first.owner,
      what: `${settle}; ${first.because}`,
      since: first.since,
      command: `fleetfix waive ${fix.id} --check ${first.gate} --reason TEXT`,
    };
  // What the hub finds out nobody can attest: it is run again, by those who may.
  const isChecked = gate?.check !== undefined && first.state !== 'unclear';
  return {
    who: isChecked ? 'engineer' : (gate?.attestBy ?? first.owner),
    what: first.owner === gate?.attestBy ? settle : `${settle}, owed by ${first.owner}`,
    since: first.since,
    command: isChecked
      ? `fleetfix retry ${fix.id} --stage proof`
      : `fleetfix attest ${fix.id} --check ${first.gate} --result pass${first.state === 'unclear' ? ' --note TEXT' : ''}`,
  };
}

const dueText = (debt: Debt, now: Instant): string =>
  isOverdue(debt, now)
    ? `OVERDUE by ${durationText(msBetween(debt.dueAt, now))}`
    : `due at ${clockText(debt.dueAt, now)}`;

/** Everything that is owed, also what is not pressing yet. */
export function debtInsights(fix: Fix, debts: readonly Debt[], now: Instant): Insight[] {
  // What is waived is told with its waiver.
  const open = debts.filter(({ state }) => state !== 'waived');
  return [...Map.groupBy(open, ({ gate }) => gate).values()].map((all) => {
    const [first] = all as [Debt, ...Debt[]];
    const lines = all.map(({ line }) => line).join(', ');
    return {
      since: first.since,
      level: isOverdue(first, now) ? 'error' : isPressing(first, now) ? 'warning' : 'info',
      impact: 'proof',
      message: `${first.gate} is owed on ${lines}, ${dueText(first, now)}, by ${first.owner}: ${first.because}`,
      remedy: `fleetfix get evidence --for ${fix.id}`,
    };
  });
}

/** What a gate that only watches has found on what runs: nobody is needed for it, and nobody should miss it. */
export function shadowInsights(fix: Fix, facts: Facts, now: Instant): Insight[] {
  const since = deliveredAt(fix);
  if (since === undefined) return [];
  const { component, policy } = facts;
  const gates = linesInUse(fix).flatMap((line) => gatesOf({ fix, line, component, policy, now }));
  return gates
    .filter(({ lane, state }) => lane === 'shadow' && state === 'failed')
    .map(({ gate, line, because }) => ({
      since,
      level: 'warning',
      impact: 'proof',
      message: `${gate}, which only watches, failed on ${line}: ${because}`,
      remedy: `fleetfix logs ${fix.id} --stage proof`,
    }));
}
