import { z } from 'zod';
import { PATH_CLASSES } from '../core/assembly/assembly.ts';
import type { Digest } from '../core/base/ids.ts';
import { ROLES } from '../core/base/roles.ts';
import type { HandOff } from '../core/hand-off/hand-off.ts';
import { STATES } from '../core/life/fix.ts';
import { SEVERITIES } from '../core/life/policy.ts';
import { CHECKS, GATE_STATES } from '../core/proof/proof.ts';
import { type FixText, TEXT_KINDS } from '../core/texts/text-kinds.ts';
import { lineOutcomeSchema } from './assembly-views.ts';
import { fixIdSchema, idLike } from './ids.ts';
import type { Same } from './same.ts';

const digest = idLike<Digest>(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits');
const count = z.number().int();
const texts = z.array(z.string()).readonly();
const rows = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const range = z.object({ from: z.string(), to: z.string() });

const howTo = z.object({
  text: z.string(),
  steps: rows(z.object({ what: z.string(), command: z.string() })),
  know: texts,
});

const gate = z.object({
  gate: z.string(),
  check: z.enum(CHECKS).exactOptional(),
  state: z.enum(GATE_STATES),
  blocks: z.boolean(),
  because: z.string(),
  until: z.string().exactOptional(),
  findings: rows(
    z.object({ text: z.string(), path: z.string().exactOptional(), line: count.exactOptional() }),
  ).exactOptional(),
  waiver: z.object({ by: z.string(), reason: z.string(), at: z.string() }).exactOptional(),
  verdict: z.object({ by: z.enum(ROLES), command: z.string() }).exactOptional(),
});

const touch = z.object({
  commit: z.string(),
  subject: z.string(),
  author: z.string(),
  at: z.string(),
  pullRequest: count.exactOptional(),
});

const commit = z.object({
  mark: z.enum(['=', '!', '<', '>', '?']),
  role: z.enum(['change', 'prerequisite', 'carried']),
  fix: fixIdSchema.exactOptional(),
  isRevert: z.boolean(),
  because: z.string().exactOptional(),
  commit: z.string().exactOptional(),
  source: z.string().exactOptional(),
  subject: z.string(),
  pullRequest: count.exactOptional(),
});

const deployed = z.object({
  from: z.string(),
  to: z.string(),
  total: z.object({ files: count, added: count, removed: count }),
  files: rows(
    z.object({
      path: z.string(),
      from: z.string().exactOptional(),
      did: z.enum(['added', 'deleted', 'modified', 'renamed']),
      class: z.enum(PATH_CLASSES),
      isBinary: z.boolean(),
      added: count,
      removed: count,
      mode: z.string().exactOptional(),
    }),
  ),
  leftOut: texts,
  commands: texts,
});

const test = z.object({
  language: z.enum(['go', 'js', 'py']),
  id: z.string(),
  path: z.string(),
  command: z.string(),
  distance: count,
  because: texts,
  tags: texts,
  onlyTagged: z.boolean().exactOptional(),
  minutes: z.number().exactOptional(),
  history: z.object({ failed: count, runs: count }).exactOptional(),
});

const suite = z.object({
  name: z.string(),
  labels: texts,
  minutes: z.number().exactOptional(),
  owner: z.string().exactOptional(),
  command: z.string().exactOptional(),
  because: texts,
});

const tests = z.discriminatedUnion('known', [
  z.object({
    known: z.literal(true),
    range,
    all: count,
    tests: rows(test),
    testsLeftOut: count,
    suites: rows(suite),
    map: z.string().exactOptional(),
    notCovered: rows(z.object({ path: z.string(), because: z.string() })),
    notCoveredLeftOut: count,
    warnings: texts,
    command: z.string(),
  }),
  z.object({ known: z.literal(false), because: z.string() }),
]);

const line = z.object({
  line: z.string(),
  versions: texts,
  targets: count,
  outcome: lineOutcomeSchema,
  because: z.string(),
  build: z.enum(['none', 'waiting', 'running', 'done', 'failed']),
  prepared: z.object({ by: z.string(), at: z.string() }).exactOptional(),
  base: z.string(),
  release: z.string(),
  candidate: z.string().exactOptional(),
  digest: digest.exactOptional(),
  image: z.string().exactOptional(),
  earlier: rows(z.object({ digest, builtAt: z.string() })),
  commits: rows(commit),
  passengers: rows(touch),
  carries: rows(z.object({ fix: fixIdSchema, title: z.string() })),
  warnings: texts,
  deployed: deployed.exactOptional(),
  notRead: z.string().exactOptional(),
  scope: gate.exactOptional(),
  gates: rows(gate),
  tests: tests.exactOptional(),
  cluster: howTo.exactOptional(),
});

export const handOffSchema = z.object({
  fix: fixIdSchema,
  version: count,
  at: z.string(),
  title: z.string(),
  severity: z.enum(SEVERITIES),
  state: z.enum(STATES),
  incident: z.string().exactOptional(),
  symptom: z.string().exactOptional(),
  reason: z.string(),
  author: z.string(),
  declaredAt: z.string(),
  component: z.string(),
  after: fixIdSchema.exactOptional(),
  change: z.string(),
  images: rows(z.object({ line: z.string(), digest })),
  lines: rows(line),
  back: howTo,
  contacts: rows(z.object({ for: z.string(), who: z.string() })),
});

export const textKindSchema = z.enum(TEXT_KINDS);

/** A template of one's own, in place of the hub's, and words of a customer notice that name nobody though a name is in them. */
export const textRequestSchema = z
  .strictObject({
    template: z
      .string()
      .max(64 * 1024)
      .exactOptional(),
    allow: z.array(z.string().min(1).max(80)).max(100).exactOptional(),
  })
  .refine(
    ({ template, allow }) => template !== undefined || allow !== undefined,
    'expected template or allow',
  );

export const fixTextSchema = z.object({
  fix: z.string(),
  version: count,
  at: z.string(),
  kind: textKindSchema,
  template: z.enum(['shipped', 'hub', 'given']),
  text: z.string(),
  images: rows(z.object({ line: z.string(), digest: z.string() })),
  allowed: rows(z.object({ word: z.string(), by: z.string() })).exactOptional(),
});

/** A schema that drifts from its core type makes these fail to compile. */
const _sameHandOff: Same<z.output<typeof handOffSchema>, HandOff> = true;
const _sameText: Same<z.output<typeof fixTextSchema>, FixText> = true;
