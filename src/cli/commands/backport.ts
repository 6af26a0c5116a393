import type { FixView, LineView } from '../../core/views/fix-view.ts';
import { type ActFlags, act, preview } from '../acts.ts';
import type { Context } from '../context.ts';
import { type ExitCode, misuse } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { revisionsOf } from '../rev.ts';

export type BackportInput = ActFlags & {
  readonly fix: string;
  readonly to?: string;
  readonly with?: string;
  /** `KIND`, or `KIND=TREE` where the line has two proposals of the kind. */
  readonly accept?: string;
  /** `LINE=REASON`, once for each line that has no such defect. */
  readonly not?: readonly string[];
};

/**
 * Assembles again: on the lines named, with prerequisites or a proposal a person chose, or leaving out lines not
 * affected.
 */
export async function backport(context: Context, input: BackportInput): Promise<ExitCode> {
  const not = (input.not ?? []).map(notOf);
  const prerequisites = input.with === undefined ? undefined : revisionsOf(input.with, '--with');
  const to = input.to?.split(',').filter((line) => line !== '');
  const fix = await fixOf(context, input.fix);
  const view = await preview(context, fix);
  const accept = input.accept === undefined ? undefined : acceptOf(input.accept, to, view);
  const body = {
    do: 'backport',
    ...(to ? { to } : {}),
    ...(prerequisites ? { with: prerequisites } : {}),
    ...(accept ? { accept } : {}),
    ...(not.length > 0 ? { not } : {}),
  };
  return await act(context, { fix, body, seen: view.version, label: `Assemble ${fix} again` }, input);
}

/** The proposal as the line offers it in the view that was just shown; the tree is what is taken. */
function acceptOf(
  text: string,
  to: readonly string[] | undefined,
  view: FixView,
): { readonly kind: string; readonly tree: string } {
  const [kind = '', start = ''] = text.split('=');
  if (!/^(reuse|adjacent|regenerate)$/.test(kind) || !/^[0-9a-f]*$/.test(start))
    throw misuse(
      `--accept ${text}: expected reuse, adjacent or regenerate; prerequisites are taken by --with SHA[,SHA]`,
    );
  const [name, ...more] = to ?? [];
  if (name === undefined || more.length > 0)
    throw misuse(`--accept ${text}: a proposal is of one line: expected --to LINE`, [
      `fleetfix describe ${view.id}`,
    ]);
  const line = view.lines.find((one) => one.line === name);
  if (line === undefined)
    throw misuse(`--to ${name}: expected one of ${view.lines.map((one) => one.line).join(', ')}`);
  const ofKind = line.proposals.filter((one) => one.kind === kind && one.tree.startsWith(start));
  const [only, another] = ofKind;
  const next = line.proposals.map((one) => one.command);
  if (only === undefined)
    throw misuse(
      `line ${name} (${line.outcome}) offers no ${text}: it offers ${kindsOf(line) || 'nothing'}`,
      next,
    );
  if (another !== undefined)
    throw misuse(`line ${name} offers ${ofKind.length} proposals like ${text}: name one by its tree`, next);
  return { kind: only.kind, tree: only.tree };
}

const kindsOf = ({ proposals }: LineView): string => proposals.map((one) => one.kind).join(', ');

function notOf(text: string): { line: string; reason: string } {
  const [line = '', reason = ''] = text.split(/=(.*)/s);
  if (line === '' || reason.trim() === '')
    throw misuse(`--not ${text}: expected LINE=REASON, such as --not "4.17=no defrag path"`);
  return { line, reason: reason.trim() };
}
