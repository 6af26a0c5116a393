import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { fail, ok, type Result } from '../../core/base/result.ts';
import type { TestCounts } from '../../core/proof/proof.ts';
import { markupFault, unescaped } from './markup.ts';

/**
 * What a JUnit report says, counted from its test cases. `failures` includes errors. `failed`: names of the
 * first failed tests. `claimedFailures`: the most that totals of its suites claim; those are written by the
 * program under test's tools in many ways, so they can only make a report worse, never better.
 */
export type JunitReport = TestCounts & {
  readonly failed: readonly string[];
  readonly claimedFailures: number;
};

const BYTES_MAX = 20 * 1024 * 1024;
const DEPTH_MAX = 64;
const TAGS_MAX = 1_000_000;
const NAMES_MAX = 5;
/** Names and faults are shown to people; a text of megabytes is neither. */
const TEXT_MAX = 200;

/**
 * Reads a JUnit report of any dialect: `testsuites`, `testsuite` in any nesting, cases directly below the
 * root. A case failed when it has a `failure` or `error` (element or attribute) or a status that says so;
 * retries that passed in the end (`flakyFailure`, `rerunFailure` beside none) passed.
 * Entities beyond XML's five are not read, a DOCTYPE is refused, and so are more than 20 MB, a million tags, or 64 levels.
 * The error is one line, with line and column where there is one.
 * Takes up to seconds for megabytes: `readReport` keeps that away from everything else.
 */
export function readJunit(xml: Buffer | string): Result<JunitReport, string> {
  const root = junitRoot(xml);
  return root.ok ? counted(root.value) : root;
}

/** The root element of a report, within the limits that `readJunit` states; the error is one line. */
export function junitRoot(xml: Buffer | string): Result<Element, string> {
  const bytes = typeof xml === 'string' ? Buffer.byteLength(xml) : xml.length;
  if (bytes > BYTES_MAX) return fail(`it has ${bytes} bytes; at most ${BYTES_MAX} are read`);
  const text = typeof xml === 'string' ? xml.replace(/^\uFEFF/, '') : decoded(xml);
  if (text === undefined) return fail('it is not text in UTF-8 or UTF-16');
  if (text.trim() === '') return fail('it is empty');
  const fault = markupFault(text, TAGS_MAX) ?? formFault(text);
  if (fault !== undefined) return fail(fault.slice(0, TEXT_MAX));
  const root = parsed(text);
  return typeof root === 'string' ? fail(root.slice(0, TEXT_MAX)) : ok(root);
}

function decoded(bytes: Buffer): string | undefined {
  const [first, second] = bytes;
  const utf16 =
    first === 0xff && second === 0xfe
      ? 'utf-16le'
      : first === 0xfe && second === 0xff
        ? 'utf-16be'
        : undefined;
  try {
    return new TextDecoder(utf16 ?? 'utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Test output in an old encoding is common and says nothing about the verdict.
    return utf16 === undefined && !bytes.includes(0) ? bytes.toString('latin1') : undefined;
  }
}

function formFault(text: string): string | undefined {
  const valid = XMLValidator.validate(text, { allowBooleanAttributes: false });
  if (valid === true) return undefined;
  const { line, col, msg } = valid.err;
  // Its way of saying that the text ends too early, spread over many lines and without a place.
  if (msg.startsWith("Invalid '[")) return 'it ends in the middle: an element is never closed';
  return `line ${line}, column ${col}: ${msg}`;
}

/** One element: its name, attributes and elements below; text is left out. */
export type Element = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly below: readonly Element[];
};

const ATTRIBUTES = ':@';
const TEXT = '#text';
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  maxNestedTags: DEPTH_MAX,
  // Output may be large, and nothing is read from it.
  tagValueProcessor: () => '',
});

function parsed(text: string): Element | string {
  try {
    const roots = elementsOf(parser.parse(text)).filter(({ name }) => !name.startsWith('?'));
    return roots.length === 1 ? roots[0]! : `it has ${roots.length} root elements; a report has one`;
  } catch (problem) {
    return `it is not XML that can be read: ${problem instanceof Error ? problem.message : String(problem)}`;
  }
}

function elementsOf(nodes: unknown): Element[] {
  if (!Array.isArray(nodes)) return [];
  return nodes.flatMap((node: Record<string, unknown>) => {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES && key !== TEXT);
    if (name === undefined) return [];
    const attributes = (node[ATTRIBUTES] ?? {}) as Record<string, string>;
    return [{ name, attributes, below: elementsOf(node[name]) }];
  });
}

type Tally = { tests: number; failures: number; skipped: number; failed: string[] };

function counted(root: Element): Result<JunitReport, string> {
  if (root.name !== 'testsuites' && root.name !== 'testsuite') {
    return fail(`its root element is <${root.name}>; expected <testsuites> or <testsuite>`);
  }
  const tally: Tally = { tests: 0, failures: 0, skipped: 0, failed: [] };
  count(root, tally);
  return ok({ ...tally, claimedFailures: claimed(root) });
}

/** Elements of unknown names are looked into as well: a failure must not hide in one. */
function count(suite: Element, tally: Tally) {
  for (const element of suite.below) {
    if (element.name === 'testcase') countCase(element, tally);
    // A suite that broke before or after its tests: one more test that failed.
    else if (element.name === 'failure' || element.name === 'error') countBroken(suite, tally);
    else count(element, tally);
  }
}

function countCase(test: Element, tally: Tally) {
  tally.tests += 1;
  const verdict = verdictOf(test);
  if (verdict === 'failed') countFailure(test, tally);
  if (verdict === 'skipped') tally.skipped += 1;
  count({ ...test, below: test.below.filter(({ name }) => name.startsWith('test')) }, tally);
}

function countBroken(suite: Element, tally: Tally) {
  tally.tests += 1;
  countFailure(suite, tally);
}

function countFailure(of: Element, tally: Tally) {
  tally.failures += 1;
  const { name, classname } = of.attributes;
  if (tally.failed.length < NAMES_MAX) {
    tally.failed.push(unescaped((name || classname || 'a test without a name').slice(0, TEXT_MAX)));
  }
}

const FAILED = /^(fail|failed|failure|error|errored|broken|aborted|timedout|timeout)$/i;
const SKIPPED = /^(skip|skipped|ignored|disabled|notrun|suppressed|pending|inconclusive)$/i;

export function verdictOf({ attributes, below }: Element): 'failed' | 'skipped' | 'passed' {
  const has = (name: string) => below.some((element) => element.name === name) || name in attributes;
  const says = [attributes.status, attributes.result].filter((text) => text !== undefined);
  if (has('failure') || has('error') || says.some((text) => FAILED.test(text))) return 'failed';
  return has('skipped') || has('disabled') || says.some((text) => SKIPPED.test(text)) ? 'skipped' : 'passed';
}

/** Totals of a suite cover what is below it, or not, by dialect; so the larger of the two. */
function claimed(suite: Element): number {
  const own = number(suite.attributes.failures) + number(suite.attributes.errors);
  const suites = suite.below.filter(({ name }) => name === 'testsuite' || name === 'testsuites');
  return Math.max(
    own,
    suites.reduce((sum, below) => sum + claimed(below), 0),
  );
}

function number(text: string | undefined): number {
  const value = Number(text ?? 0);
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}
