import { z } from 'zod';
import type { Command } from '../core/life/command.ts';
import { SEVERITIES } from '../core/life/policy.ts';
import { LINK_CHARS_MAX } from '../core/proof/closing-item.ts';
import { fixIdSchema } from './ids.ts';
import { patchProblem } from './patch.ts';

// Commands of the API. Views are core/views as they are: see wire/views.ts.

const count = z.number().int().min(0).max(10_000_000);
const line = z.string().min(1).max(255);
const reason = z.string().trim().min(1).max(4_096);
/** A commit as people name it: id, short id, branch, tag, `main~2`. The hub records full ids only. */
export const commit = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.+/~^@-]{0,254}$/, 'expected a commit id, branch or tag name')
  .refine((text) => !text.includes('..'), 'expected one commit, not a range');
const commits = z.array(commit).min(1).max(1_000);
const at = z.iso.datetime().transform((text) => new Date(text).toISOString());
const planId = z
  .string()
  .regex(/^P-[0-9a-f]{8}$/, 'expected P- and 8 hex digits')
  .transform((text) => text as `P-${string}`);

export const changeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('commits'), commits }),
  z.strictObject({ kind: z.literal('range'), from: commit, to: commit }),
  z.strictObject({ kind: z.literal('git-revert'), commit }),
  z.strictObject({
    kind: z.literal('pull-request'),
    number: z.number().int().positive(),
    url: z.url().max(1_024).optional(),
  }),
  z.strictObject({
    kind: z.literal('patch'),
    text: z.string().superRefine((text, context) => {
      const message = patchProblem(text);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    }),
  }),
]);

export const declareSchema = z.strictObject({
  do: z.literal('declare'),
  title: z.string().trim().min(1).max(200),
  severity: z.enum(SEVERITIES),
  reason,
  incident: z.string().trim().min(1).max(64).optional(),
  /** Part of what a control plane that the incident broke is reported as. */
  symptom: z.string().trim().min(3).max(200).optional(),
  change: changeSchema,
  component: z.string().min(1).max(63),
  policy: z.string().min(1).max(63).default('default'),
  /** A fix that must be in place on a management cluster before this one is started there. */
  after: fixIdSchema.optional(),
});

export const commandSchema = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('backport'),
    to: z.array(line).max(1_000).optional(),
    with: commits.optional(),
    accept: z
      .strictObject({
        kind: z.enum(['reuse', 'adjacent', 'regenerate']),
        tree: z
          .string()
          .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'expected the full id of the tree that was looked at'),
      })
      .optional(),
    not: z.array(z.strictObject({ line, reason })).max(1_000).optional(),
  }),
  z.strictObject({
    do: z.literal('prepare'),
    release: z
      .string()
      .regex(/^[0-9A-Za-z][0-9A-Za-z.+_-]{0,62}$/, 'expected the name of a release, such as 4.19.12'),
    commit,
  }),
  z.strictObject({
    do: z.literal('attest'),
    gate: z.string().min(1).max(63),
    line: line.optional(),
    digest: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits')
      .transform((text) => text as `sha256:${string}`)
      .optional(),
    result: z.enum(['pass', 'fail']),
    note: z.string().max(4_096).optional(),
    counts: z
      .strictObject({ tests: count, failures: count, skipped: count, flaky: count.optional() })
      .optional(),
    findings: z
      .array(z.strictObject({ text: z.string().min(1).max(1_024) }))
      .max(20)
      .optional(),
  }),
  z.strictObject({ do: z.literal('acknowledge'), note: z.string().max(4_096).optional() }),
  z.strictObject({ do: z.literal('waive'), gate: z.string().min(1).max(63), reason, expiresAt: at }),
  z.strictObject({ do: z.literal('retry'), stage: z.enum(['assembly', 'build', 'proof', 'closing']) }),
  z.strictObject({ do: z.literal('approve'), plan: planId }),
  z.strictObject({ do: z.literal('decline'), plan: planId, reason }),
  z.strictObject({ do: z.literal('start'), plan: planId, reason: reason.optional() }),
  z.strictObject({ do: z.literal('advance'), stage: z.string().min(1).max(63), reason }),
  z.strictObject({ do: z.literal('pause'), reason: reason.optional() }),
  z.strictObject({ do: z.literal('resume'), reason: reason.optional() }),
  z.strictObject({
    do: z.literal('rollback'),
    target: z.string().min(1).max(255).optional(),
    wave: z.number().int().positive().optional(),
    stage: z.string().min(1).max(63).optional(),
    reason,
  }),
  z.strictObject({ do: z.literal('exclude'), target: z.string().min(1).max(255), until: at, reason }),
  z.strictObject({ do: z.literal('retire') }),
  z.strictObject({
    do: z.literal('show'),
    item: z.string().min(1).max(63),
    link: z.string().trim().min(1).max(LINK_CHARS_MAX).optional(),
    note: reason.optional(),
  }),
  z.strictObject({ do: z.literal('waive-item'), item: z.string().min(1).max(63), reason }),
  z.strictObject({ do: z.literal('close'), as: z.string().trim().min(1).max(255) }),
  z.strictObject({ do: z.literal('withdraw'), reason }),
]);

export type DeclareRequest = z.output<typeof declareSchema>;
export type CommandRequest = Exclude<Command, { do: 'declare' }>;

/** RFC 9457, `application/problem+json`. `code` is a key of the registry in problems.ts. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  instance: z.string(),
  code: z.string(),
  whoMustAct: z.enum(['caller', 'approver', 'operator', 'upstream', 'us']),
  whoCan: z.array(z.string()).optional(),
  next: z.array(z.object({ label: z.string(), command: z.string() })),
  /** With `stale-version`: the version now. */
  version: z.number().int().optional(),
});
export type Problem = z.output<typeof problemSchema>;

/** The answer to every act: what was recorded, the state now, and how to undo it. */
export const actedSchema = z.object({
  fix: z.string(),
  version: z.number().int(),
  state: z.string(),
  /** What changed, one sentence an event. */
  did: z.array(z.string()),
  /** Set when the same key was answered before. */
  alreadyDoneAt: z.string().optional(),
  undo: z.string(),
  see: z.string(),
});
export type Acted = z.output<typeof actedSchema>;
