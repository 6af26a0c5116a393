import type { Attachment, Disagreement, Outcome, Report, TestRun } from '../../core/verdict/reports.ts';
import { said, unescaped } from './markup.ts';
import { type OutputReader, readOutput } from './output.ts';
import { type ScanEvents, ScanFault } from './scan.ts';
import { nameOf, shortOf } from './texts.ts';
import { addTally, disagreementsOf, hiddenFailures, noTests, type SuiteTotals } from './totals.ts';

/** Where a file stands that a test names; asked once for each. */
export type LookAt = (path: string) => Attachment;

/** Nobody looks: there is no folder the report lies in. */
export const lookNowhere: LookAt = (path) => ({ path, standing: 'outside' });

const REPORT_LIMITS = {
  runsMax: 500_000,
  attachmentsMax: 10_000,
  attachmentsPerTestMax: 50,
  propertiesPerTestMax: 50,
  disagreementsMax: 1_000,
  reasonCharsMax: 500,
} as const;

/** Raised when the root element is none of a JUnit report. */
export class OtherRoot extends ScanFault {
  override name = 'OtherRoot';
}

type Suite = SuiteTotals & {
  readonly kind: 'suite';
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly isNamed: boolean;
};
type Case = {
  readonly kind: 'case';
  readonly attributes: ReadonlyMap<string, string>;
  readonly output: OutputReader;
  readonly attachments: string[];
  readonly properties: [string, string][];
  failed: 'failed' | 'errored' | undefined;
  elements: number;
  isSkipped: boolean;
  isToDo: boolean;
  failedBefore: number;
  reason: string | undefined;
};
/** Text that is taken, or nothing of it. `isOutput`: no element in it is one of the report. */
type Text = {
  readonly kind: 'text';
  readonly isOutput: boolean;
  take(piece: string, isCdata: boolean): void;
  close(): void;
};
type Frame = Suite | Case | Text | { readonly kind: 'other' };

export type ReportReader = ScanEvents & {
  /** What was read until now. */
  report(): Omit<Report, 'report' | 'notes'>;
};

const NOTHING: Readonly<Record<string, string>> = Object.freeze({});

/** Makes tests of the elements of a report, of any dialect. Throws a `ScanFault`: no report, or too large a one. */
export function createReportReader(look: LookAt): ReportReader {
  const runs: TestRun[] = [];
  const disagreements: Omit<Disagreement, 'report'>[] = [];
  const frames: Frame[] = [];
  const looked = new Map<string, Attachment>();
  let hidden = 0;

  const suitesAround = () => frames.filter((frame) => frame.kind === 'suite');
  const add = (run: TestRun) => {
    if (runs.length >= REPORT_LIMITS.runsMax)
      throw new ScanFault(`it has more than ${REPORT_LIMITS.runsMax} test cases`);
    runs.push(run);
  };
  const attachment = (written: string): Attachment[] => {
    const path = shortOf(written, 1_000);
    const known = looked.get(path);
    if (known) return [known];
    if (path === '' || looked.size >= REPORT_LIMITS.attachmentsMax) return [];
    const found = look(path);
    looked.set(path, found);
    return [found];
  };

  function open(name: string, attributes: ReadonlyMap<string, string>): Frame {
    const top = frames.at(-1);
    if (top === undefined) {
      if (name !== 'testsuites' && name !== 'testsuite')
        throw new OtherRoot(
          `its root element is <${name.slice(0, 60)}>; expected <testsuites> or <testsuite>`,
        );
      return suiteOf(name, attributes);
    }
    if (top.kind === 'text' && (top.isOutput || !(name === 'testcase' || isFailing(name))))
      return { ...top, isOutput: top.isOutput || OUTPUT.test(name), close: () => {} };
    if (name === 'testcase') return caseOf(attributes);
    if (top.kind === 'case' && !isSuite(name)) return partOf(top, name, attributes);
    const around = frames.findLast(({ kind }) => kind === 'case' || kind === 'suite');
    // In an element nobody knows, a failure is that of the test or suite around it.
    if (around?.kind === 'case' && isFailing(name)) return partOf(around, name, attributes);
    if (around?.kind === 'suite' && (name === 'failure' || name === 'error'))
      return brokenSuite(around, name, attributes, add, suitesAround());
    if (name === 'property') return propertyOf(nearestCase(frames), attributes);
    if (name === 'properties' || name.startsWith('system-')) return { kind: 'other' };
    // An element nobody knows is looked into as a suite is: a failure must not hide in one.
    return suiteOf(name, attributes);
  }

  function closeCase(test: Case): void {
    const suites = suitesAround();
    const failed = failedIn(test);
    const outcome: Outcome = failed ?? (isSkippedCase(test) ? 'skipped' : 'passed');
    add(runOf(test, outcome, suites, [...test.attachments, ...test.output.attachments].flatMap(attachment)));
    const nearest = suites.at(-1);
    if (!nearest) return;
    const failing = test.failed !== undefined || failed !== undefined ? 1 : 0;
    addTally(nearest.own, {
      tests: 1,
      failing,
      elements: Math.max(test.elements, failing),
      skipped: test.isSkipped || outcome === 'skipped' ? 1 : 0,
    });
  }

  function closeSuite(suite: Suite): void {
    addTally(suite.all, suite.own);
    const found = suite.isNamed ? disagreementsOf(suite.attributes, suite) : [];
    const hiddenHere = hiddenFailures(suite, found);
    const around = suitesAround().at(-1);
    if (around) {
      addTally(around.all, suite.all);
      around.suites.count += 1;
      around.suites.hidden += hiddenHere;
      if (suite.all.failing > 0) around.suites.failing += 1;
    } else hidden = hiddenHere;
    for (const one of found)
      if (disagreements.length < REPORT_LIMITS.disagreementsMax)
        disagreements.push({ suite: suite.name, ...one });
  }

  return {
    open: (name, attributes) => void frames.push(open(name, attributes)),
    text(piece, isCdata) {
      const top = frames.at(-1);
      if (top?.kind === 'text') top.take(piece, isCdata);
    },
    close() {
      const frame = frames.pop();
      if (frame?.kind === 'case') closeCase(frame);
      else if (frame?.kind === 'suite') closeSuite(frame);
      else if (frame?.kind === 'text') frame.close();
    },
    report: () => ({ runs, disagreements, hiddenFailures: hidden }),
  };
}

const isSuite = (element: string): boolean => element === 'testsuite' || element === 'testsuites';
const RUN_BEFORE = /^(flaky|rerun)(Failure|Error)$/;
const isFailing = (element: string): boolean =>
  element === 'failure' || element === 'error' || RUN_BEFORE.test(element);
const OUTPUT = /^(system-(out|err)|output)$/;

const nearestCase = (frames: readonly Frame[]): Case | undefined =>
  frames.findLast((frame) => frame.kind === 'case');

function suiteOf(element: string, attributes: ReadonlyMap<string, string>): Suite {
  return {
    kind: 'suite',
    name: nameOf(unescaped(attributes.get('name') ?? '')),
    attributes,
    isNamed: isSuite(element),
    own: noTests(),
    all: noTests(),
    suites: { count: 0, failing: 0, hidden: 0 },
  };
}

function caseOf(attributes: ReadonlyMap<string, string>): Case {
  return {
    kind: 'case',
    attributes,
    output: readOutput(REPORT_LIMITS.attachmentsPerTestMax),
    attachments: [],
    properties: [],
    failed: undefined,
    elements: 0,
    isSkipped: false,
    isToDo: false,
    failedBefore: 0,
    reason: undefined,
  };
}

/** One element right below a test case. */
function partOf(test: Case, name: string, attributes: ReadonlyMap<string, string>): Frame {
  if (name === 'failure' || name === 'error') {
    // A test that failed and whose clean-up broke failed.
    test.failed = name === 'failure' ? 'failed' : (test.failed ?? 'errored');
    test.elements += 1;
    return { ...reasonText(test, attributes), isOutput: true };
  }
  if (name === 'skipped' || name === 'disabled') {
    test.isSkipped = true;
    test.isToDo ||= attributes.get('type') === 'todo';
    return reasonText(test, attributes);
  }
  if (RUN_BEFORE.test(name)) {
    test.failedBefore += 1;
    return reasonText(test, attributes);
  }
  if (OUTPUT.test(name))
    return { kind: 'text', isOutput: true, take: (piece) => test.output.take(piece), close: () => {} };
  if (name === 'property') return propertyOf(test, attributes);
  return { kind: 'other' };
}

/** The message of a failure, else the beginning of its text. The first that a test gives is kept. */
function reasonText(test: Case, attributes: ReadonlyMap<string, string>): Text {
  let text = '';
  return {
    kind: 'text',
    isOutput: false,
    take: (piece, isCdata) => {
      if (text.length < 4_000) text += isCdata ? piece.slice(0, 4_000) : unescaped(piece.slice(0, 4_000));
      test.output.take(piece);
    },
    close: () => {
      const message = unescaped((attributes.get('message') ?? '').slice(0, 4_000));
      const said = telling(message) ? message : text.trim() === '' ? message : text;
      test.reason ??= said === '' ? undefined : shortOf(said, REPORT_LIMITS.reasonCharsMax);
    },
  };
}

/** `Failed` and `Skipped` are what every failed or skipped test of some dialects has for a message. */
const telling = (message: string): boolean =>
  !/^\s*((test )?failed|failure|skipped|error)?\s*$/i.test(message);

const ATTACHMENT = /(^|[._:-])attachments?$/i;

function propertyOf(test: Case | undefined, attributes: ReadonlyMap<string, string>): Frame {
  const name = shortOf(unescaped(attributes.get('name') ?? ''), 200);
  if (test === undefined || name === '') return { kind: 'other' };
  let text = '';
  const put = () => {
    const value = unescaped(attributes.get('value') ?? text);
    if (ATTACHMENT.test(name)) {
      if (test.attachments.length < REPORT_LIMITS.attachmentsPerTestMax) test.attachments.push(value);
    } else if (test.properties.length < REPORT_LIMITS.propertiesPerTestMax)
      test.properties.push([name, shortOf(value, 1_000)]);
  };
  return {
    kind: 'text',
    isOutput: false,
    take: (piece) => {
      if (text.length < 4_000) text += piece.slice(0, 4_000);
    },
    close: put,
  };
}

/** A suite that broke before or after its tests. */
function brokenSuite(
  suite: Suite,
  element: 'failure' | 'error',
  attributes: ReadonlyMap<string, string>,
  add: (run: TestRun) => void,
  around: readonly Suite[],
): Text {
  const broken = caseOf(new Map());
  const text = reasonText(broken, attributes);
  return {
    ...text,
    isOutput: true,
    close: () => {
      text.close();
      broken.failed = element === 'failure' ? 'failed' : 'errored';
      const run = runOf(broken, broken.failed, around.slice(0, -1), []);
      add({ ...run, name: suite.name || 'the report', isSuite: true });
      addTally(suite.own, { tests: 0, failing: 1, elements: 1, skipped: 0 });
    },
  };
}

const FAILED = /^(fail|failed|failure|broken|timedout|timeout)$/i;
const ERRORED = /^(error|errored|aborted|panicked|interrupted)$/i;
const SKIPPED = /^(skip|skipped|ignored|disabled|notrun|suppressed|pending|inconclusive)$/i;

const saysOf = ({ attributes }: Case): string[] =>
  [said(attributes, 'status'), said(attributes, 'result')].filter((text) => text !== undefined);

function failedIn(test: Case): 'failed' | 'errored' | undefined {
  // Node's runner writes the failure of a test that is to do, and counts it as to do.
  if (test.isToDo) return undefined;
  const { attributes } = test;
  if (test.failed) return test.failed;
  if (attributes.has('failure')) return 'failed';
  if (attributes.has('error')) return 'errored';
  const says = saysOf(test);
  if (says.some((text) => FAILED.test(text))) return 'failed';
  return says.some((text) => ERRORED.test(text)) ? 'errored' : undefined;
}

const isSkippedCase = (test: Case): boolean =>
  test.isSkipped ||
  test.attributes.has('skipped') ||
  test.attributes.has('disabled') ||
  saysOf(test).some((text) => SKIPPED.test(text));

function runOf(
  test: Case,
  outcome: Outcome,
  suites: readonly Suite[],
  attachments: readonly Attachment[],
): TestRun {
  const text = (key: string) => nameOf(unescaped(test.attributes.get(key) ?? ''));
  const around = (key: string) =>
    unescaped(suites.findLast(({ attributes }) => attributes.has(key))?.attributes.get(key) ?? '');
  const began = beganMsOf(around('timestamp'));
  const host = nameOf(around('hostname'));
  const isReasonKept = test.reason !== undefined && outcome !== 'passed';
  return {
    suites: suites.filter(({ isNamed, name }) => isNamed && name !== '').map(({ name }) => name),
    classname: text('classname'),
    name: text('name'),
    file: text('file') || nameOf(around('file') || around('filepath') || around('package')),
    ...(host !== '' && { host }),
    outcome,
    ...((isReasonKept || test.failedBefore > 0) && test.reason !== undefined && { reason: test.reason }),
    failedBefore: test.failedBefore + (outcome === 'passed' ? test.output.attemptsFailed : 0),
    seconds: secondsOf(unescaped(test.attributes.get('time') ?? '')),
    ...(began !== undefined && { beganMs: began }),
    attachments,
    properties: test.properties.length === 0 ? NOTHING : Object.fromEntries(test.properties),
  };
}

/** `1,234.5` as some tools write it; what is no time is none. */
function secondsOf(text: string): number {
  const seconds = Number(text.replaceAll(',', '') || '0');
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}

const EARLIEST = Date.UTC(2000, 0, 1);

/** A time without a zone is taken as UTC; jest-junit writes 1970 when it knows none. */
function beganMsOf(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d[T ][\d:.]+(Z|[+-]\d\d:?\d\d)?$/.test(text)) return undefined;
  const ms = Date.parse(/[Z+]|-\d\d:?\d\d$/.test(text.slice(11)) ? text : `${text.replace(' ', 'T')}Z`);
  return Number.isNaN(ms) || ms < EARLIEST ? undefined : ms;
}
