import type { Digest } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';
import type { Role } from '../base/roles.ts';

/** A check a candidate must pass: run by us, or attested by a person with `attestBy`. */
export type Gate = {
  readonly name: string;
  readonly component: string;
  /** Role that may attest; absent for a gate the hub runs. */
  readonly attestBy?: Role;
};

/** Which gates must be met before delivery and which may follow it as debt. */
export type Lane = { readonly before: readonly string[]; readonly after: readonly string[] };

export type TestCounts = { readonly tests: number; readonly failures: number; readonly skipped: number };

/** One verdict on one image. Bound to the digest: another build needs another verdict. */
export type Evidence = {
  readonly gate: string;
  readonly line: string;
  readonly digest: Digest;
  readonly result: 'pass' | 'fail';
  readonly by: string;
  readonly at: Instant;
  readonly note?: string;
  readonly counts?: TestCounts;
};

/** A gate passed over by name, for a time. */
export type Waiver = {
  readonly gate: string;
  readonly by: string;
  readonly reason: string;
  readonly at: Instant;
  readonly expiresAt: Instant;
};

export type GateState = 'met' | 'failed' | 'missing' | 'waived';

export type GateStanding = {
  readonly gate: string;
  readonly line: string;
  readonly state: GateState;
  readonly because: string;
  /** When a waiver ends this standing by itself. */
  readonly until?: Instant;
};

/**
 * Where a gate stands on the image a line would deliver. Only evidence on that digest counts, the
 * latest wins, and a waiver counts until it expires. A failure is not hidden by an older pass.
 */
export function standing(input: {
  readonly gate: string;
  readonly line: string;
  readonly digest: Digest;
  readonly evidence: readonly Evidence[];
  readonly waivers: readonly Waiver[];
  readonly now: Instant;
}): GateStanding {
  const { gate, line, digest, now } = input;
  const waiver = input.waivers.findLast((w) => w.gate === gate && w.expiresAt > now);
  const latest = input.evidence.findLast((e) => e.gate === gate && e.line === line && e.digest === digest);
  if (latest?.result === 'pass') return { gate, line, state: 'met', because: `passed by ${latest.by}` };
  if (waiver) {
    const because = `waived by ${waiver.by}: ${waiver.reason}`;
    return { gate, line, state: 'waived', because, until: waiver.expiresAt };
  }
  if (latest) return { gate, line, state: 'failed', because: latest.note ?? `failed, said ${latest.by}` };
  const other = input.evidence.some((e) => e.gate === gate && e.line === line);
  return {
    gate,
    line,
    state: 'missing',
    because: other ? 'evidence is for another digest' : 'no evidence yet',
  };
}

/** A gate lets a line through when it is met or waived. */
export const isOpen = (s: GateStanding): boolean => s.state === 'met' || s.state === 'waived';
