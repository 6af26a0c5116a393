import { type ActFlags, act } from '../acts.ts';
import { askText } from '../ask.ts';
import type { Context } from '../context.ts';
import { type ExitCode, misuse } from '../exit.ts';
import { fixOf } from '../fixes.ts';

export type RollbackInput = ActFlags & {
  readonly fix: string;
  readonly target?: string;
  readonly stage?: string;
  readonly wave?: number;
  readonly all?: boolean;
  readonly reason?: string;
};

/** Takes control planes back to what ran before: one, a stage, what started together, or all. Exposes them again. */
export async function rollback(context: Context, input: RollbackInput): Promise<ExitCode> {
  const { target, stage, wave } = input;
  const given = [target, stage, wave, input.all || undefined].filter((part) => part !== undefined);
  if (given.length > 1) throw misuse('expected one of --target, --stage, --wave, --all');
  const fix = await fixOf(context, input.fix);
  const part = target ?? (stage && `stage ${stage}`) ?? (wave && `wave ${wave}`);
  const what = `${part ?? 'all'} of ${fix}`;
  const reason = input.reason ?? (await askText(context.io, '--reason', `Why roll back ${what}?`));
  const body = {
    do: 'rollback',
    reason,
    ...(target ? { target } : {}),
    ...(stage ? { stage } : {}),
    ...(wave ? { wave } : {}),
  };
  const confirm = part ? 'yes' : 'id';
  return await act(
    context,
    { fix, body, label: `Roll back ${what}; they are exposed again`, confirm },
    input,
  );
}
