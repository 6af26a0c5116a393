import { z } from 'zod';
import { PATH_CLASSES, PROPOSAL_KINDS } from '../core/assembly/assembly.ts';
import type { DiffView } from '../core/views/diff-view.ts';
import { fixIdSchema } from './ids.ts';
import type { Same } from './same.ts';

// What an assembly came to, as schemas: conflicts, proposals, and what a candidate is made of.

const count = z.number().int();
const texts = z.array(z.string()).readonly();
const rows = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const pathClass = z.enum(PATH_CLASSES);
const shape = z.enum(['same lines', 'adjacent', 'both inserted', 'imports', 'lines absent']);

export const lineOutcomeSchema = z.enum([
  'waiting',
  'clean',
  'contained',
  'empty',
  'conflict',
  'refused',
  'not affected',
]);

export const acceptedSchema = z.object({ kind: z.string(), tree: z.string(), by: z.string() });

export const conflictViewSchema = z.object({
  path: z.string(),
  kind: z.string(),
  class: pathClass,
  hunks: count,
  places: rows(z.object({ at: z.string(), shape, touchedBy: z.string().exactOptional() })),
  because: z.string().exactOptional(),
});

export const proposalViewSchema = z.object({
  kind: z.enum(PROPOSAL_KINDS),
  outcome: z.enum(['clean', 'incomplete']),
  commits: texts,
  subjects: texts,
  tree: z.string(),
  passengers: z.object({ commits: count, files: count, lines: count }),
  left: rows(z.object({ path: z.string(), class: pathClass })),
  look: texts,
  text: z.string(),
  command: z.string(),
});

const touch = z.object({
  commit: z.string(),
  subject: z.string(),
  author: z.string(),
  at: z.string(),
  pullRequest: count.exactOptional(),
});

const hunkSide = z.object({ from: count, count, lines: texts, touchedBy: rows(touch) });

const conflict = z.object({
  path: z.string(),
  kind: z.string(),
  class: pathClass,
  picking: z.string(),
  hunks: rows(z.object({ shape, ours: hunkSide, base: hunkSide, theirs: hunkSide })),
  because: z.string().exactOptional(),
});

const pickRow = z.object({
  mark: z.enum(['=', '!', '<', '>', '?']),
  role: z.enum(['change', 'prerequisite', 'carried']),
  fix: fixIdSchema.exactOptional(),
  source: touch.exactOptional(),
  candidate: touch.exactOptional(),
  isRevert: z.boolean(),
  because: z.string().exactOptional(),
  patch: texts,
  leftOut: count,
});

const fileDiff = z.object({
  path: z.string(),
  from: z.string().exactOptional(),
  did: z.enum(['added', 'deleted', 'modified', 'renamed']),
  class: pathClass,
  isBinary: z.boolean(),
  added: count,
  removed: count,
  mode: z.string().exactOptional(),
  patch: texts,
  leftOut: count,
});

const lineDiff = z.object({
  line: z.string(),
  targets: count,
  outcome: lineOutcomeSchema,
  because: z.string(),
  commit: z.string().exactOptional(),
  accepted: acceptedSchema.exactOptional(),
  conflicting: z.string().exactOptional(),
  release: z.string(),
  picks: rows(pickRow),
  deployed: z
    .object({
      from: z.string(),
      to: z.string(),
      total: z.object({ files: count, added: count, removed: count }),
      files: rows(fileDiff),
      leftOut: texts,
      command: z.string(),
    })
    .exactOptional(),
  passengers: rows(touch),
  carries: rows(z.object({ fix: fixIdSchema, title: z.string() })),
  warnings: texts,
  conflicts: rows(conflict),
  proposals: rows(proposalViewSchema),
});

export const diffViewSchema = z.object({
  fix: fixIdSchema,
  version: count,
  at: z.string(),
  title: z.string(),
  lines: rows(lineDiff),
});

/** A schema that drifts from its core type makes this fail to compile. */
const _sameAsCore: Same<z.output<typeof diffViewSchema>, DiffView> = true;
