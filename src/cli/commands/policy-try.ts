import { durationText, MINUTE } from '../../core/base/instant.ts';
import type { Tried } from '../../core/views/list-view.ts';
import { readPolicyFile } from '../alone/read-policy.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { type Paper, screen } from '../render/paper.ts';
import { table } from '../render/table.ts';

/** Plays a recorded rollout under another policy's pace. Changes nothing. */
export async function policyTry(context: Context, input: { file: string; on: string }): Promise<ExitCode> {
  const fix = await fixOf(context, input.on);
  const pace = await readPolicyFile(input.file, context.io.stdin);
  const value = await context.client.post<Tried>({ path: `/fixes/${fix}/try`, body: { pace } });
  await context.out.print({ value, names: [fix], text: (paper) => screen(lines(value, paper), paper) });
  return EXIT.done;
}

function lines({ fix, plan, budget, recorded, tried }: Tried, paper: Paper): string[] {
  const row = (name: string, it: Tried['recorded'], harmBudget: number) => [
    name,
    String(harmBudget),
    String(it.started),
    String(it.broken),
    it.halted ? 'halted' : 'through',
    at(it.t50Min),
    at(it.t95Min),
    at(it.t100Min),
  ];
  const titles = ['', 'BUDGET', 'STARTED', 'BROKEN', 'END', '50 %', '95 %', '100 %'];
  return [
    `${fix}, plan ${plan}: as it was, and as it would have gone; who was never started does as another did`,
    ...table(
      titles.map((title) => ({ title })),
      [row('recorded', recorded, budget.recorded), row('tried', tried, budget.tried)],
      paper,
    ),
  ];
}

const at = (minutes: number | undefined): string =>
  minutes === undefined ? 'never' : durationText(Math.round(minutes) * MINUTE);
