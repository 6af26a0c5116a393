import type { Actor } from '../core/approval/approval.ts';
import type { FixId, PlanId } from '../core/base/ids.ts';
import type { Instant, Ms } from '../core/base/instant.ts';
import type { Refusal, Result } from '../core/base/result.ts';
import type { Role } from '../core/base/roles.ts';
import type { Selector } from '../core/fleet/selector.ts';
import type { Forecast } from '../core/forecast/forecast.ts';
import type { HandOff } from '../core/hand-off/hand-off.ts';
import type { Pace } from '../core/pace/pace.ts';
import type { Evidence, Waiver } from '../core/proof/proof.ts';
import type { HubRoster } from '../core/roster/report.ts';
import type { FixText, TextAsked } from '../core/texts/text-kinds.ts';
import type { DiffView } from '../core/views/diff-view.ts';
import type { FixView } from '../core/views/fix-view.ts';
import type { DebtRow, GatePage } from '../core/views/gate-rows.ts';
import type { FixRow, Grid, Replayed, TargetPage, Tried, Verified } from '../core/views/list-view.ts';
import type { PlanView } from '../core/views/plan-view.ts';
import type { ControlPlaneView, TimelineEntry } from '../core/views/target-view.ts';
import type { WhyView } from '../core/views/why-view.ts';
import type { TimesQuery } from '../ports/test-times.ts';
import type { Acted, CommandRequest, DeclareRequest } from '../wire/api.ts';
import type { ProblemCode } from '../wire/problems.ts';
import type { TimedTestsAnswer } from '../wire/test-times.ts';

export type { FixRow, Forecast, Grid, Replayed, TargetPage, Tried, Verified };

/** Who asks, by which surface, with which key, having seen which version. */
export type Asking = {
  readonly actor: Actor;
  readonly surface: string;
  readonly key: string;
  /** From If-Match; undefined when not sent. */
  readonly seen?: number;
  readonly dryRun: boolean;
};

/** A refusal of core, or a fault on the way to it. */
export type Trouble = Omit<Refusal, 'code'> & { readonly code: ProblemCode; readonly version?: number };
export type Answer<T> = Promise<Result<T, Trouble>>;

export type TargetQuery = {
  readonly standing?: string;
  readonly state?: string;
  readonly inPlan?: boolean;
  readonly stage?: string;
  readonly wave?: number;
  readonly selector?: Selector;
  readonly limit: number;
  readonly after?: string;
};

export type AgentRow = {
  readonly managementCluster: string;
  /** Living control planes it reported. */
  readonly planes: number;
  /** Absent: never heard. */
  readonly reportedAt?: Instant;
  /** Absent: none is enrolled, or its last was revoked. */
  readonly agent?: string;
  readonly enrolledAt?: Instant;
};
export type Invitation = {
  readonly managementCluster: string;
  readonly token: string;
  readonly expiresAt: Instant;
};

/** Everything the API, and nothing but the API, asks of the hub. */
export interface Desk {
  declare(request: DeclareRequest, asking: Asking): Answer<Acted>;
  command(fix: FixId, request: CommandRequest, asking: Asking): Answer<Acted>;
  fixes(actor: Actor, filter: { readonly open?: boolean }): Promise<readonly FixRow[]>;
  fix(fix: FixId, actor: Actor): Answer<FixView>;
  /** What the candidates are made of, of one line or all; without `patches` names and counts only. */
  diff(fix: FixId, query: { readonly line?: string; readonly patches: boolean }): Answer<DiffView>;
  /** What whoever tests it must know, of one line or all. What cannot be read of a candidate is said in it. */
  handOff(fix: FixId, query: { readonly line?: string }): Answer<HandOff>;
  /** A text from the record alone, by the template given or the hub's. */
  text(fix: FixId, asked: TextAsked): Answer<FixText>;
  why(fix: FixId, target: string | undefined): Answer<WhyView>;
  timeline(fix: FixId): Answer<readonly TimelineEntry[]>;
  targets(fix: FixId, query: TargetQuery): Answer<TargetPage>;
  grid(fix: FixId): Answer<Grid>;
  evidence(
    fix: FixId,
  ): Answer<{ readonly evidence: readonly Evidence[]; readonly waivers: readonly Waiver[] }>;
  log(fix: FixId, stage: 'build' | 'proof', line: string): Answer<string>;
  /** Reads only; the plan is kept under its id so that it can be approved. */
  plan(fix: FixId, input: { readonly exclude?: Selector; readonly budget?: number }): Answer<PlanView>;
  planById(fix: FixId, plan: PlanId): Answer<PlanView>;
  /** What every gate came to over all fixes. */
  gates(): Promise<GatePage>;
  /** What deliveries still owe, the most urgent first. */
  debts(): Promise<readonly DebtRow[]>;
  plane(name: string): Answer<ControlPlaneView>;
  /** How long tests of a component took, and how often they failed. */
  testTimes(component: string, query: TimesQuery): Answer<TimedTestsAnswer>;
  /** Who is on duty now and next, and where so many days to come have nobody. */
  roster(days: number): Answer<HubRoster>;
  /** Management clusters that have an agent or were ever heard, by name. */
  agents(): Promise<readonly AgentRow[]>;
  /** Makes the one-time token that an agent enrols with; an earlier unused one of the management cluster is void. */
  invite(managementCluster: string, validForMs: Ms): Answer<Invitation>;
  /** The agent is refused from its next request on. */
  revokeAgent(agent: string): Answer<string>;
  policies(): readonly unknown[];
  components(): readonly unknown[];
  verify(fix?: FixId): Promise<Verified>;
  /** Every decision of the fix made again from the ledger. */
  replay(fix: FixId): Answer<Replayed>;
  /** The fix's rollout as it was, and under another pace. */
  tryPace(fix: FixId, pace: Partial<Pace>): Answer<Tried>;
  /** What is to be expected of a plan, by the planner itself in a model of the fleet. */
  forecast(fix: FixId, plan: PlanId): Answer<Forecast>;
  /** The whole record, one JSON value a line. */
  exportFix(fix: FixId): Answer<AsyncIterable<string>>;
  person(token: string): Promise<Actor | undefined>;
  people(): Promise<readonly Actor[]>;
  issue(name: string, roles: readonly Role[]): Promise<string>;
}
