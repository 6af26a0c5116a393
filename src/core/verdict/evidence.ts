import { fail, ok, type Result } from '../base/result.ts';
import type { Verdict } from './verdict.ts';

/** What a verdict gives as evidence on one image, short enough to be kept with it. */
export type VerdictEvidence = {
  readonly result: 'pass' | 'fail';
  readonly note: string;
  readonly counts: {
    readonly tests: number;
    readonly failures: number;
    readonly skipped: number;
    readonly flaky: number;
  };
  /** The first names; `counts` says how many there are. */
  readonly failed: readonly string[];
  readonly flaky: readonly string[];
};

const NAMES_MAX = 20;
const NAME_CHARS_MAX = 200;
const NOTE_CHARS_MAX = 500;

/** A verdict as evidence. The error says why there is none: what nobody ran proves nothing, neither good nor bad. */
export function evidenceOf(verdict: Verdict): Result<VerdictEvidence, string> {
  const { result, because, counts, failed, flaky } = verdict;
  if (result === 'none') return fail(because);
  const names = (list: Verdict['failed']) =>
    list.first.slice(0, NAMES_MAX).map(({ test }) => test.slice(0, NAME_CHARS_MAX));
  return ok({
    result,
    note: because.slice(0, NOTE_CHARS_MAX),
    counts: {
      tests: counts.tests,
      failures: counts.failures,
      skipped: counts.skipped,
      flaky: counts.flaky,
    },
    failed: names(failed),
    flaky: names(flaky),
  });
}
