import { fail, ok, type Result } from '../../core/base/result.ts';
import type { PastCase } from '../../core/select/history.ts';
import { unescaped } from './markup.ts';
import { type Element, junitRoot, verdictOf } from './read.ts';

/**
 * Every test case of a report with its time, and the names it goes by: its own, its class, its file, and those of the
 * suites around it. Skipped cases are left out: they took no time and found nothing.
 */
export function readCases(xml: Buffer | string): Result<readonly PastCase[], string> {
  const root = junitRoot(xml);
  if (!root.ok) return root;
  if (root.value.name !== 'testsuites' && root.value.name !== 'testsuite')
    return fail(`its root element is <${root.value.name}>; expected <testsuites> or <testsuite>`);
  const cases: PastCase[] = [];
  collect(root.value, [], cases);
  return ok(cases);
}

function collect(suite: Element, around: readonly string[], cases: PastCase[]): void {
  const names = [...around, ...namesOf(suite)];
  for (const element of suite.below)
    if (element.name === 'testcase') {
      const verdict = verdictOf(element);
      if (verdict !== 'skipped')
        cases.push({
          names: [...names, ...namesOf(element)],
          seconds: secondsOf(element.attributes.time),
          failed: verdict === 'failed',
        });
    } else if (element.name === 'failure' || element.name === 'error')
      // A suite that broke before or after its cases.
      cases.push({ names, seconds: 0, failed: true });
    else collect(element, names, cases);
}

const NAMES = ['name', 'classname', 'file', 'filepath', 'package'];

const namesOf = ({ attributes }: Element): string[] =>
  NAMES.flatMap((key) => (attributes[key] ? [unescaped(attributes[key].slice(0, 500))] : []));

/** `1,234.5` as some tools write it; what is no time is none. */
function secondsOf(text: string | undefined): number {
  const seconds = Number((text ?? '0').replaceAll(',', ''));
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}
