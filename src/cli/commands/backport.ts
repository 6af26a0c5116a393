import { type ActFlags, act, preview } from '../acts.ts';
import type { Context } from '../context.ts';
import { type ExitCode, misuse } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { revisionsOf } from '../rev.ts';

export type BackportInput = ActFlags & {
  readonly fix: string;
  readonly to?: string;
  readonly with?: string;
  /** `LINE=REASON`, once for each line that has no such defect. */
  readonly not?: readonly string[];
};

/** Assembles again: on the lines named, with prerequisites a person chose, or leaving out lines not affected. */
export async function backport(context: Context, input: BackportInput): Promise<ExitCode> {
  const not = (input.not ?? []).map(notOf);
  const prerequisites = input.with === undefined ? undefined : revisionsOf(input.with, '--with');
  const to = input.to?.split(',').filter((line) => line !== '');
  const fix = await fixOf(context, input.fix);
  const { version } = await preview(context, fix);
  const body = {
    do: 'backport',
    ...(to ? { to } : {}),
    ...(prerequisites ? { with: prerequisites } : {}),
    ...(not.length > 0 ? { not } : {}),
  };
  return await act(context, { fix, body, seen: version, label: `Assemble ${fix} again` }, input);
}

function notOf(text: string): { line: string; reason: string } {
  const [line = '', reason = ''] = text.split(/=(.*)/s);
  if (line === '' || reason.trim() === '')
    throw misuse(`--not ${text}: expected LINE=REASON, such as --not "4.17=no defrag path"`);
  return { line, reason: reason.trim() };
}
