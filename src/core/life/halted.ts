import type { FixId } from '../base/ids.ts';
import type { Fix } from './fix.ts';

/** Whether a fix was judged bad or taken back: no image may bring it along any more. */
export const isHalted = (fixes: readonly Fix[], id: FixId): boolean =>
  fixes.find((f) => f.id === id)?.rollout?.halted !== undefined;
