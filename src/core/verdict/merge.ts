import type { Attachment, Outcome, TestRun } from './reports.ts';

/** One test with all its runs put together. */
export type Test = Pick<TestRun, 'suites' | 'classname' | 'name' | 'file' | 'isSuite'> & {
  /** How it ended: of its last run that was not skipped. */
  readonly outcome: Outcome;
  readonly reason?: string;
  /** Elements of the reports that are about it. */
  readonly runs: number;
  /** Runs that failed, told as elements of their own or within one. */
  readonly failedRuns: number;
  /** Of all runs. */
  readonly seconds: number;
  readonly attachments: readonly Attachment[];
  readonly properties: Readonly<Record<string, string>>;
  /** The report its outcome is from. */
  readonly report: string;
};

/** A run, and where it stands: the report, and how early that is among the reports. */
export type PlacedRun = { readonly run: TestRun; readonly report: string; readonly order: number };

/**
 * Puts together runs of the same test: same suites, class, name, file and host. The last one says how it ended: by when its
 * suite began if all of its runs say that, else by the order of the reports; inside one report by where it stands.
 * With `separate` every run is a test of its own.
 */
export function mergeRuns(runs: Iterable<PlacedRun>, repeated: 'retry' | 'separate'): Test[] {
  if (repeated === 'separate') return Array.from(runs, (one) => merged([one]));
  const groups = new Map<string, PlacedRun[]>();
  for (const one of runs) {
    const key = keyOf(one.run);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return Array.from(groups.values(), (group) => merged(inOrder(group)));
}

const keyOf = ({ suites, classname, name, file, host = '', isSuite }: TestRun): string =>
  JSON.stringify([suites, classname, name, file, host, isSuite === true]);

function inOrder(group: readonly PlacedRun[]): readonly PlacedRun[] {
  if (group.length === 1) return group;
  const allSay = group.every(({ run }) => run.beganMs !== undefined);
  // A stable sort: runs of one report stay as they stand in it.
  return group.toSorted((a, b) => (allSay ? a.run.beganMs! - b.run.beganMs! : 0) || a.order - b.order);
}

function merged(group: readonly PlacedRun[]): Test {
  const last = group.findLast(({ run }) => run.outcome !== 'skipped') ?? group.at(-1)!;
  const { suites, classname, name, file, outcome, reason, isSuite } = last.run;
  const why =
    reason ?? group.findLast(({ run }) => run.reason !== undefined && isFailed(run.outcome))?.run.reason;
  return {
    ...{ suites, classname, name, file, outcome },
    ...(isSuite && { isSuite }),
    ...(why !== undefined && { reason: why }),
    runs: group.length,
    failedRuns: group.reduce((sum, { run }) => sum + run.failedBefore + (isFailed(run.outcome) ? 1 : 0), 0),
    seconds: group.reduce((sum, { run }) => sum + run.seconds, 0),
    attachments: group.length === 1 ? last.run.attachments : group.flatMap(({ run }) => run.attachments),
    properties: last.run.properties,
    report: last.report,
  };
}

export const isFailed = (outcome: Outcome): boolean => outcome === 'failed' || outcome === 'errored';

/** Passed at last, and failed before. */
export const isFlaky = ({ outcome, failedRuns }: Test): boolean => outcome === 'passed' && failedRuns > 0;
