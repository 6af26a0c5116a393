import type { Actor } from '../core/approval/approval.ts';
import { HUB } from '../core/approval/approval.ts';
import type { FixId, PlanId } from '../core/base/ids.ts';
import { withServed } from '../core/fleet/served.ts';
import { evolve, fold } from '../core/life/evolve.ts';
import type { Before, Facts } from '../core/life/facts.ts';
import type { Fix } from '../core/life/fix.ts';
import type { Policy } from '../core/life/policy.ts';
import type { Plan } from '../core/rollout/plan.ts';
import type { ComponentConfig } from '../wire/config.ts';
import { componentFactsOf, policyOf } from '../wire/config-facts.ts';
import type { Parts } from './parts.ts';

/** A fix with everything a decision about it may look at. */
export type Case = { readonly fix: Fix; readonly facts: Facts };

/** Loads fixes and the facts around them. Folds are kept in memory and only caught up. */
export type Cases = {
  /** Undefined for an unknown fix. Throws what storage throws. */
  load(id: FixId): Promise<Fix | undefined>;
  /** `plan`: the plan a command names; otherwise the one of the rollout, the approved one, or the one that is being approved. */
  open(id: FixId, asked?: { readonly actor?: Actor; readonly plan?: PlanId }): Promise<Case | undefined>;
  /** The facts for a fix that is about to be declared. */
  facts(of: Asked, actor: Actor): Promise<Facts | undefined>;
  all(): Promise<Fix[]>;
  component(name: string): ComponentConfig | undefined;
};

type Asked = Pick<Fix, 'component' | 'policy'> & { readonly after?: FixId | undefined };

const PLANS_KEPT_MAX = 16;
const ROWS_AT_ONCE = 1_000;

const numberOf = (id: FixId): number => Number(id.slice('FIX-'.length));

export function createCases({ ledger, plans, fleet, config, duties }: Parts): Cases {
  const kept = new Map<FixId, Fix>();
  /** Up to which row every fix is kept. */
  let readTo = 0;
  const keptPlans = new Map<PlanId, Plan>();
  const policies = new Map<string, Policy>(config.policies.map((p) => [p.name, policyOf(p)]));
  const components = new Map(config.components.map((c) => [c.name, c]));

  async function load(id: FixId): Promise<Fix | undefined> {
    const from = kept.get(id);
    const fix = fold(await ledger.events(id, from?.version ?? 0), from);
    const latest = kept.get(id);
    // Somebody else may have read further meanwhile; what is kept never goes back.
    if (fix === undefined || (latest !== undefined && latest.version >= fix.version)) return latest;
    kept.set(id, fix);
    return fix;
  }

  /** Plans never change under their id; only a few are in use at once. */
  async function planOf(id: PlanId): Promise<Plan | undefined> {
    const known = keptPlans.get(id);
    if (known) return known;
    const plan = await plans.find(id);
    if (keptPlans.size >= PLANS_KEPT_MAX) keptPlans.clear();
    if (plan) keptPlans.set(id, plan);
    return plan;
  }

  /** One question for all that was written since, however many fixes there are. */
  async function all(): Promise<Fix[]> {
    for (;;) {
      const rows = await ledger.since(readTo, ROWS_AT_ONCE);
      for (const row of rows) {
        const known = kept.get(row.fix);
        if (row.version === (known?.version ?? 0) + 1) kept.set(row.fix, evolve(known, row));
      }
      readTo = Math.max(readTo, rows.at(-1)?.seq ?? 0);
      if (rows.length < ROWS_AT_ONCE)
        return [...kept.values()].sort((a, b) => numberOf(a.id) - numberOf(b.id));
    }
  }

  async function facts(of: Asked, actor: Actor): Promise<Facts | undefined> {
    const component = components.get(of.component);
    const policy = policies.get(of.policy);
    if (component === undefined || policy === undefined) return undefined;
    const [around, others, before] = await Promise.all([
      placeOf(component),
      all(),
      of.after === undefined ? undefined : beforeOf(of.after),
    ]);
    return {
      actor,
      policy,
      ...around,
      others: others.filter((o) => o.component === of.component),
      ...dutyNow(),
      ...(before && { before }),
    };
  }

  const dutyNow = (): Pick<Facts, 'duty'> => {
    const duty = duties?.current();
    return duty === undefined ? {} : { duty };
  };

  /** Where a component runs, and what is in its images. */
  async function placeOf(config: ComponentConfig): Promise<Pick<Facts, 'component' | 'fleet' | 'images'>> {
    const component = componentFactsOf(config);
    const [planes, images, whole] = await Promise.all([
      fleet.planes(component.name),
      fleet.images(component.name),
      component.perManagementCluster ? fleet.planes() : [],
    ]);
    return { component, images, fleet: component.perManagementCluster ? withServed(planes, whole) : planes };
  }

  async function beforeOf(id: FixId): Promise<Before | undefined> {
    const fix = await load(id);
    if (fix === undefined) return undefined;
    const component = components.get(fix.component);
    const policy = policies.get(fix.policy);
    if (component === undefined || policy === undefined) return { fix };
    return { fix, facts: { policy, ...(await placeOf(component)) } };
  }

  return {
    load,
    all,
    facts,
    component: (name) => components.get(name),
    async open(id, asked = {}) {
      const fix = await load(id);
      if (fix === undefined) return undefined;
      const known = await facts(fix, asked.actor ?? HUB);
      if (known === undefined) {
        throw new Error(
          `${id}: component ${fix.component} or policy ${fix.policy} is not in the configuration any more; put it back`,
        );
      }
      const planId = asked.plan ?? fix.rollout?.plan ?? fix.approved?.plan ?? fix.approvals.at(-1)?.plan;
      const plan = planId && (await planOf(planId));
      const others = known.others.filter((o) => o.id !== id);
      return { fix, facts: { ...known, others, ...(plan && { plan }) } };
    },
  };
}
