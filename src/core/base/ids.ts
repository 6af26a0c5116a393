/** `FIX-` and a number from 1, given by the ledger in order of declaration. */
export type FixId = `FIX-${number}`;

/** An image digest, `sha256:` and 64 lower-case hex digits. The only way an image is ever named. */
export type Digest = `sha256:${string}`;

/** A full git commit id: 40 (or 64) lower-case hex digits. */
export type Commit = string;

/** `P-` and the first 8 hex digits of the plan's hash. The full hash is in the plan. */
export type PlanId = `P-${string}`;

/** A control plane's uid as its API server gave it. Names may be reused; uids never are. */
export type Uid = string;

export const isFixId = (text: string): text is FixId => /^FIX-[1-9]\d{0,8}$/.test(text);
export const isDigest = (text: string): text is Digest => /^sha256:[0-9a-f]{64}$/.test(text);
export const isCommit = (text: string): text is Commit => /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
export const isPlanId = (text: string): text is PlanId => /^P-[0-9a-f]{8}$/.test(text);

/** Shortened for people: `5cd2f01a9b3c` of a digest or commit. Never used to look anything up. */
export const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);
