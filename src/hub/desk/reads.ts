import type { Actor } from '../../core/approval/approval.ts';
import { HUB } from '../../core/approval/approval.ts';
import type { FixId, PlanId } from '../../core/base/ids.ts';
import { fail, ok } from '../../core/base/result.ts';
import { selects } from '../../core/fleet/selector.ts';
import { planFor } from '../../core/life/plan-for.ts';
import type { FixView } from '../../core/views/fix-view.ts';
import { debtRows, gatePage } from '../../core/views/gate-rows.ts';
import type { FixRow, Grid } from '../../core/views/list-view.ts';
import { makeFixView } from '../../core/views/make-fix-view.ts';
import { makePlanView } from '../../core/views/make-plan-view.ts';
import { makeTargetWhyView, makeWhyView } from '../../core/views/make-why-view.ts';
import type { TargetView } from '../../core/views/target-view.ts';
import { controlPlaneView, targetViews } from '../../core/views/targets.ts';
import { timelineOf } from '../../core/views/timeline.ts';
import type { Case, Cases } from '../cases.ts';
import type { Answer, Desk, TargetQuery, Trouble } from '../desk.ts';
import { logName } from '../loops/work.ts';
import type { Parts } from '../parts.ts';
import { unknownFix } from './acts.ts';
import { diffOf } from './diff.ts';
import { createForecasts } from './forecasts.ts';
import { tryPace } from './try-pace.ts';

type Reads = Omit<
  Desk,
  | 'declare'
  | 'command'
  | 'handOff'
  | 'text'
  | 'verify'
  | 'replay'
  | 'exportFix'
  | 'person'
  | 'people'
  | 'issue'
  | 'agents'
  | 'invite'
  | 'roster'
  | 'testTimes'
  | 'revokeAgent'
>;

/** Everything people look at. Reads change nothing; a plan is kept only so that it can be named. */
export function createReads(parts: Parts, cases: Cases): Reads {
  const now = () => parts.clock.now();
  const forecasts = createForecasts();
  const about = async <T>(id: FixId, tell: (it: Case) => T | Promise<T>, actor: Actor = HUB): Answer<T> => {
    const it = await cases.open(id, { actor });
    return it === undefined ? fail(unknownFix(id)) : ok(await tell(it));
  };

  return {
    async fixes(actor, { open }) {
      const rows = await parts.fixes.list(open === undefined ? {} : { open });
      const views: FixRow[] = [];
      for (const row of rows) {
        const it = await cases.open(row.id, { actor });
        if (it) views.push(rowOf(makeFixView(it.fix, it.facts, now())));
      }
      return views.sort(
        (a, b) => b.needs.length - a.needs.length || (a.clock.declaredAt < b.clock.declaredAt ? 1 : -1),
      );
    },
    fix: (id, actor) => about(id, ({ fix, facts }) => makeFixView(fix, facts, now()), actor),
    diff: (id, query) => diffOf(parts, cases, id, query),
    async why(id, target) {
      const view = await about(id, ({ fix, facts }) =>
        target === undefined ? makeWhyView(fix, facts, now()) : makeTargetWhyView(fix, target, facts, now()),
      );
      if (!view.ok) return view;
      return view.value ? ok(view.value) : fail(unknownTarget(target!));
    },
    async timeline(id) {
      const rows = await parts.ledger.events(id);
      return rows.length === 0 ? fail(unknownFix(id)) : ok(timelineOf(rows));
    },
    targets: (id, query) =>
      about(id, ({ fix, facts }) => {
        const planes = new Map(facts.fleet.map((p) => [p.uid, p]));
        const bySelector = (t: TargetView) =>
          query.selector === undefined || selects(query.selector, planes.get(t.uid)!);
        return page(
          targetViews(fix, facts, now()).filter((t) => matches(t, query) && bySelector(t)),
          query,
        );
      }),
    grid: (id) => about(id, (it) => gridOf(it, now())),
    evidence: (id) => about(id, ({ fix }) => ({ evidence: fix.evidence, waivers: fix.waivers })),
    async log(id, stage, line) {
      const fix = await cases.load(id);
      if (fix === undefined) return fail(unknownFix(id));
      const names = Object.keys(fix.lines);
      if (!names.includes(line)) {
        return fail({
          code: 'unknown-line',
          detail: `${id} has no line ${line}: it has ${names.join(', ') || 'none yet'}`,
        });
      }
      return ok((await parts.logs.read(logName(id, stage, line))) ?? '');
    },
    async plan(id, { exclude, budget }) {
      return about(id, async ({ fix, facts }) => {
        const plan = planFor(fix, facts, now(), { exclude, budget });
        await parts.plans.keep(plan);
        return makePlanView(fix, plan, facts, now());
      });
    },
    async planById(id, planId: PlanId) {
      const plan = await parts.plans.find(planId);
      if (plan === undefined || plan.fix !== id) {
        return fail(noPlan(id, planId));
      }
      return about(id, ({ fix, facts }) => makePlanView(fix, plan, facts, now()));
    },
    async tryPace(id, pace) {
      const it = await cases.open(id);
      if (it === undefined) return fail(unknownFix(id));
      return tryPace(it, pace);
    },
    async forecast(id, planId) {
      const plan = await parts.plans.find(planId);
      if (plan === undefined || plan.fix !== id) return fail(noPlan(id, planId));
      return about(id, async ({ fix, facts }) => forecasts.of(fix, plan, facts));
    },
    gates: async () => gatePage(await cases.all()),
    async debts() {
      const open = await parts.fixes.list({ open: true });
      const opened = await Promise.all(open.map(({ id }) => cases.open(id)));
      return debtRows(opened.flatMap((it) => (it ? [makeFixView(it.fix, it.facts, now())] : [])));
    },
    async plane(name) {
      const plane = await parts.fleet.plane(name);
      if (plane === undefined) return fail(unknownTarget(name));
      const all = (await cases.all()).filter((fix) => fix.state !== 'withdrawn');
      const opened = await Promise.all(all.map((fix) => cases.open(fix.id)));
      const fixes = opened.filter((it) => it !== undefined);
      const silentAfterMs = fixes[0]?.facts.policy.silentAfterMs ?? parts.config.policies[0]!.silentAfter;
      return ok(controlPlaneView({ plane, fixes, silentAfterMs, now: now() }));
    },
    policies: () => parts.config.policies,
    components: () =>
      parts.config.components.map(({ name, repository, branch, image, gates, levers, owners }) => ({
        name,
        repository: withoutCredentials(repository),
        branch,
        image,
        gates: gates.map((g) => g.name),
        levers,
        owners,
      })),
  };
}

const unknownTarget = (name: string): Trouble => ({
  code: 'unknown-target',
  detail: `no living control plane is called ${name}`,
  next: ['fleetfix get targets --for FIX'],
});

function rowOf(view: FixView): FixRow {
  const { id, version, title, severity, incident, author, component, state, paused, halted } = view;
  const { headline, needs, coverage, clock, health } = view;
  return {
    id,
    version,
    title,
    severity,
    ...(incident !== undefined && { incident }),
    author,
    component,
    state,
    paused,
    halted,
    headline,
    needs,
    coverage,
    clock,
    health,
  };
}

function matches(t: TargetView, query: TargetQuery): boolean {
  const oneOf = (wanted: string | undefined, value: string | undefined) =>
    wanted === undefined || wanted.split(',').some((w) => w === value || w === value?.replaceAll(' ', '-'));
  return (
    oneOf(query.standing, t.standing) &&
    oneOf(query.state, t.state) &&
    (query.wave === undefined || t.wave === query.wave) &&
    (query.stage === undefined || t.stage === query.stage) &&
    (query.inPlan === undefined || (t.inPlan === query.inPlan && isExposed(t)))
  );
}

/** Asking for what is in or not in the plan is asking about exposure: native and unaffected ones are neither. */
const isExposed = (t: TargetView): boolean => t.standing !== 'native' && t.standing !== 'unaffected';

function page(all: readonly TargetView[], { limit, after }: TargetQuery) {
  const from = after === undefined ? 0 : all.findIndex((t) => t.name > after);
  const items = from === -1 ? [] : all.slice(from, from + limit);
  const last = items.at(-1);
  const more = last !== undefined && last !== all.at(-1);
  return { items, total: all.length, ...(more && { next: last.name }) };
}

function gridOf({ fix, facts }: Case, now: string): Grid {
  const view = makeFixView(fix, facts, now);
  const seen = new Map(targetViews(fix, facts, now).map((t) => [t.uid, t]));
  const targets = facts.plan?.id === fix.rollout?.plan ? (facts.plan?.targets ?? []) : [];
  return {
    fix: fix.id,
    version: fix.version,
    rows: view.rollout.map(({ name, state }) => ({
      name,
      state,
      cells: targets
        // A deleted one is seen nowhere any more; it stays in the row of its stage.
        .filter((t) => (seen.get(t.uid)?.stage ?? facts.plan!.stages[t.stage - 1]!.name) === name)
        .map((t): [string, string, string] => [t.name, t.managementCluster, cellOf(seen.get(t.uid))]),
    })),
  };
}

const cellOf = (seen: TargetView | undefined): string => seen?.state ?? seen?.standing ?? 'gone';

const noPlan = (id: FixId, plan: PlanId): Trouble => ({
  code: 'plan-unknown',
  detail: `${id} has no plan ${plan}`,
  next: [`fleetfix plan ${id}`],
});

/** A URL may hold a password; nobody who may read components needs it. */
const withoutCredentials = (location: string): string => location.replace(/^([a-z+]+:\/\/)[^@/]*@/, '$1');
