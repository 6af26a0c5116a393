import type { Reports } from '../../core/verdict/reports.ts';
import { type Verdict, type VerdictPolicy, verdictOf } from '../../core/verdict/verdict.ts';
import type { Context } from '../context.ts';
import { Ending, EXIT, type ExitCode, misuse } from '../exit.ts';
import { renderVerdict } from './verdict-render.ts';

const EXITS: Readonly<Record<Verdict['result'], ExitCode>> = {
  pass: EXIT.done,
  fail: EXIT.failed,
  none: EXIT.refused,
};

/** Says what the reports of one run come to. Exit 0: it passed; 5: something failed; 4: they do not say. */
export async function readVerdict(
  context: Context,
  files: readonly string[],
  { flaky, repeated, totals }: VerdictPolicy,
): Promise<ExitCode> {
  const verdict = verdictOf(await reportsOf(context, files), { flaky, repeated, totals });
  await context.out.print({
    value: verdict,
    names: verdict.failed.first.map(({ test }) => test),
    text: (paper) => renderVerdict(verdict, paper),
  });
  return EXITS[verdict.result];
}

/** All reports in files and folders. Throws a misuse: one is not there, or there are too many. */
export async function reportsOf({ io }: Context, files: readonly string[]): Promise<Reports> {
  const read = io.alone?.reports;
  if (!read) throw new Ending(EXIT.ours, 'no report can be read from here');
  const twice = files.find((file, i) => files.indexOf(file) !== i);
  // Read twice, each of its tests would seem to have been tried twice.
  if (twice !== undefined) throw misuse(`${twice} is named twice, expected once`);
  const reports = await read(files);
  if (!reports.ok) throw misuse(reports.error);
  return reports.value;
}
