import type { Instant, Ms } from '../core/base/instant.ts';
import type { Alone } from './alone/alone.ts';
import type { ExitCode } from './exit.ts';

/** Everything a command may touch outside itself; `main.ts` gives the real ones, tests give their own. */
export type Io = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly stdin: NodeJS.ReadableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A person sits at stdin and stderr, so questions can be asked. */
  readonly isTty: boolean;
  /** A person reads stdout: colour, and screens that redraw. Default: `isTty`. */
  readonly outIsTty?: boolean;
  readonly fetch: typeof fetch;
  readonly now: () => Instant;
  /** Columns of the terminal; absent: lines are as long as they are. */
  readonly width?: number;
  /** Between two looks where nothing announces changes; default 2 s. */
  readonly pollMs?: Ms;
  /** Called by commands that follow: from then on Ctrl-C aborts the signal instead of ending the process. */
  readonly interrupted?: () => AbortSignal;
  readonly starters?: Starters;
  /** For the commands that work without a hub. */
  readonly alone?: Alone;
};

/** What only `main.ts` may bring in: the processes that the command line starts. */
export type Starters = {
  readonly serve: (options: ServeOptions) => Promise<void>;
  readonly demo: (options: DemoOptions) => Promise<number>;
  readonly agent: AgentStarters;
};
export type AgentStarters = {
  readonly enrol: (
    options: { readonly config?: string },
    token: string,
  ) => Promise<{ readonly agent: string; readonly managementCluster: string }>;
  readonly run: (options: { readonly config?: string }) => Promise<void>;
};
export type ServeOptions = {
  readonly config?: string;
  readonly dataDir?: string;
  readonly listen?: string;
  /** Configurations of agents that run in the hub's process. */
  readonly agent?: readonly string[];
};
export type DemoOptions = {
  readonly seed: number;
  readonly planes: number;
  readonly keep: boolean;
  readonly output: 'text' | 'json';
};

export type Outcome = ExitCode | number;
