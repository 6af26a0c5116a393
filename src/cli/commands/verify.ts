import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { renderVerified } from '../render/lists.ts';
import type { Verified } from '../shapes.ts';

/** Proves the ledger's chain of hashes, of one fix or of all. A chain that does not hold is exit 5. */
export async function verify(context: Context, input: { fix?: string }): Promise<ExitCode> {
  const fix = input.fix === undefined ? undefined : await fixOf(context, input.fix);
  const value = await context.client.get<Verified>('/verify', { fix });
  const names = value.fixes.filter((f) => !f.verified).map((f) => f.fix);
  await context.out.print({ value, names, text: (paper) => renderVerified(value, paper) });
  return value.verified ? EXIT.done : EXIT.failed;
}
