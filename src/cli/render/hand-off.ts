import { short } from '../../core/base/ids.ts';
import type { HandOff, HandOffGate, HandOffLine } from '../../core/hand-off/hand-off.ts';
import { isLeft, LEFT } from '../../core/views/lines-now.ts';
import { findingText } from './findings.ts';
import { clean, ink, many, type Paper, screen, soonText, tint, wrap } from './paper.ts';

const TESTS_MAX = 8;
const FINDINGS_MAX = 3;

/** The hand-off at a glance; the page has all of it. */
export function renderHandOff(asked: HandOff, paper: Paper): string {
  const it = clean(asked);
  return screen(
    [
      `${ink(paper, 'bold', it.fix)}  ${it.title}`,
      ...fact('why', it.reason, paper),
      ...fact('change', `${it.change}, by ${it.author}`, paper),
      ...(it.incident === undefined ? [] : fact('incident', it.incident, paper)),
      ...it.lines.flatMap((line) => ['', ...lineText(it, line, paper)]),
      '',
      ...fact('take back', it.back.steps.at(-1)?.command ?? it.back.text, paper),
      ...it.contacts.flatMap(({ for: what, who }) => fact('ask', `${who}: ${what}`, paper)),
      ...fact('whole page', `fleetfix hand-off ${it.fix} --as html > ${it.fix}.html`, paper),
    ],
    paper,
  );
}

const FACT = 12;
const fact = (name: string, value: string, paper: Paper): string[] => [
  wrap(`  ${name.padEnd(FACT)}${value}`, paper.width, FACT + 2),
];

function lineText(it: HandOff, line: HandOffLine, paper: Paper): string[] {
  const head = `${ink(paper, 'bold', `Line ${line.line}`)}  ${isLeft(line) ? LEFT : many(line.targets, 'control plane')}`;
  if (line.digest === undefined)
    return [wrap(`${head}: nothing to test, ${tint(paper, line.outcome)}: ${line.because}`, paper.width, 2)];
  return [
    head,
    // Never shortened: the digest is what a verdict is bound to.
    `  ${'image'.padEnd(FACT)}${line.image ?? line.digest}`,
    ...line.earlier.map(
      ({ digest }) => `  ${'not'.padEnd(FACT)}${ink(paper, 'yellow', digest)}, which it was before`,
    ),
    ...(line.deployed ? fact('differs', differs(line.deployed), paper) : []),
    ...(line.notRead === undefined ? [] : fact('differs', `not known: ${line.notRead}`, paper)),
    ...line.passengers.flatMap(({ commit, subject }) =>
      fact('rides along', `${short(commit)} ${subject}`, paper),
    ),
    ...line.carries.flatMap(({ fix, title }) => fact('carries', `${fix} ${title}`, paper)),
    ...line.gates.flatMap((gate) => gateText(gate, it, paper)),
    ...testsText(line, paper),
  ];
}

const differs = ({ total, from }: NonNullable<HandOffLine['deployed']>): string =>
  `${many(total.files, 'file')}, +${total.added} -${total.removed} against ${short(from)}, which is deployed`;

function gateText(gate: HandOffGate, { at }: HandOff, paper: Paper): string[] {
  const { findings = [], until, verdict } = gate;
  const when = until === undefined ? '' : `, until ${soonText(until, at)}`;
  const more = findings.length - FINDINGS_MAX;
  const found = [
    ...findings.slice(0, FINDINGS_MAX).map(findingText),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(verdict ? [verdict.command] : []),
  ];
  return [
    ...fact('gate', `${gate.gate} ${tint(paper, gate.state)}: ${gate.because}${when}`, paper),
    ...found.map((one) => `  ${''.padEnd(FACT)}  ${one}`),
  ];
}

function testsText({ tests }: HandOffLine, paper: Paper): string[] {
  if (tests === undefined) return [];
  if (!tests.known) return fact('tests', `not known: ${tests.because}`, paper);
  const count = tests.tests.length + tests.testsLeftOut;
  const more = count - TESTS_MAX;
  return [
    ...fact('tests', `${count} of ${tests.all} reach the change, nearest first`, paper),
    ...tests.tests.slice(0, TESTS_MAX).map(({ command }) => `  ${''.padEnd(FACT)}  ${command}`),
    ...(more > 0 ? [`  ${''.padEnd(FACT)}  and ${more} more`] : []),
    ...tests.suites.flatMap(({ name, command }) =>
      fact('suite', `${name}${command === undefined ? '' : `: ${command}`}`, paper),
    ),
    ...tests.notCovered
      .slice(0, TESTS_MAX)
      .flatMap(({ path, because }) => fact('not covered', `${path}: ${because}`, paper)),
    ...(tests.notCovered.length > TESTS_MAX || tests.notCoveredLeftOut > 0
      ? fact(
          'not covered',
          `and ${tests.notCovered.length + tests.notCoveredLeftOut - Math.min(TESTS_MAX, tests.notCovered.length)} more files`,
          paper,
        )
      : []),
  ];
}
