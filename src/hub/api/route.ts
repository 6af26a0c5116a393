import { type RouteConfig, z } from '@hono/zod-openapi';
import { fixIdSchema } from '../../wire/ids.ts';
import { PROBLEMS, type ProblemCode } from '../../wire/problems.ts';
import { ProblemAnswer } from './answers.ts';
import { problemOf } from './fault.ts';

/** What every route under /api may answer besides its own: nobody logged in, no role, ours, the database's. */
const COMMON: readonly ProblemCode[] = [
  'bad-request',
  'unauthenticated',
  'forbidden',
  'storage-down',
  'impossible-state',
];

/**
 * Problem answers of a route, for the document. They are thrown, never returned (see fault.ts), so
 * they add nothing to the type of what a route returns.
 */
export function problems(...own: ProblemCode[]): Record<never, never> {
  const codes = [...new Set([...COMMON, ...own])];
  const byStatus = Map.groupBy(codes, (code) => PROBLEMS[code].status);
  const responses: RouteConfig['responses'] = {};
  for (const [status, group] of byStatus) {
    responses[status] = {
      description: group.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('; '),
      content: { 'application/problem+json': { schema: ProblemAnswer, examples: examplesOf(group) } },
    };
  }
  return responses;
}

const examplesOf = (codes: readonly ProblemCode[]) =>
  Object.fromEntries(
    codes.map((code) => [code, { value: problemOf({ code, detail: PROBLEMS[code].title }, 'example') }]),
  );

/** A JSON answer of a route. */
export const json = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
});

/** An answer that is not JSON: documented with its media type, returned as a plain Response. */
export const raw = (description: string, mediaType: string): { description: string } =>
  Object.assign({ description }, { content: { [mediaType]: { schema: z.string() } } });

export const fixParams = z.object({ id: fixIdSchema });

/** `true` or `false` in a query. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
