import { lstat, realpath, rm } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import type { Ms } from '../../core/base/instant.ts';
import { fail, ok, type Result } from '../../core/base/result.ts';
import type { GateOutcome, GateRunner, GateWork } from '../../ports/builder.ts';
import { REPORT_BYTES_MAX, type ReadReport, type TestReport } from '../../ports/test-report.ts';
import { attempt, inTree, oneLine, reasonOf } from './attempt.ts';
import { layOver } from './lay-over.ts';

type Verdict = Pick<GateOutcome, 'result' | 'note' | 'counts'>;

/**
 * Runs gates as commands in the tree of the candidate. A gate passes when its command ends with exit code
 * 0 and, where it names a report, that was written by this run, can be read, and has at least one test
 * that ran and none that failed. Everything else is a fail with its reason; nothing is thrown for what a
 * command can do.
 */
export function createGateRunner(readReport: ReadReport): GateRunner {
  return {
    async run(work: GateWork): Promise<GateOutcome> {
      const began = performance.now();
      const tookMs = (): Ms => Math.round(performance.now() - began);
      const stale = await removeOldReport(work);
      if (stale !== undefined) return { result: 'fail', note: stale, tookMs: tookMs() };
      const unlaid = work.over && (await layOver(work.dir, work.over));
      if (unlaid !== undefined) return { result: 'fail', note: unlaid, tookMs: tookMs() };
      const { because, ended } = await attempt({ ...work, kind: 'gate' });
      const report = work.junit === undefined ? undefined : await reportOf(work, work.junit, readReport);
      const { cases, times } = report?.ok ? report.value : {};
      return {
        ...verdict(because, report),
        ...(ended && { ended }),
        ...(cases && { cases }),
        ...(times && { times }),
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

function countsText({ tests, skipped }: Pick<TestReport, 'tests' | 'skipped'>): string {
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

async function reportOf(
  { dir, cases, times }: GateWork,
  junit: string,
  read: ReadReport,
): Promise<Result<TestReport, string>> {
  const place = await placeOf(dir, junit);
  const missing = `no report "${junit}" was written`;
  if (!place.ok) return fail(place.error === 'missing' ? missing : place.error);
  try {
    const stat = await lstat(place.value);
    // A link could name a file of this machine.
    if (!stat.isFile()) return fail(`the report "${junit}" is not a plain file`);
    if (stat.size > REPORT_BYTES_MAX)
      return fail(`the report "${junit}" has ${stat.size} bytes; at most ${REPORT_BYTES_MAX} are read`);
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return fail(missing);
    return fail(`the report "${junit}" cannot be read: ${reasonOf(problem)}`);
  }
  const homes = await homesOf(dir);
  const report = await read(place.value, { homes, ...(cases && { cases }), ...(times && { times }) });
  return report.ok ? report : fail(`the report "${junit}" cannot be read: ${report.error}`);
}

/** What the tree is called, by its path and by the one that links lead to. */
const homesOf = async (dir: string): Promise<readonly string[]> => [
  ...new Set([dir, await realpath(dir).catch(() => dir)]),
];

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
