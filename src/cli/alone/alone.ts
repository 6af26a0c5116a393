import type { Repository } from '../../ports/repository.ts';

/** What commands that work without a hub get from `main.ts`. */
export type Alone = {
  /**
   * Opens a repository, a directory or a URL. `copies`: the folder own copies are kept in.
   * Throws a `SourceProblem` as `Repositories.open` does.
   */
  open(location: string, copies: string): Promise<Repository>;
};
