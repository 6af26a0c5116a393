import type { Conflict, HunkSide, Touch } from '../../core/assembly/assembly.ts';
import { short } from '../../core/base/ids.ts';
import type { ConflictView, ProposalView } from '../../core/views/fix-view.ts';
import { clean, cleanText, ink, many, type Paper, wrap } from './paper.ts';
import { table } from './table.ts';

/** Files in conflict as a table: what kind of file, and how many places. Texts are clean already. */
export function conflictLines(
  conflicts: readonly (Pick<Conflict, 'path' | 'kind' | 'class' | 'because'> & {
    readonly hunks: number | readonly unknown[];
  })[],
  paper: Paper,
): string[] {
  const rows = conflicts.map((one) => [
    `  ${one.class}`,
    one.kind,
    String(typeof one.hunks === 'number' ? one.hunks : one.hunks.length),
    `${one.path}${one.because === undefined ? '' : ` (${one.because})`}`,
  ]);
  return table(
    [{ title: '  CLASS' }, { title: 'KIND' }, { title: 'PLACES' }, { title: 'PATH' }],
    rows,
    paper,
  );
}

/** `pkg/a.go:12 same lines, last touched by #1234 split defrag`. */
export const placeLines = ({ places, hunks }: ConflictView): string[] => [
  ...places.map(
    ({ at, shape, touchedBy }) =>
      `${at} ${shape}${touchedBy === undefined ? '' : `, last touched by ${touchedBy}`}`,
  ),
  ...(hunks > places.length ? [`and ${hunks - places.length} more places`] : []),
];

/** Every place of a conflict with both sides, the line first. Cleaned here: tabs of code are kept. */
export function hunkTexts({ path, hunks }: Conflict, paper: Paper): string[] {
  return hunks.flatMap((hunk) => [
    '',
    ink(paper, 'bold', `  ${clean(path)}:${hunk.ours.from}  ${hunk.shape}`),
    ...sideLines('the line', hunk.ours, paper),
    ...sideLines('before the change', hunk.base, paper),
    ...sideLines('the change', hunk.theirs, paper),
  ]);
}

function sideLines(name: string, side: HunkSide, paper: Paper): string[] {
  const [by] = side.touchedBy;
  const head = `  ${name}${side.count === 0 ? ': nothing' : ''}${by ? `  (${clean(touchText(by))})` : ''}`;
  const more = side.count - side.lines.length;
  return [
    ink(paper, 'dim', head),
    ...side.lines.map((line) => `    ${cleanText(line)}`),
    ...(more > 0 && side.lines.length > 0 ? [`    … ${many(more, 'line')} more`] : []),
  ];
}

const touchText = ({ commit, subject, pullRequest }: Touch): string =>
  `${pullRequest === undefined ? short(commit) : `#${pullRequest}`} ${subject}`;

/** A remedy that works: what it means, what rides along, what a person must look at, and how to take it. */
export function proposalLines(one: ProposalView, paper: Paper): string[] {
  const { commits, files, lines } = one.passengers;
  const ride =
    commits + files + lines === 0
      ? 'nothing rides along'
      : `${many(commits, 'commit')}, ${many(files, 'file')}, ${many(lines, 'line')} ride along`;
  const whole = one.outcome === 'clean' ? '' : ' (incomplete)';
  return [
    wrap(`  proposal ${one.kind}${whole}: ${one.text}; ${ride}`, paper.width, 4),
    ...one.commits.map((id, i) => wrap(`    ${short(id)} ${one.subjects[i] ?? ''}`, paper.width, 6)),
    ...one.left.map((left) => `    left as the line has it: ${left.path} (${left.class})`),
    ...one.look.map((text) => wrap(`    look: ${text}`, paper.width, 10)),
    `    take it: ${one.command}`,
  ];
}
