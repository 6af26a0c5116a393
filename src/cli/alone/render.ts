import type { Assembly, Containment, Proposal } from '../../core/assembly/assembly.ts';
import { short } from '../../core/base/ids.ts';
import { clean, many, type Paper, screen, tint, wrap } from '../render/paper.ts';
import { table } from '../render/table.ts';
import type { Result } from './result.ts';

const titled = (...titles: string[]) => titles.map((title) => ({ title }));

/** A result of a batch on one line. */
export function assemblyLine(result: Result, paper: Paper): string {
  const { id, outcome, because, commit } = clean(result);
  const what = commit === undefined ? '' : `  ${commit}`;
  return screen([`${tint(paper, outcome)}  ${id ?? '-'}${what}  ${because}`], paper).trimEnd();
}

/** Why a result has no candidate, on one line. */
export function reasonLine(result: Result): string {
  const { id, outcome, because } = clean(result);
  return `${id ?? '-'}: ${outcome}: ${because}`;
}

const OUTCOMES: readonly Assembly['outcome'][] = ['clean', 'contained', 'empty', 'conflict', 'refused'];

/** How many results ended how: `12 clean, 3 contained, 1 conflict`; what none ended in is left out. */
export function countLine(counts: ReadonlyMap<Assembly['outcome'], number>): string {
  const said = OUTCOMES.flatMap((one) => (counts.has(one) ? [`${counts.get(one)} ${one}`] : []));
  return said.join(', ') || 'no line to assemble';
}

/** Results one under the other: what came of each, and how to go on from there. */
export function renderAssemblies(results: readonly Result[], paper: Paper): string {
  return screen(
    results.flatMap((one, i) => [...(i > 0 ? [''] : []), ...assembly(clean(one), paper)]),
    paper,
  );
}

function assembly(result: Result, paper: Paper): string[] {
  const { kept, commit } = result;
  const facts: (readonly [string, string | undefined])[] = [
    ['candidate', commit],
    ['tree', result.tree],
    ['get it', kept && `git fetch ${shellWord(kept.repository)} ${kept.ref}`],
    ['git-reverted', result.contained?.gitReverted ? 'it was there and was taken back' : undefined],
    ...result.passengers.map((id) => ['rides along', id] as const),
    ...result.warnings.map((text) => ['warning', text] as const),
  ];
  return [
    wrap(`${result.id}: ${tint(paper, result.outcome)}: ${result.because}`, paper.width),
    ...facts.flatMap(([name, text]) => (text === undefined ? [] : [fact(name, text, paper)])),
    ...conflicts(result, paper),
    ...result.proposals.flatMap((one) => proposal(one, paper)),
    ...(result.outcome === 'conflict' && result.proposals.length === 0 ? ['', ...BY_HAND] : []),
  ];
}

const FACT = 14;
const fact = (name: string, text: string, paper: Paper): string =>
  wrap(`  ${name.padEnd(FACT)}${text}`, paper.width, FACT + 2);
const BY_HAND = [
  '  nothing that was tried helps',
  '  next: make it by hand for this line, then --change THAT-COMMIT or --patch FILE',
];

function conflicts({ conflicts: all }: Result, paper: Paper): string[] {
  if (all.length === 0) return [];
  const rows = all.map((one) => [
    `  ${one.path}`,
    one.kind,
    one.class,
    short(one.picking),
    one.hunks.map((hunk) => `${hunk.ours.from}: ${hunk.shape}`).join(', ') || '-',
  ]);
  return ['', ...table(titled('  PATH', 'KIND', 'CLASS', 'PICKING', 'HUNKS'), rows, paper)];
}

/** A remedy that was tried, how to take it, and what to look at before. */
function proposal(one: Proposal, paper: Paper): string[] {
  const { commits, files, lines } = one.passengers;
  const ride =
    commits + files + lines === 0
      ? 'nothing rides along'
      : `${many(commits, 'commit')}, ${many(files, 'file')}, ${many(lines, 'line')} ride along`;
  const take =
    one.kind === 'prerequisites' ? `--with ${one.commits.join(',')}` : `--accept ${one.kind}=${one.tree}`;
  return [
    '',
    `  proposal: ${one.kind}, ${one.outcome}; ${ride}`,
    ...one.commits.map((id, i) => wrap(`    ${short(id)} ${one.subjects[i] ?? ''}`, paper.width)),
    ...one.left.map(({ path, class: kind }) => `    left: ${path} (${kind})`),
    ...one.look.map((text) => wrap(`    look: ${text}`, paper.width)),
    `    take it: ${take}${one.left.some((path) => path.class === 'generated') ? ' --regenerate "COMMAND"' : ''}`,
  ];
}

/** One sentence, then each source commit. */
export function renderContainment(found: Containment, paper: Paper): string {
  const { contained, because, of, warnings } = clean(found);
  const rows = of.map((one) => [
    short(one.source),
    tint(paper, one.gitReverted ? 'git-reverted' : one.contained ? 'contained' : 'missing'),
    one.commit === undefined ? '-' : short(one.commit),
    one.how.join(', ') || '-',
  ]);
  return screen(
    [
      wrap(`${tint(paper, contained ? 'contained' : 'not contained')}: ${because}`, paper.width),
      ...warnings.map((text) => fact('warning', text, paper)),
      '',
      ...table(titled('SOURCE', 'IS', 'AS', 'HOW'), rows, paper),
    ],
    paper,
  );
}

const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
