import { Worker } from 'node:worker_threads';
import type { Ms } from '../../core/base/instant.ts';
import { fail, type Result } from '../../core/base/result.ts';
import type { Report } from '../../core/verdict/reports.ts';
import { type JunitReport, readInMemory, readJunit } from './read.ts';

/** Below this, reading takes less time than starting a thread. */
const INLINE_BYTES_MAX = 64 * 1024;
const LIMITS = { timeoutMs: 60_000, heapMbMax: 768 };

/**
 * Reads a JUnit report as `readJunit` does, a large one on a thread of its own with limits on time and
 * memory: a report comes from the code under test, and must not keep the hub from its other work.
 */
export function readReport(
  xml: Buffer,
  limits: Partial<typeof LIMITS> = {},
): Promise<Result<JunitReport, string>> {
  if (xml.length <= INLINE_BYTES_MAX) return Promise.resolve(readJunit(xml));
  return readApart<JunitReport>(xml, 'counts', { ...LIMITS, ...limits });
}

/**
 * Every run that a report tells of, for a verdict (`verdictOf`); a large report is read on a thread of its own, as by
 * `readReport`. Files that tests name are not looked for. The error is one line.
 */
export function readRuns(
  xml: Buffer,
  limits: Partial<typeof LIMITS> = {},
): Promise<Result<Omit<Report, 'report'>, string>> {
  if (xml.length <= INLINE_BYTES_MAX) return Promise.resolve(readInMemory(xml));
  return readApart<Omit<Report, 'report'>>(xml, 'runs', { ...LIMITS, ...limits });
}

function readApart<T>(
  xml: Buffer,
  wanted: 'counts' | 'runs',
  limits: { readonly timeoutMs: Ms; readonly heapMbMax: number },
): Promise<Result<T, string>> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./read-thread.ts', import.meta.url), {
      workerData: { xml, wanted },
      resourceLimits: { maxOldGenerationSizeMb: limits.heapMbMax },
      // The hub's environment may hold secrets, and its options may not suit a thread.
      env: {},
      execArgv: [],
    });
    const end = (report: Result<T, string>) => {
      clearTimeout(timeout);
      resolve(report);
      void worker.terminate();
    };
    const timeout = setTimeout(
      () => end(fail(`reading it took longer than ${limits.timeoutMs / 1_000} s`)),
      limits.timeoutMs,
    );
    worker.once('message', end);
    worker.once('error', (problem) => end(fail(`it could not be read: ${problem.message}`)));
  });
}
