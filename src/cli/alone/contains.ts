import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { revision } from '../rev.ts';
import { type AloneChangeFlags, aloneChangeOf } from './change-flags.ts';
import { namesIn } from './names.ts';
import { openRepository, orMisuse } from './open.ts';
import { renderContainment } from './render.ts';

export type ContainsInput = AloneChangeFlags & {
  readonly repo: string;
  readonly commit: string;
  readonly branch?: string;
};

/** Says whether a commit has a change, and how that is known. Exit 0 when it has, 5 when it has not. */
export async function contains(context: Context, input: ContainsInput): Promise<ExitCode> {
  const named = { commit: revision(input.commit, '--commit'), change: aloneChangeOf(input) };
  const found = await orMisuse(async () => {
    const repository = await openRepository(context, input.repo);
    const names = namesIn(repository);
    const commit = await names.commit(named.commit, 'commit');
    const branch = input.branch ?? (await names.branch());
    return await repository.contains(commit, await names.change(named.change), { branch });
  });
  await context.out.print({
    value: found,
    text: (paper) => renderContainment(found, paper),
    names: found.of.filter((one) => one.contained).map((one) => one.commit ?? one.source),
  });
  return found.contained ? EXIT.done : EXIT.failed;
}
