import { z } from 'zod';
import { USUAL_SCOPE } from '../core/scope/policy.ts';
import { SIGNALS } from '../core/scope/signal.ts';

const share = z.number().min(0).max(1);

/** When the scope gate lets a change pass, asks, or blocks (docs/scope.md). What is not given is the usual. */
export const scopePolicySchema = z
  .strictObject({
    /** Below this score it is a fix. */
    fixBelow: share.default(USUAL_SCOPE.fixBelow),
    /** From this score on it is a feature. */
    featureFrom: share.default(USUAL_SCOPE.featureFrom),
    /** Signals that block by themselves. */
    blocks: z
      .array(z.enum(SIGNALS))
      .max(SIGNALS.length)
      .default([...USUAL_SCOPE.blocks]),
  })
  .refine((s) => s.fixBelow <= s.featureFrom, 'expected fixBelow to be at most featureFrom');
