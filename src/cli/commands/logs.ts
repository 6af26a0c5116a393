import type { FixView } from '../../core/views/fix-view.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode, misuse } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { cleanText } from '../render/paper.ts';

/** What a build or a gate printed, without anything that could move a terminal. */
export async function logs(
  context: Context,
  input: { fix: string; stage: string; line?: string },
): Promise<ExitCode> {
  if (input.stage !== 'build' && input.stage !== 'proof')
    throw misuse(`--stage ${input.stage}: expected build or proof`);
  const fix = await fixOf(context, input.fix);
  const line = input.line ?? (await onlyLine(context, fix));
  const response = await context.client.raw('GET', `/api/fixes/${fix}/logs`, {
    query: { stage: input.stage, line },
    headers: { accept: 'text/plain' },
  });
  const text = await response.text();
  if (context.out.format === 'json')
    context.out.data(`${JSON.stringify({ fix, stage: input.stage, line, text })}\n`);
  else context.out.data(text === '' || text.endsWith('\n') ? cleanText(text) : `${cleanText(text)}\n`);
  return EXIT.done;
}

async function onlyLine(context: Context, fix: string): Promise<string> {
  const { lines } = await context.client.get<FixView>(`/fixes/${fix}`);
  const [only, ...more] = lines;
  if (only && more.length === 0) return only.line;
  const names = lines.map((line) => line.line).join(', ');
  throw misuse(only ? `--line is missing: expected one of ${names}` : `${fix} has no lines yet`);
}
