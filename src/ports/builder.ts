import type { Commit, Digest } from '../core/base/ids.ts';
import type { Ms } from '../core/base/instant.ts';
import type { CommandRun } from '../core/proof/own-test.ts';
import type { CasesAsked, ReportTimes } from './test-report.ts';

/** Turns a clean tree of a candidate into an image. */
export interface Builder {
  build(work: BuildWork): Promise<BuildOutcome>;
}

export type BuildWork = {
  /** A clean tree of the commit. */
  readonly dir: string;
  readonly commit: Commit;
  /** Repository name of the image, without tag. */
  readonly image: string;
  readonly command: readonly string[];
  /** Folder the command fills, relative to `dir`; becomes the image's one layer. */
  readonly output: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly timeoutMs: Ms;
  /** Where the OCI image layout is kept; one folder may hold many images. */
  readonly layout: string;
  /** Everything the command prints, as it prints it. */
  readonly log: (chunk: string) => void;
  readonly signal: AbortSignal;
};

export type BuildOutcome =
  | { readonly outcome: 'built'; readonly digest: Digest; readonly tookMs: Ms }
  | { readonly outcome: 'failed'; readonly because: string; readonly tookMs: Ms };

/** Runs a gate's command on a clean tree of the candidate and reads its JUnit report when it names one. */
export interface GateRunner {
  run(work: GateWork): Promise<GateOutcome>;
}

export type GateWork = {
  readonly dir: string;
  readonly command: readonly string[];
  /** Path of the report relative to `dir`; absent: the exit code decides alone. */
  readonly junit?: string;
  readonly timeoutMs: Ms;
  readonly env: Readonly<Record<string, string>>;
  /** Texts the command is given: each variable names a file that holds its text. */
  readonly files?: Readonly<Record<string, string>>;
  /** Laid over the tree before the command runs: each path as it is in `from`, or taken away where that has none. */
  readonly over?: { readonly from: string; readonly paths: readonly string[] };
  /** Cases of its report that are to be named. */
  readonly cases?: CasesAsked;
  /** How long each test of its report took is to be told. */
  readonly times?: true;
  readonly log: (chunk: string) => void;
  readonly signal: AbortSignal;
};

/**
 * pass needs exit code 0, and with a report: at least one test, none failed. `ended`: the command ended by itself with an exit
 * code of its own; absent: it did not start, was stopped, or what it needs could not be had. `cases`: as asked for, the first
 * thousand that failed; absent where no report was read. `times`: of a report that could be read, whatever it says of the
 * candidate. Absent: they were not asked for, or there is no such report.
 */
export type GateOutcome = CommandRun & { readonly tookMs: Ms; readonly times?: ReportTimes };
