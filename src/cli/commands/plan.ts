import { type FixId, isPlanId } from '../../core/base/ids.ts';
import type { Forecast } from '../../core/forecast/forecast.ts';
import type { PlanView } from '../../core/views/plan-view.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode, misuse } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { renderForecast } from '../render/forecast.ts';
import { screen } from '../render/paper.ts';
import { renderPlan } from '../render/plan.ts';
import { selectorOf } from '../rev.ts';

export type PlanInput = {
  readonly fix: string;
  readonly plan?: string;
  readonly exclude?: string;
  readonly budget?: string;
  readonly exitCode?: boolean;
};

/** Previews what would be done. Changes nothing; the plan is kept under its id so that it can be approved. */
export async function plan(context: Context, input: PlanInput): Promise<ExitCode> {
  const exclude = input.exclude === undefined ? undefined : selectorOf(input.exclude, '--exclude');
  const budget = input.budget === undefined ? undefined : budgetOf(input.budget);
  if (input.plan && (exclude || budget !== undefined))
    throw misuse(
      `--${exclude ? 'exclude' : 'budget'} makes a new plan and --plan shows one: use one of them`,
    );
  const body = { ...(exclude && { exclude }), ...(budget !== undefined && { budget }) };
  const fix = await fixOf(context, input.fix);
  const made = input.plan
    ? await planById(context, fix, input.plan)
    : await context.client.post<PlanView>({ path: `/fixes/${fix}/plan`, body });
  const next = made.stale ? [] : ['', `next: fleetfix approve ${fix} --plan ${made.id}`];
  await context.out.print({ value: made, names: [made.id], text: (paper) => renderPlan(made, paper) });
  if (context.out.format === 'table' || context.out.format === 'wide') await sayForecast(context, made);
  if (context.out.format === 'table' && next.length > 0)
    context.out.say(screen(next, context.out.paper).trimEnd());
  return input.exitCode && made.inPlan > 0 ? EXIT.changes : EXIT.done;
}

/** What is to be expected of it: a look that takes the hub a moment, after the plan itself is on the screen. */
async function sayForecast(context: Context, plan: PlanView): Promise<void> {
  if (plan.inPlan === 0) return;
  if (context.io.isTty) context.io.stderr.write('forecast: playing the rollout…');
  const path = `/fixes/${plan.fix}/plans/${plan.id}/forecast`;
  const found = await context.client.get<Forecast>(path).catch((problem: unknown) => problem as Error);
  if (context.io.isTty) context.io.stderr.write('\r\x1b[K');
  // The plan is what was asked for; without its forecast it is still right.
  if (found instanceof Error) context.out.say(`forecast: not now (${found.message})`);
  else context.out.data(`\n${renderForecast(found, context.out.paper)}`);
  if (plan.stages.length > 1) context.out.say('forecast: without the waits and approvals of its stages');
}

/** What a harm budget may be called; the hub knows how many each is. */
const PROFILES = ['routine', 'standard', 'urgent', 'emergency'];
const BUDGET_MAX = 100_000;

/** A harm budget as it was typed: so many control planes, or a profile. */
function budgetOf(text: string): number | string {
  if (PROFILES.includes(text)) return text;
  const count = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= BUDGET_MAX) return count;
  throw misuse(`--budget ${text}: expected 1 to ${BUDGET_MAX} control planes, or ${PROFILES.join(', ')}`);
}

/** A plan by its id. */
export async function planById(context: Context, fix: FixId, id: string): Promise<PlanView> {
  if (!isPlanId(id)) throw misuse(`--plan ${id}: expected P- and 8 hex digits`, [`fleetfix plan ${fix}`]);
  return await context.client.get<PlanView>(`/fixes/${fix}/plans/${id}`);
}

/** Prints the plan an act names, as talk, before the act is asked for. */
export async function sayPlan(context: Context, fix: FixId, id: string): Promise<PlanView> {
  const view = await planById(context, fix, id);
  context.out.say(renderPlan(view, context.out.paper));
  return view;
}
