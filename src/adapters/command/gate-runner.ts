import { lstat, readFile, realpath, rm } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import type { Ms } from '../../core/base/instant.ts';
import { fail, ok, type Result } from '../../core/base/result.ts';
import { type CaseName, caseKey } from '../../core/proof/own-test.ts';
import type { TestCounts } from '../../core/proof/proof.ts';
import type { TestRun } from '../../core/verdict/reports.ts';
import type { GateOutcome, GateRunner, GateWork } from '../../ports/builder.ts';
import { attempt, inTree, oneLine, reasonOf } from './attempt.ts';
import { layOver } from './lay-over.ts';

/**
 * What a test report says. `failed`: names of tests that failed, the first few of them. `claimedFailures`:
 * what its own totals say, which may be more than its tests show when a suite broke before they ran.
 */
export type TestReport = TestCounts & {
  readonly failed: readonly string[];
  readonly claimedFailures: number;
};

/** Reads a report; the adapter `junit` does. The error is one line for people. */
export type ReadReport = (bytes: Buffer) => Promise<Result<TestReport, string>>;

/** Reads every case of a report; the adapter `junit` does. The error is one line for people. */
export type ReadRuns = (bytes: Buffer) => Promise<Result<{ readonly runs: readonly TestRun[] }, string>>;

type Verdict = Pick<GateOutcome, 'result' | 'note' | 'counts'>;

const REPORT_BYTES_MAX = 20 * 1024 * 1024;

/**
 * Runs gates as commands in the tree of the candidate. A gate passes when its command ends with exit code
 * 0 and, where it names a report, that was written by this run, can be read, and has at least one test
 * that ran and none that failed. Everything else is a fail with its reason; nothing is thrown for what a
 * command can do.
 */
export function createGateRunner(readReport: ReadReport, readRuns: ReadRuns): GateRunner {
  return {
    async run(work: GateWork): Promise<GateOutcome> {
      const began = performance.now();
      const tookMs = (): Ms => Math.round(performance.now() - began);
      const stale = await removeOldReport(work);
      if (stale !== undefined) return { result: 'fail', note: stale, tookMs: tookMs() };
      const unlaid = work.over && (await layOver(work.dir, work.over));
      if (unlaid !== undefined) return { result: 'fail', note: unlaid, tookMs: tookMs() };
      const { because, ended } = await attempt({ ...work, kind: 'gate' });
      const bytes = work.junit === undefined ? undefined : await reportBytes(work.dir, work.junit);
      const report = bytes && (await reportIn(bytes, work.junit!, readReport));
      const cases = bytes?.ok && report?.ok ? await casesIn(bytes.value, work, readRuns) : undefined;
      return {
        ...verdict(because, report),
        ...(ended && { ended }),
        ...(cases && { cases }),
        tookMs: tookMs(),
      };
    },
  };
}

function verdict(because: string | undefined, report: Result<TestReport, string> | undefined): Verdict {
  if (report === undefined) {
    return because === undefined
      ? { result: 'pass', note: 'exit code 0' }
      : { result: 'fail', note: because };
  }
  if (!report.ok) return { result: 'fail', note: because ?? report.error };
  const { tests, failures, skipped } = report.value;
  const counts = { tests, failures, skipped };
  const problem = problemOf(report.value);
  if (because === undefined && problem === undefined)
    return { result: 'pass', note: countsText(counts), counts };
  // Which tests failed says more than the exit code that follows from it.
  const [first, second] = failures > 0 ? [problem, because] : [because, problem];
  return { result: 'fail', note: first ?? second ?? '', counts };
}

function problemOf(report: TestReport): string | undefined {
  const { tests, failures, skipped, failed, claimedFailures } = report;
  if (failures > 0) {
    const more = failures > failed.length ? ', …' : '';
    const names = failed.length === 0 ? '' : `: ${failed.map(oneLine).join(', ')}${more}`;
    return `${failures} of ${tests} tests failed${names}`;
  }
  if (claimedFailures > 0)
    return `the report's totals claim ${claimedFailures} failures that its tests do not show`;
  if (tests === 0) return 'the report holds no test: a gate with a report needs at least one';
  if (skipped >= tests) return `all ${tests} tests were skipped: at least one must run`;
  return undefined;
}

function countsText({ tests, skipped }: TestCounts): string {
  const ran = tests - skipped;
  return `${ran} ${ran === 1 ? 'test' : 'tests'} passed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

/** A report that lies in the tree already would pass without a test having run. */
async function removeOldReport(work: GateWork): Promise<string | undefined> {
  if (work.junit === undefined) return undefined;
  const place = await placeOf(work.dir, work.junit);
  if (!place.ok) return place.error === 'missing' ? undefined : place.error;
  try {
    await rm(place.value, { recursive: true, force: true });
    return undefined;
  } catch (problem) {
    return `an old report "${work.junit}" could not be removed: ${reasonOf(problem)}`;
  }
}

async function reportBytes(dir: string, junit: string): Promise<Result<Buffer, string>> {
  const place = await placeOf(dir, junit);
  const missing = `no report "${junit}" was written`;
  if (!place.ok) return fail(place.error === 'missing' ? missing : place.error);
  try {
    const stat = await lstat(place.value);
    // A link could name a file of this machine.
    if (!stat.isFile()) return fail(`the report "${junit}" is not a plain file`);
    if (stat.size > REPORT_BYTES_MAX) {
      return fail(`the report "${junit}" has ${stat.size} bytes; at most ${REPORT_BYTES_MAX} are read`);
    }
    return ok(await readFile(place.value));
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return fail(missing);
    return fail(`the report "${junit}" cannot be read: ${reasonOf(problem)}`);
  }
}

async function reportIn(
  bytes: Result<Buffer, string>,
  junit: string,
  read: ReadReport,
): Promise<Result<TestReport, string>> {
  if (!bytes.ok) return bytes;
  const report = await read(bytes.value);
  return report.ok ? report : fail(`the report "${junit}" cannot be read: ${report.error}`);
}

const CASES_MAX = 1_000;

/** The cases that are asked for; undefined when none are, or the report does not give them. */
async function casesIn(
  bytes: Buffer,
  { dir, cases: asked }: GateWork,
  read: ReadRuns,
): Promise<CaseName[] | undefined> {
  if (asked === undefined) return undefined;
  const report = await read(bytes);
  if (!report.ok) return undefined;
  const homes = [...new Set([dir, await realpath(dir).catch(() => dir)])];
  const runs = report.value.runs
    .filter(({ isSuite }) => isSuite !== true)
    .map((run) => ({ outcome: run.outcome, called: nameIn(homes, run) }));
  const named = (is: (outcome: TestRun['outcome']) => boolean) =>
    new Map(runs.filter(({ outcome }) => is(outcome)).map(({ called }) => [caseKey(called), called]));
  if (asked.tell === 'failed')
    return [...named((outcome) => outcome === 'failed' || outcome === 'errored').values()].slice(
      0,
      CASES_MAX,
    );
  const [passed, others] = [named((one) => one === 'passed'), named((one) => one !== 'passed')];
  return asked.of.filter((one) => passed.has(caseKey(one)) && !others.has(caseKey(one)));
}

/** What a test is called in whichever tree it runs. */
function nameIn(homes: readonly string[], { file, classname, name }: TestRun): CaseName {
  const within = (text: string) => homes.reduce((left, home) => left.replaceAll(home + sep, ''), text);
  return { file: within(file), classname: within(classname), name: within(name) };
}

/** Where the report lies, links on the way to it followed; `missing` when its folder does not exist. */
async function placeOf(dir: string, junit: string): Promise<Result<string, string>> {
  try {
    const home = await realpath(dir);
    const path = inTree(home, junit);
    const folder = await realpath(dirname(path));
    if (folder !== home && !folder.startsWith(home + sep)) {
      return fail(`the report "${junit}" lies outside the tree; name a path inside it`);
    }
    return ok(`${folder}${sep}${path.slice(dirname(path).length + 1)}`);
  } catch {
    return fail('missing');
  }
}
