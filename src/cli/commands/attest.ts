import { type ActFlags, act } from '../acts.ts';
import type { Context } from '../context.ts';
import { type ExitCode, misuse } from '../exit.ts';
import { fixOf } from '../fixes.ts';

export type AttestInput = ActFlags & {
  readonly fix: string;
  readonly check: string;
  readonly result?: string;
  readonly junit?: readonly string[];
  readonly flaky: string;
  readonly line?: string;
  readonly digest?: string;
  readonly note?: string;
};

/** A person's verdict on a candidate image, bound to its digest by the hub; with reports, what those come to. */
export async function attest(context: Context, input: AttestInput): Promise<ExitCode> {
  const word = input.junit === undefined ? givenWord(input) : await reported(context, input, input.junit);
  const fix = await fixOf(context, input.fix);
  const body = {
    do: 'attest',
    gate: input.check,
    ...word,
    ...(input.line ? { line: input.line } : {}),
    ...(input.digest ? { digest: input.digest } : {}),
  };
  return await act(context, { fix, body, label: `Attest ${input.check} of ${fix}` }, input);
}

function givenWord({ result, note }: AttestInput) {
  if (result === undefined)
    throw misuse('--result is missing: expected pass or fail, or --junit with the reports');
  if (result !== 'pass' && result !== 'fail') throw misuse(`--result ${result}: expected pass or fail`);
  return { result, ...(note ? { note } : {}) };
}

async function reported(context: Context, input: AttestInput, files: readonly string[]) {
  const { wordOfReports } = await import('../alone/verdict-word.ts');
  return await wordOfReports(context, files, input);
}
