import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { fail, type Result } from '../../core/base/result.ts';
import type { ReportAsked, TestReport } from '../../ports/test-report.ts';
import { gateReportIn } from './gate-report.ts';
import type { Reading } from './read-thread.ts';

/** Below this, reading takes less time than starting a thread. */
const INLINE_BYTES_MAX = 64 * 1024;
const LIMITS = { timeoutMs: 60_000, heapMbMax: 768 };

/**
 * Reads the report of a gate's run as `gateReportIn` does, a large one on a thread of its own with limits on time and memory: a
 * report comes from the code under test, and must not keep the hub from its other work.
 */
export async function readReport(
  path: string,
  asked: ReportAsked,
  limits: Partial<typeof LIMITS> = {},
): Promise<Result<TestReport, string>> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.size <= INLINE_BYTES_MAX) return gateReportIn(path, asked);
  return await readApart({ path, asked }, { ...LIMITS, ...limits });
}

function readApart(
  reading: Reading,
  { timeoutMs, heapMbMax }: typeof LIMITS,
): Promise<Result<TestReport, string>> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./read-thread.ts', import.meta.url), {
      workerData: reading,
      resourceLimits: { maxOldGenerationSizeMb: heapMbMax },
      // The hub's environment may hold secrets, and its options may not suit a thread.
      env: {},
      execArgv: [],
    });
    const end = (report: Result<TestReport, string>) => {
      clearTimeout(timeout);
      resolve(report);
      void worker.terminate();
    };
    const timeout = setTimeout(
      () => end(fail(`reading it took longer than ${timeoutMs / 1_000} s`)),
      timeoutMs,
    );
    worker.once('message', end);
    worker.once('error', (problem) => end(fail(`it could not be read: ${problem.message}`)));
  });
}
