import { z } from 'zod';
import type { FixId, PlanId } from '../core/base/ids.ts';

/** An id that core types narrower than text. Checked by pattern, typed by `Id`. */
export const idLike = <Id extends string>(pattern: RegExp, says: string) =>
  z.string().regex(pattern, says) as unknown as z.ZodType<Id, Id>;

export const fixIdSchema = idLike<FixId>(/^FIX-[1-9]\d{0,8}$/, 'expected FIX- and a number, such as FIX-12');
export const planIdSchema = idLike<PlanId>(/^P-[0-9a-f]{8}$/, 'expected P- and 8 hex digits');
