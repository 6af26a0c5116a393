import { type ActFlags, act } from '../acts.ts';
import { askText } from '../ask.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { hubDeadlineOf } from '../times.ts';

export type ExcludeInput = ActFlags & {
  readonly fix: string;
  readonly target: string;
  readonly until: string;
  readonly reason?: string;
};

/** Takes one control plane out by name, until a time. It stays exposed, and accounted for. */
export async function exclude(context: Context, input: ExcludeInput): Promise<ExitCode> {
  const { io } = context;
  const until = await hubDeadlineOf(input.until, '--until', context);
  const reason = input.reason ?? (await askText(io, '--reason', `Why leave out ${input.target}?`));
  const fix = await fixOf(context, input.fix);
  const body = { do: 'exclude', target: input.target, until, reason };
  return await act(context, { fix, body, label: `Exclude ${input.target} from ${fix}` }, input);
}
