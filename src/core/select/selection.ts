import type { ChangedFile } from './tree.ts';

/** One test that a change may affect. */
export type SelectedTest = {
  readonly language: 'go' | 'js' | 'py';
  /** Go: the import path of the package; else the path of the file. */
  readonly id: string;
  /** The package's folder, or the file. */
  readonly path: string;
  /** A command that runs it, from the top of the repository. */
  readonly command: string;
  /** So many imports lie between it and the change. 0: it was changed itself, or what it tests was. */
  readonly distance: number;
  /** The shortest way: from the test to what was changed, each importing the next. */
  readonly because: readonly string[];
  /** Build tags under which more of its tests run. */
  readonly tags: readonly string[];
  /** None of its tests runs without a tag. */
  readonly onlyTagged?: boolean;
  /** How long it took, by the history. */
  readonly minutes?: number;
  /** Runs in the history that it failed in, of so many. */
  readonly history?: { readonly failed: number; readonly runs: number };
};

/** A suite of the map that a changed path belongs to. */
export type SelectedSuite = {
  readonly name: string;
  readonly labels: readonly string[];
  readonly minutes?: number;
  readonly owner?: string;
  readonly command?: string;
  /** Changed paths that it is for. */
  readonly because: readonly string[];
};

/** What did not fit into the minutes. `chance`: its share of what the whole selection may be expected to find. */
export type Cut = {
  readonly id: string;
  readonly kind: 'test' | 'suite';
  readonly distance: number;
  readonly minutes: number;
  readonly chance: number;
};

export type Budget = {
  readonly minutes: number;
  /** More than `minutes` where the nearest tests alone, which are never given up, take more. */
  readonly used: number;
  /** What everything selected would take. */
  readonly whole: number;
  /** Tests whose time nobody has measured, and what is taken for it. */
  readonly assumed: { readonly tests: number; readonly minutes: number };
  /** Nearest first. */
  readonly cut: readonly Cut[];
  /** The share of what the whole selection may be expected to find that the cut gives up, 0 to 1. */
  readonly cost: number;
};

/** What a change can affect, and what of it is tested. */
export type Selection = {
  readonly range: { readonly from: string; readonly to: string };
  readonly changed: readonly ChangedFile[];
  /** Nearest first; with a budget, those that fit. */
  readonly tests: readonly SelectedTest[];
  readonly suites: readonly SelectedSuite[];
  readonly notCovered: readonly { readonly path: string; readonly because: string }[];
  readonly budget?: Budget;
  readonly warnings: readonly string[];
  /** How many tests there are in all: packages with tests, and test files. */
  readonly all: number;
  readonly ms: number;
};
