import { z } from 'zod';
import type { Digest } from '../core/base/ids.ts';
import { ROLES } from '../core/base/roles.ts';
import { STANDINGS } from '../core/coverage/coverage.ts';
import type { Forecast } from '../core/forecast/forecast.ts';
import { STATES } from '../core/life/fix.ts';
import { SEVERITIES } from '../core/life/policy.ts';
import { ITEM_KINDS, ITEM_STATES } from '../core/proof/closing-item.ts';
import { type Evidence, GATE_STATES, LANES, RESULTS, type Waiver } from '../core/proof/proof.ts';
import type { FixView } from '../core/views/fix-view.ts';
import type { DebtRow, GatePage } from '../core/views/gate-rows.ts';
import type { FixRow, Grid, Replayed, TargetPage, Tried } from '../core/views/list-view.ts';
import type { PlanView } from '../core/views/plan-view.ts';
import type { ControlPlaneView, TargetView, TimelineEntry } from '../core/views/target-view.ts';
import type { WhyView } from '../core/views/why-view.ts';
import {
  acceptedSchema,
  conflictViewSchema,
  lineOutcomeSchema,
  proposalViewSchema,
} from './assembly-views.ts';
import { fixIdSchema, idLike, planIdSchema } from './ids.ts';
import type { Same } from './same.ts';

// The views of core as schemas: what OpenAPI publishes and what a client checks answers with. That
// each schema says exactly what its core type says is proved by the compiler at the end of this file.

const digest = idLike<Digest>(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits');
const count = z.number().int();
const amount = z.number();
const ms = z.number();
const texts = z.array(z.string()).readonly();
const rows = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const stage = z.enum(['assembly', 'build', 'proof', 'approval', 'rollout', 'retirement']);

const coverage = z.object({
  exposed: count,
  patched: count,
  waiting: count,
  excluded: count,
  unknown: count,
  native: count,
  unaffected: count,
  percent: count,
});

const need = z.object({ who: z.string(), what: z.string(), since: z.string(), command: z.string() });

const clock = z.object({
  declaredAt: z.string(),
  elapsedMs: ms,
  targetMs: ms,
  dueAt: z.string(),
  expectedAt: z.string().exactOptional(),
  coveredAt: z.string().exactOptional(),
});

const health = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('not worse'), because: z.string() }),
  z.object({ kind: z.literal('not enough data'), because: z.string() }),
  z.object({ kind: z.literal('worse'), because: z.string() }),
]);

const stageView = z.object({
  stage,
  state: z.enum(['waiting', 'running', 'done', 'failed', 'paused', 'halted']),
  startedAt: z.string().exactOptional(),
  endedAt: z.string().exactOptional(),
  tookMs: ms.exactOptional(),
  machineMs: ms,
  peopleMs: ms,
  targetMs: ms.exactOptional(),
  by: z.string(),
});

const findings = rows(
  z.object({ text: z.string(), path: z.string().exactOptional(), line: count.exactOptional() }),
);

const debt = {
  gate: z.string(),
  line: z.string(),
  owner: z.string(),
  dueAt: z.string(),
  overdue: z.boolean(),
  state: z.enum(['failed', 'unclear', 'missing', 'waived']),
  because: z.string(),
};

const checklistItem = z.object({
  name: z.string(),
  kind: z.enum(ITEM_KINDS),
  repository: z.string().exactOptional(),
  contains: z.literal('change').exactOptional(),
  state: z.enum(ITEM_STATES),
  because: z.string(),
  who: z.string(),
  by: z.string().exactOptional(),
  at: z.string().exactOptional(),
  link: z.string().exactOptional(),
  next: z.string().exactOptional(),
});

const lineView = z.object({
  line: z.string(),
  base: z.string(),
  versions: texts,
  targets: count,
  prepared: z.object({ by: z.string(), at: z.string() }).exactOptional(),
  outcome: lineOutcomeSchema,
  because: z.string(),
  commit: z.string().exactOptional(),
  digest: z.string().exactOptional(),
  build: z.enum(['none', 'waiting', 'running', 'done', 'failed']),
  conflicting: z.string().exactOptional(),
  conflicts: rows(conflictViewSchema),
  proposals: rows(proposalViewSchema),
  accepted: acceptedSchema.exactOptional(),
  passengers: texts,
  gates: rows(
    z.object({
      gate: z.string(),
      state: z.enum(GATE_STATES),
      findings: findings.exactOptional(),
      lane: z.enum(LANES),
      blocks: z.boolean(),
      because: z.string(),
      cut: z.string().exactOptional(),
      until: z.string().exactOptional(),
    }),
  ),
});

const rolloutRow = z.object({
  name: z.string(),
  targets: count,
  done: count,
  failed: count,
  unknown: count,
  inFlight: count,
  rolledBack: count,
  held: count.exactOptional(),
  state: z.string(),
  since: z.string().exactOptional(),
});

const paceView = z.object({
  harmBudget: z.number(),
  unknown: z.number(),
  atStake: z.number(),
  rateAtMost: z.number(),
  against: z.number(),
  haltsAt: z.number(),
  treated: count,
  controls: count,
  failed: count,
  waves: count,
  burning: z.object({ treated: count, recovered: count, waiting: count }).exactOptional(),
});

const insight = z.object({
  since: z.string(),
  level: z.enum(['info', 'warning', 'error']),
  impact: z.enum(['coverage', 'exposure', 'health', 'approval', 'proof', 'assembly', 'build', 'clock']),
  message: z.string(),
  remedy: z.string(),
});

const waiting = z.object({
  for: z.string(),
  since: z.string(),
  endsAt: z.string().exactOptional(),
  whoCan: texts,
});

const action = z.object({
  name: z.enum([
    'declare',
    'backport',
    'prepare',
    'acknowledge',
    'attest',
    'waive',
    'retry',
    'approve',
    'decline',
    'start',
    'advance',
    'pause',
    'resume',
    'rollback',
    'exclude',
    'retire',
    'show',
    'waive-item',
    'close',
    'withdraw',
  ]),
  label: z.string(),
  allowed: z.boolean(),
  because: z.string(),
  whoCan: texts,
});

export const fixViewSchema = z.object({
  id: fixIdSchema,
  version: count,
  at: z.string(),
  title: z.string(),
  severity: z.enum(SEVERITIES),
  incident: z.string().exactOptional(),
  symptom: z.string().exactOptional(),
  reason: z.string(),
  author: z.string(),
  component: z.string(),
  after: fixIdSchema.exactOptional(),
  state: z.enum(STATES),
  paused: z.boolean(),
  halted: z.boolean(),
  haltedStrata: rows(z.string()),
  headline: z.string(),
  needs: rows(need),
  brake: z.string().exactOptional(),
  coverage: coverage.extend({ patchedLastHour: count, notInPlan: count }),
  clock,
  slo: z.object({ target: amount, burning: count, budgetMs: ms, burntMs: ms, leftMs: ms }).exactOptional(),
  health,
  next: z.object({ at: z.string().exactOptional(), text: z.string(), unless: z.string() }),
  stages: rows(stageView),
  lines: rows(lineView),
  rollout: rows(rolloutRow),
  pace: paceView.exactOptional(),
  insights: rows(insight),
  waits: rows(waiting),
  plan: planIdSchema.exactOptional(),
  declined: z.object({ plan: planIdSchema, by: z.string(), reason: z.string() }).exactOptional(),
  handOff: z
    .object({
      at: z.string(),
      digests: rows(digest),
      told: rows(z.object({ at: z.string(), step: count, role: z.string(), people: texts })),
      acknowledged: z.object({ by: z.string(), at: z.string() }).exactOptional(),
      text: z.string(),
    })
    .exactOptional(),
  debts: rows(z.object(debt)).exactOptional(),
  checklist: rows(checklistItem).exactOptional(),
  handSteps: count,
  actions: rows(action),
});

/** A row of the list of fixes. */
export const fixRowSchema = fixViewSchema.pick({
  id: true,
  version: true,
  title: true,
  severity: true,
  incident: true,
  author: true,
  component: true,
  state: true,
  paused: true,
  halted: true,
  headline: true,
  needs: true,
  coverage: true,
  clock: true,
  health: true,
});

/** What is to be expected of a rollout (core/forecast). Minutes from its start; absent: never. */
export const forecastSchema = z.object({
  planes: count,
  burning: count,
  budget: amount,
  runs: count,
  good: z.object({
    t50Min: amount.exactOptional(),
    t95Min: amount.exactOptional(),
    t100Min: amount.exactOptional(),
    falseHaltShare: amount,
  }),
  bad: rows(
    z.object({
      p: amount,
      latencyMin: amount,
      brokenMean: amount,
      brokenP95: amount,
      bound: amount,
      brokenHours: amount,
    }),
  ),
});

const course = z.object({
  started: count,
  broken: count,
  halted: z.boolean(),
  t50Min: amount.exactOptional(),
  t95Min: amount.exactOptional(),
  t100Min: amount.exactOptional(),
});

export const triedSchema = z.object({
  fix: fixIdSchema,
  plan: planIdSchema,
  budget: z.object({ recorded: amount, tried: amount }),
  recorded: course,
  tried: course,
});

export const replayedSchema = z.object({
  fix: fixIdSchema,
  same: z.boolean(),
  decisions: count,
  because: z.string().exactOptional(),
  version: count.exactOptional(),
  at: z.string().exactOptional(),
  recorded: rows(z.unknown()).exactOptional(),
  again: rows(z.unknown()).exactOptional(),
});

export const planViewSchema = z.object({
  id: planIdSchema,
  hash: z.string(),
  fix: fixIdSchema,
  fixVersion: count,
  at: z.string(),
  validUntil: z.string(),
  stale: z.string().exactOptional(),
  policy: z.string(),
  exposed: count,
  inPlan: count,
  notInPlan: count,
  native: count,
  component: z.string(),
  after: fixIdSchema.exactOptional(),
  managementClusters: count,
  versions: rows(z.object({ version: z.string(), targets: count })),
  digests: rows(z.object({ line: z.string(), digest })),
  restarts: z.string(),
  nodes: z.string(),
  leavesOut: rows(z.object({ because: z.string(), count, until: z.string().exactOptional() })),
  harmBudget: z.number(),
  profile: z.string().exactOptional(),
  computedBudget: z.number(),
  urgency: z.string(),
  oneBox: count,
  burning: count,
  controls: count,
  minSoakMs: ms,
  maxPerHour: count.exactOptional(),
  stages: rows(z.object({ name: z.string(), targets: count, soakMs: ms, approval: z.boolean() })),
  inFlightPerManagementCluster: count,
  stops: texts,
  endsAbout: z.string(),
  undo: z.string(),
  needs: z.object({
    count,
    role: z.string(),
    given: texts,
    notBy: z.string(),
    more: count.exactOptional(),
  }),
});

export const targetViewSchema = z.object({
  uid: z.string(),
  name: z.string(),
  customer: z.string(),
  version: z.string(),
  managementCluster: z.string(),
  region: z.string(),
  standing: z.enum(STANDINGS),
  state: z.string().exactOptional(),
  stage: z.string().exactOptional(),
  wave: count.exactOptional(),
  inPlan: z.boolean(),
  digest: digest.exactOptional(),
  because: z.string(),
  since: z.string().exactOptional(),
});

/** `total` counts what the query matches, not what is on this page; `next` goes into `after`. */
export const targetPageSchema = z.object({
  items: rows(targetViewSchema),
  total: count,
  next: z.string().exactOptional(),
});

export const controlPlaneViewSchema = z.object({
  uid: z.string(),
  name: z.string(),
  customer: z.string(),
  version: z.string(),
  managementCluster: z.string(),
  region: z.string(),
  sector: z.string(),
  platform: z.string(),
  availability: z.string(),
  health: z.string(),
  reportedAt: z.string(),
  silent: z.boolean(),
  upgrading: z.boolean(),
  paused: z.boolean(),
  held: z.string().exactOptional(),
  components: rows(
    z.object({ component: z.string(), digest: digest.exactOptional(), overridden: z.boolean() }),
  ),
  fixes: rows(z.object({ fix: fixIdSchema, standing: z.enum(STANDINGS), because: z.string() })),
  sentence: z.string(),
});

export const timelineEntrySchema = z.object({
  seq: count,
  version: count,
  at: z.string(),
  author: z.string(),
  surface: z.string(),
  type: z.string(),
  text: z.string(),
  seen: count.exactOptional(),
});

export const whyViewSchema = z.object({
  fix: fixIdSchema,
  target: z.string().exactOptional(),
  headline: z.string(),
  facts: rows(
    z.object({
      label: z.enum(['because', 'since', 'ends', 'who', 'blocks', 'not because']),
      text: z.string(),
    }),
  ),
});

/** One cell a target: name, management cluster, state; in plan order. */
export const gridSchema = z.object({
  fix: fixIdSchema,
  version: count,
  rows: rows(
    z.object({
      name: z.string(),
      state: z.string(),
      cells: rows(z.tuple([z.string(), z.string(), z.string()])),
    }),
  ),
});

const evidence = z.object({
  gate: z.string(),
  line: z.string(),
  digest,
  result: z.enum(RESULTS),
  by: z.string(),
  at: z.string(),
  note: z.string().exactOptional(),
  counts: z
    .object({ tests: count, failures: count, skipped: count, flaky: count.exactOptional() })
    .exactOptional(),
  findings: findings.exactOptional(),
  tookMs: ms.exactOptional(),
  looks: z.object({ count, since: z.string(), againAt: z.string().exactOptional() }).exactOptional(),
  retried: z.literal(true).exactOptional(),
});
const waiver = z.object({
  gate: z.string(),
  by: z.string(),
  reason: z.string(),
  at: z.string(),
  expiresAt: z.string(),
});
export const evidencePageSchema = z.object({ evidence: rows(evidence), waivers: rows(waiver) });

const gateRow = z.object({
  component: z.string(),
  gate: z.string(),
  judged: count,
  alone: count,
  tookMs: ms.exactOptional(),
  caught: count,
  late: count,
  unclear: count,
  waived: count,
});
const recallRow = z.object({
  component: z.string(),
  caught: count,
  missed: rows(z.object({ fix: z.string(), by: z.string() })),
  recall: z.number().exactOptional(),
});
export const gatePageSchema = z.object({ items: rows(gateRow), recall: rows(recallRow) });

export const debtRowSchema = z.object({
  fix: z.string(),
  title: z.string(),
  severity: z.enum(SEVERITIES),
  ...debt,
});

/** A management cluster: `agent` when one is enrolled for it, `reportedAt` when it was ever heard. */
export const agentRowSchema = z.object({
  managementCluster: z.string(),
  planes: count,
  reportedAt: z.string().exactOptional(),
  agent: z.string().exactOptional(),
  enrolledAt: z.string().exactOptional(),
});

const DAY_MS = 86_400_000;
export const newInvitationSchema = z.strictObject({
  managementCluster: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'expected a name as Kubernetes has them'),
  /** How long the token may be used; an hour when left out. */
  validForMs: z
    .int()
    .min(60_000)
    .max(7 * DAY_MS)
    .default(3_600_000),
});

/** The only answer that ever holds the token of an invitation. */
export const invitationSchema = z.object({
  managementCluster: z.string(),
  token: z.string(),
  expiresAt: z.string(),
});

export const revokedAgentSchema = z.object({ agent: z.string(), revoked: z.literal(true) });

export const verifiedSchema = z.object({
  verified: z.boolean(),
  events: count,
  fixes: rows(
    z.object({
      fix: fixIdSchema,
      events: count,
      verified: z.boolean(),
      broken: z.object({ seq: count, version: count, because: z.string() }).exactOptional(),
    }),
  ),
});

const roles = z.array(z.enum(ROLES)).readonly();
export const actorSchema = z.object({ name: z.string(), roles });

/** Of a new person. The name is what the ledger shows; `fleetfix` is the hub itself. */
export const newPersonSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/, 'expected letters, digits and . _ @ -, at most 63')
    .refine((name) => name !== 'fleetfix', 'fleetfix is the hub; choose another name'),
  roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length),
});

/** The only answer that ever holds a token. */
export const issuedSchema = actorSchema.extend({ token: z.string() });

/** The data of an `event` in the stream of events. */
export const streamedEventSchema = z.object({
  fix: fixIdSchema,
  seq: count,
  version: count,
  at: z.string(),
  author: z.string(),
  type: z.string(),
  text: z.string(),
});
export type StreamedEvent = z.output<typeof streamedEventSchema>;

/** A schema that drifts from its core type makes this fail to compile. */
const _sameAsCore: readonly [
  Same<z.output<typeof fixViewSchema>, FixView>,
  Same<z.output<typeof planViewSchema>, PlanView>,
  Same<z.output<typeof fixRowSchema>, FixRow>,
  Same<z.output<typeof targetPageSchema>, TargetPage>,
  Same<z.output<typeof gridSchema>, Grid>,
  Same<z.output<typeof forecastSchema>, Forecast>,
  Same<z.output<typeof replayedSchema>, Replayed>,
  Same<z.output<typeof triedSchema>, Tried>,
  Same<z.output<typeof targetViewSchema>, TargetView>,
  Same<z.output<typeof controlPlaneViewSchema>, ControlPlaneView>,
  Same<z.output<typeof timelineEntrySchema>, TimelineEntry>,
  Same<z.output<typeof whyViewSchema>, WhyView>,
  Same<z.output<typeof evidence>, Evidence>,
  Same<z.output<typeof waiver>, Waiver>,
  Same<z.output<typeof gatePageSchema>, GatePage>,
  Same<z.output<typeof debtRowSchema>, DebtRow>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true];
