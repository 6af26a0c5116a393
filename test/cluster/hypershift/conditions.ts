import type { Thing } from '../api.ts';
import type { Pretended } from './place.ts';

/** A status with its reason. */
export type Verdict = {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message?: string;
};
export type Verdicts = Readonly<Record<string, Verdict>>;

export const isTrue = (reason = 'AsExpected'): Verdict => ({ status: 'True', reason });
export const isFalse = (reason = 'AsExpected', message = ''): Verdict => ({
  status: 'False',
  reason,
  message,
});
export const isUnknown = (reason: string): Verdict => ({ status: 'Unknown', reason });
export const verdict = (holds: boolean, reason: string): Verdict => (holds ? isTrue() : isFalse(reason));

export const conditionIn = (object: Thing | undefined, type: string): Thing | undefined =>
  (object?.status?.conditions as Thing[] | undefined)?.find((c) => c.type === type);

/** To seconds, as Kubernetes writes it. */
export const nowText = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

/**
 * The conditions with these verdicts brought in; a time of transition moves with the status alone. What is pretended stands above
 * all. The array given, when nothing changes.
 */
export function withVerdicts(
  before: readonly Thing[],
  verdicts: Verdicts,
  pretended: Readonly<Record<string, Pretended>> = {},
): readonly Thing[] {
  const at = nowText();
  // What was only pretended goes when that ends.
  const kept = before.filter((c) => c.reason !== PRETENDED).map((c) => c.type as string);
  const types = [...new Set([...kept, ...Object.keys(verdicts), ...Object.keys(pretended)])];
  const after = types.map((type) => {
    const was = before.find((c) => c.type === type);
    const forced = pretended[type];
    const is = forced ? { status: forced.status, reason: PRETENDED } : verdicts[type];
    if (is === undefined) return was;
    const lastTransitionTime = forced?.sinceAt ?? (was?.status === is.status ? was.lastTransitionTime : at);
    return { type, message: '', ...is, lastTransitionTime };
  });
  const isUnchanged =
    after.length === before.length && after.every((c) => before.some((was) => isSame(c, was)));
  return isUnchanged ? before : (after as Thing[]);
}

const PRETENDED = 'Pretended';

const isSame = (a: Thing | undefined, b: Thing | undefined): boolean =>
  ['type', 'status', 'reason', 'message', 'lastTransitionTime'].every((key) => a?.[key] === b?.[key]);
