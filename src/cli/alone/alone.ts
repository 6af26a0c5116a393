import type { Ms } from '../../core/base/instant.ts';
import type { Result } from '../../core/base/result.ts';
import type { PastCase } from '../../core/select/history.ts';
import type { PolarionRun } from '../../core/verdict/polarion.ts';
import type { Reports } from '../../core/verdict/reports.ts';
import type { ChangeSource } from '../../ports/change-source.ts';
import type { OverridesFile } from '../../ports/overrides-file.ts';
import type { Registry, RegistryReach } from '../../ports/registry.ts';
import type { Repository } from '../../ports/repository.ts';
import type { RosterSource } from '../../ports/roster-source.ts';
import type { Trees } from '../../ports/trees.ts';
import type { RosterConfig } from '../../wire/roster.ts';

/** What commands that work without a hub get from `main.ts`. */
export type Alone = {
  /**
   * Opens a repository, a directory or a URL. `copies`: the folder own copies are kept in. `searchMs`: how
   * long remedies of one conflict are looked for; the adapter's own limit when not given.
   * Throws a `SourceProblem` as `Repositories.open` does.
   */
  open(location: string, copies: string, more?: { readonly searchMs?: Ms }): Promise<Repository>;
  /** Reads ranges for the scope gate; of a URL a copy is kept below `copies`. Brought when it is asked for. */
  readonly changes?: (copies: string) => Promise<ChangeSource>;
  /** Brought when it is asked for. */
  readonly overridesFile?: () => Promise<OverridesFile>;
  /** Reads commits of a repository on this machine; what was read is remembered in `cacheDir`. */
  readonly trees?: (location: string, cacheDir: string) => Promise<Trees>;
  /** The test cases of a JUnit report; the error is one line. */
  readonly junitCases?: (xml: Buffer) => Promise<Result<readonly PastCase[], string>>;
  /** The JUnit reports in files and folders; the error is one line. */
  readonly reports?: (paths: readonly string[]) => Promise<Result<Reports, string>>;
  /** Reads back a file for Polarion; the error is one line. */
  readonly readPolarion?: (xml: string) => Promise<Result<PolarionRun, string>>;
  /** Reads registries; nothing is asked before the first look. */
  readonly registry?: (reach: RegistryReach) => Promise<Registry>;
  /** Reads the calendars of a roster. `dir`: where relative paths count from; `copiesDir`: where copies are kept. */
  readonly roster?: () => Promise<{
    /** The roster of a configuration file; the errors are lines with their places. */
    readonly loadRoster: (file: string) => Promise<Result<RosterConfig, readonly string[]>>;
    readonly open: (reach: { readonly dir: string; readonly copiesDir: string }) => RosterSource;
  }>;
};
