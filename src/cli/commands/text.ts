import type { FixText } from '../../core/texts/text-kinds.ts';
import { readText } from '../alone/read-text.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { cleanText } from '../render/paper.ts';

const TEMPLATE_BYTES_MAX = 64 * 1024;

/** A text of a fix from its record, in Markdown: for everybody, for support, or for customers. */
export async function text(
  context: Context,
  input: {
    readonly fix: string;
    readonly kind: string;
    readonly template?: string;
    readonly allow?: readonly string[];
  },
): Promise<ExitCode> {
  const template =
    input.template === undefined
      ? undefined
      : await readText(input.template, context.io.stdin, TEMPLATE_BYTES_MAX);
  const fix = await fixOf(context, input.fix);
  const path = `/fixes/${fix}/texts/${input.kind}`;
  const made =
    template === undefined && input.allow === undefined
      ? await context.client.get<FixText>(path)
      : await context.client.post<FixText>({
          path,
          body: { ...(template !== undefined && { template }), ...(input.allow && { allow: input.allow }) },
        });
  await context.out.print({
    value: made,
    names: made.images.map(({ digest }) => digest),
    text: () => cleanText(made.text),
  });
  return EXIT.done;
}
