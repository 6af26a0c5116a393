import type { Ms } from '../../core/base/instant.ts';
import type { OverridesFile } from '../../ports/overrides-file.ts';
import type { Repository } from '../../ports/repository.ts';

/** What commands that work without a hub get from `main.ts`. */
export type Alone = {
  /**
   * Opens a repository, a directory or a URL. `copies`: the folder own copies are kept in. `searchMs`: how
   * long remedies of one conflict are looked for; the adapter's own limit when not given.
   * Throws a `SourceProblem` as `Repositories.open` does.
   */
  open(location: string, copies: string, more?: { readonly searchMs?: Ms }): Promise<Repository>;
  /** Brought when it is asked for. */
  readonly overridesFile?: () => Promise<OverridesFile>;
};
