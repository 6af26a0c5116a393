/** What a decision returns when it may be refused: a value, or the reason there is none. */
export type Result<T, E> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });
export const fail = <E>(error: E): { readonly ok: false; readonly error: E } => ({ ok: false, error });

/** Marks the branch a closed union cannot reach; a new member makes the call fail to compile. */
export function exhaustive(never: never): never {
  throw new Error(`not a member of its closed set: ${JSON.stringify(never)}`);
}

/**
 * Why core says no, in the four parts every error of the product has: what, where, allowed, next.
 *
 * `code` is a key of the problem registry (wire/problems.ts), which adds HTTP status, exit code and
 * who must act. `whoCan`: people or roles that may do it. `next`: commands ready to paste.
 */
export type Refusal = {
  readonly code: RefusalCode;
  readonly detail: string;
  readonly whoCan?: readonly string[];
  readonly next?: readonly string[];
};

export type RefusalCode =
  | 'wrong-state'
  | 'stale-version'
  | 'not-allowed'
  | 'two-person-rule'
  | 'gate-not-met'
  | 'checklist-open'
  | 'approval-missing'
  | 'plan-unknown'
  | 'plan-expired'
  | 'unknown-line'
  | 'unknown-target'
  | 'invalid';

export const refuse = (code: RefusalCode, detail: string, more: Omit<Refusal, 'code' | 'detail'> = {}) =>
  fail<Refusal>({ code, detail, ...more });
