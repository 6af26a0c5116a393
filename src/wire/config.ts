import { z } from 'zod';
import { ROLES, type Role } from '../core/base/roles.ts';
import { SELECTOR_KEYS } from '../core/fleet/selector.ts';
import { DAYS } from '../core/life/policy.ts';
import { PROFILES, type Profile } from '../core/pace/pace.ts';
import { type ImagePolicy, policyProblem } from '../core/proof/image-policy.ts';
import { CHECKS, type CheckKind } from '../core/proof/proof.ts';
import { closingSchema, linksSchema } from './closing.ts';
import { imagePolicySchema } from './image-policy.ts';
import { rosterSchema } from './roster.ts';
import { scopePolicySchema } from './scope.ts';

/** `90s`, `30m`, `2h30m`, `7d`: becomes milliseconds. Zero is refused where a limit needs more. */
export const duration = z
  .string('expected a duration such as 30m, 2h30m or 7d')
  .transform((text, ctx): number => {
    const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
    const parts = [...text.matchAll(/(\d+)(ms|s|m|h|d)/g)];
    if (parts.length === 0 || parts.map((p) => p[0]).join('') !== text) {
      ctx.addIssue({
        code: 'custom',
        message: `expected a duration such as 30m, 2h30m or 7d, got "${text}"`,
      });
      return z.NEVER;
    }
    return parts.reduce((sum, [, n, unit]) => sum + Number(n) * units[unit!]!, 0);
  });
const positive = duration.refine((ms) => ms > 0, 'expected more than 0');
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'expected lower-case letters, digits, dots and dashes, at most 63');
const words = z.array(z.string().min(1).max(4_096)).min(1).max(256);
const globs = z.array(z.string().min(1).max(1_024)).max(1_000);
const relativePath = z
  .string()
  .min(1)
  .max(1_024)
  .refine((p) => !p.startsWith('/') && !p.split('/').includes('..'), 'expected a path inside the repository');

const imageRepository = z
  .string()
  .max(255)
  .regex(
    /^[^\s@]+$/,
    'expected a repository of a registry without tag and digest, such as quay.io/team/image',
  );

export const gateSchema = z
  .strictObject({
    name,
    /** Run on a clean tree of the candidate; no shell. */
    command: words.optional(),
    junit: relativePath.optional(),
    timeout: positive.default(600_000),
    /** What the hub finds out by itself; with a command and no more said, that is run. */
    check: z.enum(CHECKS).optional(),
    /** Attested by a person with this role; beside a check: who answers what it leaves unclear. */
    attest: z.enum(ROLES).optional(),
    /** The command is given the tests that the candidate can affect (FLEETFIX_TESTS), to run those alone. */
    tests: z.literal('selected').optional(),
    /** Of those it is given what fits, by how long they took and how often they failed before. */
    minutes: z.number().positive().max(10_080).optional(),
    /** How long it takes, as long as nothing was measured: shown before it is passed over. */
    takes: positive.optional(),
    /** What check image asks, files beside the configuration. `deployed`: where images that run now are, by digest. */
    image: imagePolicySchema.extend({ deployed: imageRepository.exactOptional() }).exactOptional(),
  })
  .superRefine((gate, ctx) => {
    const problem = gateProblem(gate);
    if (problem !== undefined) ctx.addIssue({ code: 'custom', message: problem });
    const unfit = gate.image && imageProblem(gate.image);
    if (unfit !== undefined) ctx.addIssue({ code: 'custom', message: unfit, path: ['image'] });
  });

type GateInput = {
  readonly check?: CheckKind | undefined;
  readonly command?: readonly string[] | undefined;
  readonly junit?: string | undefined;
  readonly attest?: Role | undefined;
  readonly tests?: 'selected' | undefined;
  readonly minutes?: number | undefined;
  readonly image?: ImagePolicy;
};

/** Which parts of a gate belong together. */
function gateProblem({
  check,
  command,
  junit,
  attest,
  tests,
  minutes,
  image,
}: GateInput): string | undefined {
  if (check === undefined && command === undefined && attest === undefined)
    return 'expected a check, a command or attest';
  if (check === undefined && command !== undefined && attest !== undefined)
    return 'expected either command or attest';
  const runs = check === undefined || check === 'command' || check === 'own-test';
  if (check !== undefined && runs && command === undefined)
    return `expected a command: check ${check} runs it`;
  if (!runs && (command !== undefined || junit !== undefined))
    return `expected no command and no junit: check ${check} runs none`;
  if (tests !== undefined && (command === undefined || check === 'own-test'))
    return 'expected no tests: only a command that is a gate by itself is given them';
  if (minutes !== undefined && tests === undefined)
    return 'expected no minutes: they limit what is chosen with tests: selected';
  if ((check === 'command' || check === 'image') && attest !== undefined)
    return `expected no attest: check ${check} leaves nothing unclear`;
  if (check === 'image' && image === undefined)
    return 'expected image: whose signatures check image trusts, and what else it asks (docs/images.md)';
  if (check !== 'image' && image !== undefined) return 'expected no image: only check image asks it';
  return undefined;
}

/** An image is proven by what is signed: where nobody is trusted, every one would be refused. */
function imageProblem(image: ImagePolicy): string | undefined {
  const isTrusting = (image.keys ?? []).length > 0 || image.trustedRoot !== undefined;
  return (
    policyProblem(image) ??
    (isTrusting ? undefined : 'expected keys, or trustedRoot and identities: nobody is trusted')
  );
}

export const componentSchema = z.strictObject({
  name,
  repository: z.string().min(1).max(1_024),
  branch: z.string().min(1).max(255).default('main'),
  paths: z.array(relativePath).max(1_000).default([]),
  image: z.string().min(1).max(255),
  builder: z.strictObject({
    kind: z.literal('command'),
    command: words,
    output: relativePath,
    /** Only these paths of the candidate are written for builds and gates; empty: all of it. */
    tree: z.array(relativePath).max(1_000).default([]),
    timeout: positive.default(1_800_000),
  }),
  /** What paths are for, where the usual rules are wrong: generated ones are made again, not merged. */
  pathClasses: z
    .strictObject({
      generated: globs.exactOptional(),
      docs: globs.exactOptional(),
      test: globs.exactOptional(),
      build: globs.exactOptional(),
    })
    .default({}),
  /** Makes generated files again, in a checkout of the candidate, when a proposal that left them was taken. */
  regenerate: z.strictObject({ command: words, timeout: positive.default(600_000) }).exactOptional(),
  gates: z.array(gateSchema).max(64).default([]),
  levers: z
    .array(z.enum(['annotation', 'image-overrides', 'workload-image', 'overrides-file']))
    .min(1)
    .default(['annotation']),
  owners: z.array(z.string().min(1).max(255)).min(1),
  /** Whether every control plane has one of its own, or all of a management cluster depend on one, as on HyperShift's operator. */
  per: z.enum(['controlPlane', 'managementCluster']).default('controlPlane'),
});

/** Names that the rows of a rollout have already. */
const TAKEN_NAMES = ['burning', 'one-box', 'all', 'rest'];

const count = z.number().int().min(1).max(1_000_000);
const stageTargets = z.strictObject({
  assembly: positive,
  build: positive,
  proof: positive,
  approval: positive,
  rollout: positive,
  covered: positive,
});
const LATE_WITHIN_MS = 7 * 86_400_000;

const lateGate = z.union([
  name.transform((gate): { gate: string; within: number; owner?: string } => ({
    gate,
    within: LATE_WITHIN_MS,
  })),
  z.strictObject({
    gate: name,
    within: positive.default(LATE_WITHIN_MS),
    owner: z.string().min(1).max(255).exactOptional(),
  }),
]);

const severity = z.strictObject({
  targets: stageTargets,
  before: z.array(name).max(64).default([]),
  /** May follow the delivery as debt, in so much time from its start; who sees to it is a role or a name. */
  after: z.array(lateGate).max(64).default([]),
  /** Run after delivery, hold up nothing, and tell what the others have missed. */
  shadow: z.array(name).max(64).default([]),
});

/** `5` or `10%`. */
const stageSize = z.union([
  count.transform((n) => ({ count: n })),
  z
    .string()
    .regex(/^(100|[1-9]\d?)%$/, 'expected a whole number of control planes or 1% to 100%')
    .transform((text) => ({ percent: Number(text.slice(0, -1)) })),
]);

const selector = z.partialRecord(z.enum(SELECTOR_KEYS), z.union([z.string(), z.array(z.string())]));

/** A harm budget: a number of control planes, or a profile by name. */
export const harmBudgetSchema = z.union([
  z.number().min(1).max(100_000),
  z.enum(Object.keys(PROFILES) as [Profile, ...Profile[]]).transform((profile): number => PROFILES[profile]),
]);

/** How fast a rollout may go. What is not given is the usual; without a budget it is computed from the incident. */
export const paceSchema = z.strictObject({
  harmBudget: harmBudgetSchema.exactOptional(),
  oneBox: count.exactOptional(),
  inFlightPerManagementCluster: count.exactOptional(),
  /** Floors that people may set on top of the evidence. */
  minSoak: positive.exactOptional(),
  maxPerHour: count.exactOptional(),
  /** How long a break takes to show: never assume it faster than it is. */
  law: z.strictObject({ median: positive, sigma: z.number().min(0.05).max(3) }).exactOptional(),
  window: positive.exactOptional(),
  margin: z.number().gt(1).max(4).exactOptional(),
  alpha: z.number().min(0.0001).max(0.5).exactOptional(),
});

const stageSchema = z.strictObject({
  name,
  take: z.union([stageSize, z.strictObject({ selector })]),
  soak: positive.exactOptional(),
  approval: z.boolean().default(false),
});

const clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'expected a time of day in UTC such as 08:30')
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

const windowSchema = z
  .strictObject({ days: z.array(z.enum(DAYS)).min(1).max(7), from: clock, to: clock })
  .refine((w) => w.from < w.to, 'expected an end later than the beginning, on the same day');

export const policySchema = z.strictObject({
  name,
  severities: z.strictObject({ critical: severity, high: severity, moderate: severity }),
  approvers: z.strictObject({ count: count.max(10), role: z.enum(ROLES) }),
  pace: paceSchema.default({}),
  /** The availability that is promised, in percent over a window. */
  slo: z.strictObject({ target: z.number().gt(0).lt(100), window: positive }).exactOptional(),
  /** People's named subsets, in order; what none of them takes is the last. */
  stages: z
    .array(stageSchema)
    .max(31)
    .default([])
    .refine(
      (all) => new Set(all.map((s) => s.name)).size === all.length,
      'expected every stage to have its own name',
    )
    .refine(
      (all) => all.every((s) => !TAKEN_NAMES.includes(s.name)),
      `expected no stage to be called ${TAKEN_NAMES.join(', ')}`,
    ),
  /** What counts as a fix of what exists; absent: the usual. */
  scope: scopePolicySchema.exactOptional(),
  /** What must be shown before a delivered fix is closed; absent: nothing. */
  closing: closingSchema.exactOptional(),
  /** When control planes may be changed, in UTC; none: always. */
  windows: z.array(windowSchema).max(100).default([]),
  unknownMax: z.number().int().min(0).max(1_000_000).default(0),
  convergeWithin: positive.default(1_200_000),
  silentAfter: positive.default(600_000),
  planValid: positive.default(3_600_000),
  freezes: z
    .array(
      z.strictObject({
        name,
        from: z.iso.datetime(),
        to: z.iso.datetime(),
        selector,
        reason: z.string().min(1).max(1_024),
      }),
    )
    .max(1_000)
    .default([]),
});

/** A fleet that exists only in the simulator; release lines are commits of the component's repository. */
export const simulationSchema = z.strictObject({
  seed: z.number().int().min(0).default(1),
  planes: count.default(200),
  component: name,
  releases: z
    .array(
      z.strictObject({
        version: z.string().min(1).max(64),
        commit: z.string().min(1).max(255),
        share: z.number().positive().default(1),
      }),
    )
    .min(1)
    .max(1_000),
  managementClusters: count.optional(),
  regions: count.default(4),
  customers: count.default(50),
  /** Simulated seconds a wall second; time runs by itself. 0: only when stepped. */
  speed: z.number().min(0).max(1_000_000).default(60),
});

export const configSchema = z.strictObject({
  listen: z
    .string()
    .regex(/^[^\s]+:\d{1,5}$/, 'expected HOST:PORT')
    .default('127.0.0.1:8470'),
  components: z.array(componentSchema).min(1).max(1_000),
  policies: z.array(policySchema).min(1).max(100),
  /** Which addresses may be looked at when a fix is closed; absent: none. */
  links: linksSchema.exactOptional(),
  /** Who is on duty, from calendars; absent: not known. */
  roster: rosterSchema.exactOptional(),
  simulation: simulationSchema.optional(),
});

export type Config = z.output<typeof configSchema>;
export type ComponentConfig = z.output<typeof componentSchema>;
export type GateConfig = z.output<typeof gateSchema>;
export type PolicyConfig = z.output<typeof policySchema>;
export type SimulationConfig = z.output<typeof simulationSchema>;
