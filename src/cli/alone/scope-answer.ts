import type { ScopeStanding } from '../../core/scope/standing.ts';
import type { ScopeVerdict } from '../../core/scope/verdict.ts';

/** The verdict, and where it stands by the policy when nobody has said anything yet. */
export type ScopeAnswer = ScopeVerdict & Pick<ScopeStanding, 'standing' | 'open'> & { readonly next: string };
