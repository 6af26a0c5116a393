import type { ProblemCode } from '../../wire/problems.ts';

/** What a problem means and what ends it, for its page at /docs/problems/<code>. */
export const PROBLEM_TEXTS: Readonly<Record<ProblemCode, { readonly means: string; readonly next: string }>> =
  {
    'wrong-state': {
      means:
        'The fix is in a state in which this act makes no sense: it is too early, too late, or done already.',
      next: 'Look at the fix with `fleetfix status FIX`. The list of actions there says what is possible now.',
    },
    'stale-version': {
      means:
        'You acted on a version of the fix that is no longer the newest. Nothing was done, so that no act rests on an old view.',
      next: 'Read the fix again and repeat the act if it is still right. `version` in the answer is the version now.',
    },
    'not-allowed': {
      means: 'None of your roles may do this.',
      next: '`whoCan` names the roles or people who can. An admin gives roles.',
    },
    'two-person-rule': {
      means: 'The policy asks for a second person. Nobody approves a plan for a fix they declared.',
      next: 'Ask one of those in `whoCan`.',
    },
    'gate-not-met': {
      means: 'A gate that must be met before delivery has failed, or there is no evidence for it yet.',
      next: 'Bring the evidence (`fleetfix attest`), or have the gate waived by name (`fleetfix waive`).',
    },
    'checklist-open': {
      means:
        'The policy asks that a delivered fix is closed only when every item of its checklist was shown, or waived by name.',
      next: 'Show what is open (`fleetfix checklist FIX`, then `fleetfix show FIX --item NAME`), or have it waived (`fleetfix waive FIX --item NAME`).',
    },
    'approval-missing': {
      means: 'The plan has fewer approvals than the policy asks for.',
      next: 'Show the plan to an approver: `fleetfix plan FIX`, then `fleetfix approve FIX --plan PLAN`.',
    },
    'plan-unknown': {
      means: 'There is no plan with this id for this fix.',
      next: 'Make one with `fleetfix plan FIX` and use the id it prints.',
    },
    'plan-expired': {
      means: 'The plan is past its time, or the fleet or the fix has changed since it was made.',
      next: 'Make a new one with `fleetfix plan FIX` and have it approved.',
    },
    'unknown-line': {
      means: 'The fix has no line with this name.',
      next: '`fleetfix describe FIX` lists the lines.',
    },
    'unknown-target': {
      means: 'No living control plane has this name or uid.',
      next: '`fleetfix get targets --for FIX` lists the control planes.',
    },
    invalid: {
      means: 'The request is well formed, but what it asks for cannot be right.',
      next: '`detail` says what was found and what is allowed.',
    },
    unauthenticated: {
      means: 'The request has no token, or one that is unknown or was revoked.',
      next: '`fleetfix login` keeps a token; the API takes it as `Authorization: Bearer TOKEN`.',
    },
    forbidden: {
      means: 'Your roles do not allow this.',
      next: 'Ask an admin for the role that `detail` names.',
    },
    'fix-unknown': { means: 'There is no fix with this id.', next: '`fleetfix status` lists the fixes.' },
    'not-found': {
      means: 'Nothing is at this address.',
      next: '/openapi.json lists every address of the API.',
    },
    'bad-request': {
      means: 'A part of the request is missing, of the wrong kind, or not known.',
      next: '`detail` names the place of each fault and what was expected there.',
    },
    'key-missing': {
      means:
        'An act has no Idempotency-Key. With one, an act that is sent twice (a lost answer, a second click) is done once.',
      next: 'Send a new key for every act, and the same key when you try one again.',
    },
    'key-reused': {
      means: 'This Idempotency-Key was used for another request within the last 7 days.',
      next: 'Send a new key.',
    },
    'version-missing': {
      means: 'An act that widens what happens must say which version of the fix you have seen.',
      next: 'Send the ETag of the fix as `If-Match: "12"`. Pause and rollback need none.',
    },
    'too-large': {
      means: 'The body is larger than this request may have; `detail` says how large that is.',
      next: 'Send less at once.',
    },
    'source-problem': {
      means: 'The repository cannot be read, or the change names a commit that is not in it.',
      next: '`detail` names what is missing. `fleetfix doctor` looks at every configured repository.',
    },
    'storage-down': {
      means: 'The hub cannot reach its database. Nothing was recorded.',
      next: 'Try again with the same Idempotency-Key. If it lasts, look at /readyz and at the database.',
    },
    'too-many-streams': {
      means: 'The hub serves a limited number of live streams, and all are taken.',
      next: 'Close pages that are not needed, or add a hub. Reading and acting are not affected.',
    },
    'too-many-requests': {
      means: 'More was asked in a minute than the hub takes from one place. Nothing was done.',
      next: 'Wait for the time in Retry-After, then try again.',
    },
    'impossible-state': {
      means: 'The hub met something that must never be. It is a defect of the product, not of your request.',
      next: 'Report it with the Request-Id of the answer; the log of the hub has the rest under that id.',
    },
  };
