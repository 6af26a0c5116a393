import { z } from 'zod';
import { changeSchema, commit } from './api.ts';

const id = z.union([z.string().max(1_024), z.number()], { error: 'expected a text or a number' });
const change = z.union([z.array(z.string()).min(1).max(2_000), changeSchema], {
  error: 'expected commits, such as ["5cd2f01a"] or ["A..B"], or a change with its kind',
});

/**
 * One line of `fleetfix assemble --batch`. What is not named here is told in a warning rather than refused, so that
 * a file may hold more than is asked.
 */
export const batchLineSchema = z.looseObject({
  /** Given back with the result; default: `onto` as it is written. */
  id: id.optional(),
  /** Commits or one range `A..B`; or a change of another kind, as the API has it. */
  change,
  onto: commit,
  /** Changes the line carries and the candidate must keep, in order: each a commit or a merge. */
  carry: z.array(commit).max(100).optional(),
  /** Prerequisites to put on before the change. */
  with: z.array(commit).max(1_000).optional(),
  /** Answers as if no later commit were there. */
  asOf: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text).toISOString())
    .optional(),
});
export type BatchLine = z.output<typeof batchLineSchema>;

/** The members of a line that mean something. */
export const BATCH_MEMBERS: readonly string[] = Object.keys(batchLineSchema.shape);
