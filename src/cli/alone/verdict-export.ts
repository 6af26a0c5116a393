import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Result } from '../../core/base/result.ts';
import type { Test } from '../../core/verdict/merge.ts';
import {
  type CasesFound,
  type PolarionOutcome,
  type PolarionRun,
  polarionCases,
  polarionDifference,
  polarionXml,
} from '../../core/verdict/polarion.ts';
import {
  testName,
  testsOf,
  type Verdict,
  type VerdictPolicy,
  verdictOfTests,
} from '../../core/verdict/verdict.ts';
import type { Context } from '../context.ts';
import { Ending, EXIT, type ExitCode, misuse } from '../exit.ts';
import { clean, many, type Paper, screen, wrap } from '../render/paper.ts';
import { reportsOf } from './verdict.ts';
import { readCaseMap } from './verdict-map.ts';
import { type PolarionFlags, polarionProperties } from './verdict-properties.ts';

export type ExportInput = VerdictPolicy &
  PolarionFlags & {
    readonly out: string;
    readonly map?: string;
    readonly idProperty: string;
    readonly withoutId: 'refuse' | 'leave-out';
    readonly errors: 'failed' | 'blocked';
  };

/** What was written, and what was not. */
export type ExportAnswer = Pick<Verdict, 'result' | 'because'> & {
  readonly out: string;
  readonly cases: Readonly<Record<PolarionOutcome, number>>;
  /** Tests of the run; several may be one case. */
  readonly tests: number;
  readonly withoutId: readonly { readonly test: string; readonly outcome: string }[];
  readonly unused: readonly string[];
  readonly overruled: CasesFound['overruled'];
};

const LISTED_MAX = 500;
const SHOWN_MAX = 20;

/**
 * Writes the reports of one run as a file for Polarion's xUnit importer, and says done only after it has read the file
 * and found in it what was meant. Exit 4: nothing was written, and why.
 */
export async function exportVerdict(
  context: Context,
  files: readonly string[],
  input: ExportInput,
): Promise<ExitCode> {
  const { io, out } = context;
  const readBack = io.alone?.readPolarion;
  if (!readBack) throw new Ending(EXIT.ours, 'nothing can be exported from here');
  const properties = polarionProperties(input);
  const map = input.map === undefined ? [] : await readCaseMap(input.map, io.stdin);
  const reports = await reportsOf(context, files);
  const tests = testsOf(reports, input);
  const verdict = verdictOfTests(tests, reports, input);
  const found = polarionCases(tests, { ...input, map });
  judge(verdict, found, input);
  const suite = `${input.project} ${input.testrun ?? input.title}`;
  const run: PolarionRun = { properties, suite, cases: found.cases };
  const xml = polarionXml(run);
  if (input.out === '-') {
    checked(run, await readBack(xml));
    out.data(xml);
  } else await writeChecked(input.out, xml, async (written) => checked(run, await readBack(written)));
  const answer = answerOf(input.out, verdict, found, tests);
  if (input.out === '-') for (const line of lines(answer)) out.say(clean(line));
  else
    await out.print({
      value: answer,
      names: [answer.out],
      text: (paper) => renderExport(answer, paper),
    });
  return EXIT.done;
}

/** A file that would show less than the run was is not written. */
function judge(verdict: Verdict, { cases, withoutId }: CasesFound, input: ExportInput): void {
  const [unread] = verdict.unread.first;
  if (unread)
    throw new Ending(EXIT.refused, `${unread.report} cannot be read: ${unread.because}; nothing was written`);
  if (verdict.counts.tests === 0) throw new Ending(EXIT.refused, `${verdict.because}; nothing was written`);
  if (withoutId.length > 0 && input.withoutId === 'refuse')
    throw new Ending(
      EXIT.refused,
      `${many(withoutId.length, 'test')} without an id; nothing was written: ${namedTests(withoutId)}`,
      [
        '--map FILE gives ids',
        '--lookup name looks tests up by name',
        '--without-id leave-out leaves them out',
      ],
    );
  if (cases.length === 0)
    throw new Ending(EXIT.refused, 'no test has an id, so there is nothing to export; nothing was written', [
      '--map FILE gives ids',
    ]);
}

function namedTests(tests: readonly Test[]): string {
  const first = tests.slice(0, SHOWN_MAX).map(testName);
  return clean(tests.length > SHOWN_MAX ? [...first, '…'] : first).join(', ');
}

function checked(meant: PolarionRun, read: Result<PolarionRun, string>): void {
  const fault = read.ok ? polarionDifference(meant, read.value) : read.error;
  if (fault !== undefined)
    throw new Ending(EXIT.ours, `what was written is not what was meant: ${fault}; it was not kept`);
}

/** Writes beside, reads that from the disk, and only then puts it in its place. */
async function writeChecked(
  out: string,
  xml: string,
  check: (written: string) => Promise<void>,
): Promise<void> {
  const beside = join(dirname(out), `.${basename(out)}.${process.pid}.part`);
  try {
    const file = openSync(beside, 'wx', 0o644);
    try {
      const bytes = Buffer.from(xml);
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    await check(readFileSync(beside, 'utf8'));
    renameSync(beside, out);
  } catch (problem) {
    rmSync(beside, { force: true });
    if (!(problem instanceof Error && 'code' in problem)) throw problem;
    throw misuse(`--out ${out} cannot be written: ${problem.code}`);
  }
}

function answerOf(out: string, verdict: Verdict, found: CasesFound, tests: readonly Test[]): ExportAnswer {
  const count = (outcome: PolarionOutcome) => found.cases.filter((one) => one.outcome === outcome).length;
  return {
    out,
    result: verdict.result,
    because: verdict.because,
    cases: {
      passed: count('passed'),
      failed: count('failed'),
      blocked: count('blocked'),
      waiting: count('waiting'),
    },
    tests: tests.length,
    withoutId: found.withoutId
      .slice(0, LISTED_MAX)
      .map((test) => ({ test: testName(test), outcome: test.outcome })),
    unused: found.unused
      .slice(0, LISTED_MAX)
      .map((entry) => (entry.class === undefined ? entry.test : `${entry.class} > ${entry.test}`)),
    overruled: found.overruled.slice(0, LISTED_MAX),
  };
}

function lines({ out, because, result, cases, tests, withoutId, unused, overruled }: ExportAnswer): string[] {
  const all = Object.values(cases).reduce((sum, count) => sum + count, 0);
  const told = Object.entries(cases).flatMap(([outcome, count]) =>
    count > 0 ? [`${count} ${outcome}`] : [],
  );
  const cut = <T>(list: readonly T[], line: (one: T) => string) => [
    ...list.slice(0, SHOWN_MAX).map(line),
    ...(list.length > SHOWN_MAX ? [`and ${list.length - SHOWN_MAX} more; -o json has them`] : []),
  ];
  return [
    `${out === '-' ? 'written' : `${out} written`} and read back: ${many(all, 'case')} of ${many(tests, 'test')}: ${told.join(', ')}`,
    `the run itself: ${result}: ${because}`,
    ...cut(withoutId, ({ test, outcome }) => `left out, it has no id: ${test} (${outcome})`),
    ...cut(unused, (entry) => `warning: no test is called as the map says: ${entry}`),
    ...cut(
      overruled,
      ({ test, own, id }) => `warning: ${test} calls itself ${own}, the map ${id}; ${id} counts`,
    ),
  ];
}

const renderExport = (answer: ExportAnswer, paper: Paper): string =>
  screen(
    lines(clean(answer)).map((line) => wrap(line, paper.width)),
    paper,
  );
