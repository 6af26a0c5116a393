import { ok, type Result } from '../../core/base/result.ts';
import type { PastCase } from '../../core/select/history.ts';
import { readInMemory } from './read.ts';

/**
 * Every test case of a report with its time, and the names it goes by: its own, its class, its file, and those of the
 * suites around it. Skipped cases are left out: they took no time and found nothing.
 */
export function readCases(xml: Buffer | string): Result<readonly PastCase[], string> {
  const report = readInMemory(xml);
  if (!report.ok) return report;
  return ok(
    report.value.runs
      .filter(({ outcome }) => outcome !== 'skipped')
      .map(({ suites, file, classname, name, seconds, outcome }) => ({
        names: [...suites, name, classname, file].filter((one) => one !== ''),
        seconds,
        failed: outcome !== 'passed',
      })),
  );
}
