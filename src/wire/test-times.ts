import { z } from 'zod';
import { TIMED_RESULTS, type TimedTestPage } from '../core/select/test-times.ts';
import type { Same } from './same.ts';

const count = z.number().int();
const seconds = z.number();

const timedTest = z.object({
  id: z.string(),
  suites: z.array(z.string()).readonly(),
  file: z.string(),
  classname: z.string(),
  name: z.string(),
  seconds,
  runs: count,
  failed: count,
  flaky: count,
  seenAt: z.string(),
  last: z.array(z.object({ run: count, seconds, result: z.enum(TIMED_RESULTS) })).readonly(),
});

/** `because`: why there are none, where there are none. */
export type TimedTestsAnswer = TimedTestPage & { readonly because?: string };

export const timedTestPageSchema = z.object({
  items: z.array(timedTest).readonly(),
  total: count,
  next: z.string().exactOptional(),
  because: z.string().exactOptional(),
});

/** A schema that drifts from its core type makes this fail to compile. */
const _sameAsCore: Same<z.output<typeof timedTestPageSchema>, TimedTestsAnswer> = true;
