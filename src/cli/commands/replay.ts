import type { Replayed } from '../../core/views/list-view.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { screen } from '../render/paper.ts';

/** Makes every decision of a fix again from its ledger. One that differs is exit 5, with both sides of it. */
export async function replay(context: Context, input: { fix: string }): Promise<ExitCode> {
  const fix = await fixOf(context, input.fix);
  const value = await context.client.get<Replayed>(`/fixes/${fix}/replay`);
  await context.out.print({
    value,
    names: value.same ? [] : [fix],
    text: (paper) => screen(lines(value), paper),
  });
  return value.same ? EXIT.done : EXIT.failed;
}

function lines(it: Replayed): string[] {
  const many = `${it.decisions} decision${it.decisions === 1 ? '' : 's'}`;
  if (it.same) return [`${it.fix}: ${many} made again from the ledger, every one the same`];
  const next = it.recorded ? [`  next: fleetfix replay ${it.fix} -o json   (both sides of it)`] : [];
  return [`${it.fix}: NOT THE SAME after ${many}: ${it.because}`, ...next];
}
