import { type ActFlags, act } from '../acts.ts';
import type { Context } from '../context.ts';
import { type ExitCode, misuse } from '../exit.ts';
import { fixOf } from '../fixes.ts';

export type AttestInput = ActFlags & {
  readonly fix: string;
  readonly check: string;
  readonly result: string;
  readonly line?: string;
  readonly digest?: string;
  readonly note?: string;
};

/** A person's verdict on a candidate image, bound to its digest by the hub. */
export async function attest(context: Context, input: AttestInput): Promise<ExitCode> {
  const { result } = input;
  if (result !== 'pass' && result !== 'fail') throw misuse(`--result ${result}: expected pass or fail`);
  const fix = await fixOf(context, input.fix);
  const body = {
    do: 'attest',
    gate: input.check,
    result,
    ...(input.line ? { line: input.line } : {}),
    ...(input.digest ? { digest: input.digest } : {}),
    ...(input.note ? { note: input.note } : {}),
  };
  return await act(context, { fix, body, label: `Attest ${input.check} of ${fix}` }, input);
}
