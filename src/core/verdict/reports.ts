export type Outcome = 'passed' | 'failed' | 'errored' | 'skipped';

/** A file that a test names as its own. `outside`: its path leads out of the folder of the report, so nobody looked. */
export type Attachment = { readonly path: string; readonly standing: 'there' | 'missing' | 'outside' };

/** One run of one test, as one element of a report tells it. Texts are clean and short. */
export type TestRun = {
  /** Names of the suites around it, outermost first. */
  readonly suites: readonly string[];
  /** Empty when the report does not say. */
  readonly classname: string;
  readonly name: string;
  readonly file: string;
  /** The machine, or what a tool has in its place: Playwright writes the browser. Absent when the report does not say. */
  readonly host?: string;
  readonly outcome: Outcome;
  /** Why it failed or was skipped, as the report has it. */
  readonly reason?: string;
  /** Runs of it that failed before this one, told within it. */
  readonly failedBefore: number;
  readonly seconds: number;
  /** Milliseconds since 1970: when the suite around it began. */
  readonly beganMs?: number;
  readonly attachments: readonly Attachment[];
  readonly properties: Readonly<Record<string, string>>;
  /** It is no test: a suite that broke outside its tests. */
  readonly isSuite?: true;
};

/** A total that a report gives of a suite, and what its cases show. */
export type Disagreement = {
  readonly report: string;
  readonly suite: string;
  readonly of: 'tests' | 'failures' | 'skipped';
  readonly claimed: number;
  readonly counted: number;
};

/** What one file said. */
export type Report = {
  /** The path people know it by. */
  readonly report: string;
  readonly runs: readonly TestRun[];
  readonly disagreements: readonly Omit<Disagreement, 'report'>[];
  /** Failures that totals of its suites claim and no case shows. */
  readonly hiddenFailures: number;
  /** What was odd about it, for people. */
  readonly notes: readonly string[];
};

export type Unread = { readonly report: string; readonly because: string };

/** Files of one run, in the order they are said or named to have been written. */
export type Reports = {
  readonly read: readonly Report[];
  /** Reports that cannot be read: what they hold is unknown, so they let nothing pass. */
  readonly unread: readonly Unread[];
  /** XML files of a folder that are no reports. */
  readonly passedOver: readonly string[];
};
