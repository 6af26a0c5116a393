import { FINDINGS_MAX, type Finding, type TestCounts } from '../../core/proof/proof.ts';
import { evidenceOf } from '../../core/verdict/evidence.ts';
import { USUAL_VERDICT, verdictOf } from '../../core/verdict/verdict.ts';
import type { Context } from '../context.ts';
import { Ending, EXIT, misuse } from '../exit.ts';
import { reportsOf } from './verdict.ts';

/** What the reports of a run come to, as a person's word on an image. */
export type ReportedWord = {
  readonly result: 'pass' | 'fail';
  readonly note: string;
  readonly counts: TestCounts;
  readonly findings?: readonly Finding[];
};

/**
 * Reads the reports and says what they come to. What is said besides must agree: a run that failed is not attested as
 * passed. Ends with exit 4 when they are no verdict at all.
 */
export async function wordOfReports(
  context: Context,
  files: readonly string[],
  said: { readonly result?: string; readonly note?: string; readonly flaky: string },
): Promise<ReportedWord> {
  const { flaky } = said;
  if (flaky !== 'passes' && flaky !== 'fails') throw misuse(`--flaky ${flaky}: expected passes or fails`);
  const evidence = evidenceOf(verdictOf(await reportsOf(context, files), { ...USUAL_VERDICT, flaky }));
  if (!evidence.ok)
    throw new Ending(EXIT.refused, `the reports are no verdict: ${evidence.error}`, [
      `fleetfix verdict read ${files.join(' ')}`,
    ]);
  const { result, note, counts, failed, flaky: flakyOnes } = evidence.value;
  if (said.result !== undefined && said.result !== result)
    throw misuse(`--result ${said.result}: the reports say ${result}: ${note}`);
  const findings = [
    ...failed.map((name) => ({ text: `failed: ${name}` })),
    ...flakyOnes.map((name) => ({ text: `flaky: ${name}` })),
  ];
  return {
    result,
    note: said.note ? `${said.note}; ${note}` : note,
    counts,
    ...(findings.length > 0 && { findings: findings.slice(0, FINDINGS_MAX) }),
  };
}
