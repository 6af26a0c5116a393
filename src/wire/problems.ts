import type { RefusalCode } from '../core/base/result.ts';

/** Who must act for an error to go away. */
export type WhoMustAct = 'caller' | 'approver' | 'operator' | 'upstream' | 'us';

export type ProblemKind = {
  readonly title: string;
  readonly status: number;
  /** Exit code of the CLI (docs/cli.md). */
  readonly exit: 1 | 2 | 3 | 4 | 5 | 6;
  readonly whoMustAct: WhoMustAct;
};

export type ProblemCode =
  | RefusalCode
  | 'unauthenticated'
  | 'forbidden'
  | 'fix-unknown'
  | 'not-found'
  | 'bad-request'
  | 'key-missing'
  | 'key-reused'
  | 'version-missing'
  | 'too-large'
  | 'source-problem'
  | 'storage-down'
  | 'too-many-streams'
  | 'too-many-requests'
  | 'impossible-state';

/** The one registry of errors: API, CLI and docs read it. */
export const PROBLEMS: Readonly<Record<ProblemCode, ProblemKind>> = {
  'wrong-state': { title: 'Not possible in this state', status: 409, exit: 5, whoMustAct: 'caller' },
  'stale-version': { title: 'The world moved since your view', status: 412, exit: 6, whoMustAct: 'caller' },
  'not-allowed': { title: 'Your roles do not allow this', status: 403, exit: 4, whoMustAct: 'operator' },
  'two-person-rule': { title: 'A second person must do this', status: 403, exit: 4, whoMustAct: 'approver' },
  'gate-not-met': { title: 'A gate is not met', status: 409, exit: 4, whoMustAct: 'caller' },
  'checklist-open': { title: 'The closing checklist is open', status: 409, exit: 4, whoMustAct: 'caller' },
  'approval-missing': { title: 'The plan is not approved', status: 409, exit: 4, whoMustAct: 'approver' },
  'plan-unknown': { title: 'No such plan', status: 404, exit: 2, whoMustAct: 'caller' },
  'plan-expired': { title: 'The plan is no longer valid', status: 409, exit: 6, whoMustAct: 'caller' },
  'unknown-line': { title: 'No such line', status: 404, exit: 2, whoMustAct: 'caller' },
  'unknown-target': { title: 'No such control plane', status: 404, exit: 2, whoMustAct: 'caller' },
  invalid: { title: 'Not valid', status: 422, exit: 2, whoMustAct: 'caller' },
  unauthenticated: { title: 'Log in first', status: 401, exit: 4, whoMustAct: 'caller' },
  forbidden: { title: 'Your roles do not allow this', status: 403, exit: 4, whoMustAct: 'operator' },
  'fix-unknown': { title: 'No such fix', status: 404, exit: 2, whoMustAct: 'caller' },
  'not-found': { title: 'Nothing here', status: 404, exit: 2, whoMustAct: 'caller' },
  'bad-request': { title: 'The request is not valid', status: 400, exit: 2, whoMustAct: 'caller' },
  'key-missing': { title: 'Idempotency-Key is missing', status: 400, exit: 2, whoMustAct: 'caller' },
  'key-reused': {
    title: 'Idempotency-Key was used for another request',
    status: 422,
    exit: 2,
    whoMustAct: 'caller',
  },
  'version-missing': { title: 'If-Match is missing', status: 428, exit: 2, whoMustAct: 'caller' },
  'too-large': { title: 'The request is too large', status: 413, exit: 2, whoMustAct: 'caller' },
  'source-problem': {
    title: 'The repository or the change cannot be used',
    status: 422,
    exit: 2,
    whoMustAct: 'caller',
  },
  'storage-down': { title: 'The database cannot be reached', status: 503, exit: 1, whoMustAct: 'operator' },
  'too-many-streams': { title: 'Too many live streams', status: 503, exit: 1, whoMustAct: 'operator' },
  'too-many-requests': { title: 'Too many requests', status: 429, exit: 1, whoMustAct: 'caller' },
  'impossible-state': { title: 'A state that must never be', status: 500, exit: 1, whoMustAct: 'us' },
};
