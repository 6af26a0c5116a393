import type { FixId, PlanId } from '../../core/base/ids.ts';
import { fail, ok } from '../../core/base/result.ts';
import { verifyChain } from '../../core/life/chain.ts';
import type { Recorded } from '../../core/life/event.ts';
import { plansOf, replay } from '../../core/life/replay.ts';
import type { Plan } from '../../core/rollout/plan.ts';
import type { Replayed } from '../../core/views/list-view.ts';
import type { Desk, Verified } from '../desk.ts';
import type { Parts } from '../parts.ts';
import { unknownFix } from './acts.ts';

/** Proves the record and gives it out. */
export function createAudit(
  parts: Parts,
): Pick<Desk, 'verify' | 'replay' | 'exportFix' | 'person' | 'people' | 'issue'> {
  return {
    async verify(fix) {
      const ids = fix === undefined ? (await parts.fixes.list({})).map((row) => row.id) : [fix];
      const fixes: Verified['fixes'][number][] = [];
      for (const id of ids.sort((a, b) => Number(a.slice(4)) - Number(b.slice(4))))
        fixes.push(await verified(parts, id));
      return {
        verified: fixes.every((f) => f.verified),
        events: fixes.reduce((sum, f) => sum + f.events, 0),
        fixes,
      };
    },
    async replay(id) {
      const rows = await parts.ledger.events(id);
      return rows.length === 0 ? fail(unknownFix(id)) : ok(await replayed(parts, id, rows));
    },
    async exportFix(id) {
      const rows = await parts.ledger.events(id);
      return rows.length === 0 ? fail(unknownFix(id)) : ok(lines(parts, rows));
    },
    person: (token) => parts.people.byToken(token),
    people: () => parts.people.list(),
    issue: (name, roles) => parts.people.issue(name, roles),
  };
}

async function verified(parts: Parts, id: FixId): Promise<Verified['fixes'][number]> {
  const rows = await parts.ledger.events(id);
  const chain = verifyChain(rows);
  if (!chain.verified) return { fix: id, events: rows.length, verified: false, broken: chain.broken };
  const broken = await brokenPlan(parts, rows);
  return broken
    ? { fix: id, events: rows.length, verified: false, broken }
    : { fix: id, events: rows.length, verified: true };
}

/** Between two decisions the hub does its other work. */
async function replayed(parts: Parts, id: FixId, rows: readonly Recorded[]): Promise<Replayed> {
  const plans = new Map<PlanId, Plan>();
  for (const plan of plansOf(rows)) {
    const found = await parts.plans.find(plan).catch(() => undefined);
    if (found) plans.set(plan, found);
    else
      return {
        fix: id,
        same: false,
        decisions: 0,
        because: `plan ${plan} is not kept any more, or not whole`,
      };
  }
  const again = replay(rows, plans);
  for (;;) {
    const step = again.next();
    if (!step.done) {
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    const { same, decisions } = step.value;
    if (step.value.same) return { fix: id, same, decisions };
    const { version, at, recorded, again: made, first } = step.value.differs;
    const because = `decision ${decisions}, version ${version}, at ${first}`;
    return { fix: id, same, decisions, because, version, at, recorded, again: made };
  }
}

/** A plan the ledger names by hash must still be what was approved. */
async function brokenPlan(parts: Parts, rows: readonly Recorded[]) {
  for (const { seq, version, event } of rows) {
    if (event.type !== 'Approved' && event.type !== 'RolloutStarted') continue;
    const plan = await parts.plans.find(event.plan).catch((problem: Error) => problem);
    if (plan instanceof Error) return { seq, version, because: plan.message };
    if (plan?.hash !== event.hash)
      return { seq, version, because: `plan ${event.plan} is not the one that was approved` };
  }
  return undefined;
}

/** The events in order, then the plans they name: everything that is needed to read the fix elsewhere. */
async function* lines(parts: Parts, rows: readonly Recorded[]): AsyncIterable<string> {
  for (const row of rows) yield `${JSON.stringify({ kind: 'event', ...row })}\n`;
  const named = rows.flatMap(({ event }) =>
    event.type === 'Approved' || event.type === 'RolloutStarted' ? [event.plan] : [],
  );
  for (const id of new Set(named)) {
    const plan = await parts.plans.find(id);
    if (plan) yield `${JSON.stringify({ kind: 'plan', plan })}\n`;
  }
}
