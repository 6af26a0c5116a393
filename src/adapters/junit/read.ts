import { fail, type Result } from '../../core/base/result.ts';
import type { Report } from '../../core/verdict/reports.ts';
import { readReportText } from './read-report.ts';

const BYTES_MAX = 20 * 1024 * 1024;
const TAGS_MAX = 1_000_000;
/**
 * The runs of a report of any dialect that is in memory: `testsuites`, `testsuite` in any nesting, cases directly below the
 * root. Entities beyond XML's five are not read, a DOCTYPE is refused, and so are more than 20 MB, a million tags, or 64 levels.
 * The error is one line.
 */
export function readInMemory(xml: Buffer | string): Result<Omit<Report, 'report'>, string> {
  const bytes = typeof xml === 'string' ? Buffer.from(xml) : xml;
  if (bytes.length > BYTES_MAX) return fail(`it has ${bytes.length} bytes; at most ${BYTES_MAX} are read`);
  const report = readReportText(bytes, { limits: { tagsMax: TAGS_MAX } });
  return report.ok ? report : fail(report.error.because);
}
