import type { Digest } from '../base/ids.ts';
import type { Instant, Ms } from '../base/instant.ts';
import type { Role } from '../base/roles.ts';
import { againText, type Looks } from './look-again.ts';

/**
 * What the hub runs for a gate. command: a program on a clean tree of the candidate. scope: whether the change is a fix of what
 * exists. own-test: the tests that the fix brings fail without it and pass with it. image: what the registry serves is the
 * candidate.
 */
export const CHECKS = ['command', 'scope', 'own-test', 'image'] as const;
export type CheckKind = (typeof CHECKS)[number];

/** What a candidate must pass: a check that the hub runs, or the word of a person. */
export type Gate = {
  readonly name: string;
  readonly component: string;
  /** Absent: people attest it. */
  readonly check?: CheckKind;
  /** Who may attest it; beside a check: who may answer what it leaves unclear. */
  readonly attestBy?: Role;
  /** How long it takes, as its owners say; what is measured counts more. */
  readonly takesMs?: Ms;
};

/**
 * Which gates must be met before delivery, which may follow it as debt, and which only watch: those run after delivery, hold
 * up nothing, and tell what the others have missed.
 */
export const LANES = ['before', 'after', 'shadow'] as const satisfies readonly (keyof Lane)[];
export type Lane = {
  readonly before: readonly string[];
  readonly after: readonly LateGate[];
  readonly shadow: readonly string[];
};

/** `withinMs`: from the start of the delivery. `owner`: who sees to it; absent: who attests the gate, or an engineer. */
export type LateGate = { readonly gate: string; readonly withinMs: Ms; readonly owner?: string };

/** Something a check found, for people to look at. `line`: from 1, in the file as it is in the candidate. */
export type Finding = { readonly text: string; readonly path?: string; readonly line?: number };

/** More than these are cut off, and counted in a last one. */
export const FINDINGS_MAX = 20;

/** The first of them, and how many more there are. */
export const someFindings = (all: readonly Finding[]): readonly Finding[] =>
  all.length <= FINDINGS_MAX
    ? all
    : [...all.slice(0, FINDINGS_MAX - 1), { text: `and ${all.length - FINDINGS_MAX + 1} more` }];

/** unclear: a check that raises a question, which a person answers. */
export const RESULTS = ['pass', 'fail', 'unclear'] as const;
export type GateResult = (typeof RESULTS)[number];

/** `flaky`: failed first and passed at last, where somebody looked. */
export type TestCounts = {
  readonly tests: number;
  readonly failures: number;
  readonly skipped: number;
  readonly flaky?: number;
};

/** One verdict on one image. Bound to the digest: another build needs another verdict. */
export type Evidence = {
  readonly gate: string;
  readonly line: string;
  readonly digest: Digest;
  readonly result: GateResult;
  readonly by: string;
  readonly at: Instant;
  readonly note?: string;
  readonly counts?: TestCounts;
  readonly findings?: readonly Finding[];
  /** Of a check that the hub ran. */
  readonly tookMs?: Ms;
  /** What it lacks may come yet: how often it was looked for. */
  readonly looks?: Looks;
  /** It was asked for anew: it is kept for the record and counts for nothing. */
  readonly retried?: true;
};

/** A gate passed over by name, for a time. */
export type Waiver = {
  readonly gate: string;
  readonly by: string;
  readonly reason: string;
  readonly at: Instant;
  readonly expiresAt: Instant;
};

export const GATE_STATES = ['met', 'failed', 'unclear', 'missing', 'waived'] as const;
export type GateState = (typeof GATE_STATES)[number];

export type GateStanding = {
  readonly gate: string;
  readonly line: string;
  readonly state: GateState;
  readonly because: string;
  /** When a waiver ends this standing by itself. */
  readonly until?: Instant;
  /** What was found on this image, also where a person has answered since. */
  readonly findings?: readonly Finding[];
};

export type OnImage = Pick<Evidence, 'gate' | 'line' | 'digest'>;

/** Whether both are about one gate on one image of one line. */
export const isOn = (e: OnImage, on: OnImage): boolean =>
  e.gate === on.gate && e.line === on.line && e.digest === on.digest;

/** What counts on one image, oldest first: a verdict that is asked for anew takes those before it along. */
export function evidenceOn(evidence: readonly Evidence[], on: OnImage): Evidence[] {
  const all = evidence.filter((e) => isOn(e, on));
  return all.slice(all.findLastIndex((e) => e.retried) + 1);
}

/** The same with every verdict asked for anew that the hub gave last, and that is no pass. What a person said last stands. */
export const askedAnew = (evidence: readonly Evidence[], hub: string): Evidence[] =>
  evidence.map((e, at) => {
    const isLast = !evidence.some((later, i) => i > at && isOn(later, e));
    return isLast && e.by === hub && e.result !== 'pass' ? { ...e, retried: true } : e;
  });

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
  const onImage = evidenceOn(input.evidence, input);
  const latest = onImage.at(-1);
  const findings = onImage.findLast((e) => e.findings !== undefined)?.findings;
  const is = (state: GateState, because: string) => ({
    gate,
    line,
    state,
    because,
    ...(findings && { findings }),
  });
  if (latest?.result === 'pass') return is('met', passedText(latest));
  if (waiver) {
    const because = `waived by ${waiver.by}: ${waiver.reason}`;
    return { ...is('waived', because), until: waiver.expiresAt };
  }
  if (latest?.result === 'unclear') return is('unclear', latest.note ?? 'a person decides');
  if (latest) return is('failed', `${latest.note ?? `failed, said ${latest.by}`}${againText(latest.looks)}`);
  const other = input.evidence.some((e) => e.gate === gate && e.line === line && e.digest !== digest);
  return is('missing', other ? 'evidence is for another digest' : 'no evidence yet');
}

const passedText = ({ by, note }: Evidence): string =>
  note === undefined ? `passed by ${by}` : `passed by ${by}: ${note}`;

/** Names a gate on a line, for debts on the ledger. */
export const debtKey = ({ gate, line }: Pick<GateStanding, 'gate' | 'line'>): string => `${gate} ${line}`;

/** A gate lets a line through when it is met or waived. */
export const isOpen = (s: GateStanding): boolean => s.state === 'met' || s.state === 'waived';
