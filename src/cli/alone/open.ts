import { join } from 'node:path';
import type { Ms } from '../../core/base/instant.ts';
import { type Repository, SourceProblem } from '../../ports/repository.ts';
import type { Context } from '../context.ts';
import { Ending, EXIT, misuse } from '../exit.ts';

/**
 * Opens a repository in this process; its own copy lies beside the last views. Throws a misuse that says why
 * when it is none that can be used.
 */
export async function openRepository(
  { io, settings }: Context,
  location: string,
  more: { readonly searchMs?: Ms } = {},
): Promise<Repository> {
  const { alone } = io;
  if (!alone) throw new Ending(EXIT.ours, 'no repository can be opened from here');
  return await orMisuse(() => alone.open(location, join(settings.cacheDir, 'git'), more));
}

/** What cannot be used in a repository or a change is wrong use of the command: exit 2. */
export async function orMisuse<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (problem) {
    throw problem instanceof SourceProblem ? misuse(problem.message) : problem;
  }
}
