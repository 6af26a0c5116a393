import type { Touch } from '../../core/assembly/assembly.ts';
import type { DeployedDiff, PickRow } from '../../core/assembly/explanation.ts';
import { short } from '../../core/base/ids.ts';
import type { DiffView, LineDiffView } from '../../core/views/diff-view.ts';
import { conflictLines, hunkTexts, proposalLines } from './conflicts.ts';
import { clean, cleanText, ink, many, type Paper, screen, tint, wrap } from './paper.ts';
import { table } from './table.ts';

/** Each line of a fix: its commits, what changes against what is deployed, who rides along. `isStat`: no patches. */
export function renderDiff(asked: DiffView, how: { readonly isStat: boolean }, paper: Paper): string {
  const { fix, title, lines } = clean({ fix: asked.fix, title: asked.title, lines: lineNames(asked) });
  const head = `${ink(paper, 'bold', fix)}  ${title}`;
  if (lines.length === 0)
    return screen(
      [head, `No line is known yet: assembly has not begun.`, `  next   fleetfix status ${fix}`],
      paper,
    );
  return screen([head, ...asked.lines.flatMap((line) => ['', ...lineText(asked, line, how, paper)])], paper);
}

const lineNames = (view: DiffView): string[] => view.lines.map(({ line }) => line);

function lineText(
  view: DiffView,
  asked: LineDiffView,
  { isStat }: { readonly isStat: boolean },
  paper: Paper,
): string[] {
  // Patches are not cleaned to one line each: they are lines already, and their tabs count.
  const { picks, deployed, ...rest } = asked;
  const line = clean(rest);
  const head = `${ink(paper, 'bold', `Line ${line.line}`)}  ${tint(paper, line.outcome)}: ${line.because}`;
  const facts = [wrap(head, paper.width, 2), ...acceptedText(line, paper)];
  if (deployed === undefined)
    return [...facts, ...withoutCandidate(view, { ...line, conflicts: asked.conflicts }, paper)];
  return [
    ...facts,
    ...fact('rides along', ridesAlong(line), paper),
    ...fact(
      'carries',
      line.carries.map(({ fix, title }) => `${fix} ${title}`),
      paper,
    ),
    ...fact('warning', line.warnings, paper),
    '',
    ...commits(picks, paper),
    '',
    ...files(deployed, paper),
    ...(isStat ? [] : patches(picks, deployed, paper)),
    ...leftOut(view, line, deployed, { isStat, paper }),
  ];
}

const FACT = 14;

const fact = (name: string, texts: readonly string[], paper: Paper): string[] =>
  texts.map((text) => wrap(`  ${name.padEnd(FACT)}${text}`, paper.width, FACT + 2));

const acceptedText = ({ accepted }: Pick<LineDiffView, 'accepted'>, paper: Paper): string[] =>
  accepted
    ? fact(
        'taken',
        [`${accepted.kind}, as ${accepted.by} looked at it (tree ${short(accepted.tree)})`],
        paper,
      )
    : [];

const ridesAlong = ({ passengers }: Pick<LineDiffView, 'passengers'>): string[] =>
  passengers.length === 0 ? ['nothing'] : passengers.map(touchLine);

/** `5cd2f01a9b3c split defrag from compaction (#1234, ada)`. */
function touchLine({ commit, subject, author, pullRequest }: Touch): string {
  const about = [pullRequest === undefined ? '' : `#${pullRequest}`, author].filter((part) => part !== '');
  return `${short(commit)} ${subject}${about.length > 0 ? ` (${about.join(', ')})` : ''}`;
}

/** No candidate: the line says itself why, and a conflict what could be done. */
function withoutCandidate(
  view: DiffView,
  line: Omit<LineDiffView, 'picks' | 'deployed'>,
  paper: Paper,
): string[] {
  if (line.outcome === 'waiting') return ['  no candidate yet: it is being assembled'];
  if (line.outcome !== 'conflict')
    return ['  no candidate, and none is needed'].slice(line.outcome === 'refused' ? 1 : 0);
  return [
    ...fact('no candidate', [line.conflicting ?? 'the change does not go on'], paper),
    ...fact('warning', line.warnings, paper),
    '',
    ...conflictLines(clean(line.conflicts), paper),
    ...line.conflicts.flatMap((conflict) => hunkTexts(conflict, paper)),
    ...line.proposals.flatMap((one) => ['', ...proposalLines(one, paper)]),
    ...(line.proposals.length > 0
      ? []
      : [
          '',
          wrap(
            `  nothing that was tried goes on: fleetfix backport ${view.fix} --not ${line.line}=REASON`,
            paper.width,
          ),
        ]),
  ];
}

const MARKS: Readonly<Record<PickRow['mark'], string>> = {
  '=': 'same',
  '!': 'differs',
  '<': 'not put on',
  '>': 'no source',
  '?': 'not compared',
};

/** The commits of the candidate, each against the one it was made of. */
function commits(picks: readonly PickRow[], paper: Paper): string[] {
  const rows = picks.map((raw) => {
    const row = clean({ ...raw, patch: [] });
    const { source, candidate } = row;
    return [
      ink(paper, row.mark === '=' ? 'green' : 'yellow', `${row.mark} ${MARKS[row.mark]}`),
      source ? short(source.commit) : '-',
      candidate ? short(candidate.commit) : '-',
      row.role === 'carried' ? `carried ${row.fix ?? ''}` : row.role,
      [
        `${row.isRevert ? 'git revert of: ' : ''}${(source ?? candidate)?.subject ?? ''}`,
        source?.pullRequest === undefined ? '' : `(#${source.pullRequest})`,
        row.because === undefined ? '' : `· ${row.because}`,
      ]
        .filter((part) => part !== '')
        .join(' '),
    ];
  });
  return table(COLUMNS('COMMIT', 'SOURCE', 'CANDIDATE', 'IS', 'SUBJECT'), rows, paper);
}

const COLUMNS = (...titles: string[]) => titles.map((title) => ({ title }));

/** What changes for the control planes, file by file. */
function files(deployed: DeployedDiff, paper: Paper): string[] {
  const { total, from } = deployed;
  const head = `Against ${short(from)}, which is deployed: ${many(total.files, 'file')}, +${total.added} -${total.removed}`;
  const rows = deployed.files.map((raw) => {
    const file = clean({ ...raw, patch: [] });
    return [
      file.did,
      file.class,
      file.isBinary ? 'binary' : ink(paper, 'green', `+${file.added}`),
      file.isBinary ? '' : ink(paper, 'red', `-${file.removed}`),
      `${file.from === undefined ? '' : `${file.from} → `}${file.path}${file.mode === undefined ? '' : ` (mode ${file.mode})`}`,
    ];
  });
  if (rows.length === 0) return [head];
  return [head, ...table(COLUMNS('DID', 'CLASS', '+', '-', 'PATH'), rows, paper)];
}

function patches(picks: readonly PickRow[], deployed: DeployedDiff, paper: Paper): string[] {
  const differing = picks.filter((row) => row.patch.length > 0);
  return [
    ...differing.flatMap((row) => [
      '',
      ink(
        paper,
        'bold',
        `How ${short(row.candidate!.commit)} differs from its source ${short(row.source!.commit)}:`,
      ),
      ...row.patch.map((line) => patchLine(line, paper)),
      ...cut(row.leftOut),
    ]),
    ...deployed.files
      .filter((file) => file.patch.length > 0)
      .flatMap((file) => [
        '',
        ink(paper, 'bold', clean(file.path)),
        ...file.patch.map((line) => patchLine(line, paper)),
        ...cut(file.leftOut),
      ]),
  ];
}

const cut = (lines: number): string[] => (lines > 0 ? [`… ${many(lines, 'line')} more`] : []);

function patchLine(raw: string, paper: Paper): string {
  const line = cleanText(raw);
  if (line.startsWith('+')) return ink(paper, 'green', line);
  if (line.startsWith('-')) return ink(paper, 'red', line);
  return line.startsWith('@@') ? ink(paper, 'cyan', line) : line;
}

function leftOut(
  view: DiffView,
  line: Pick<LineDiffView, 'line'>,
  deployed: DeployedDiff,
  { isStat, paper }: { readonly isStat: boolean; readonly paper: Paper },
): string[] {
  const said = clean(deployed.leftOut).map((text) => wrap(`  ${text}`, paper.width, 2));
  const rest =
    said.length > 0 ? ['', ...said, `  all of it, in a clone that has both: ${deployed.command}`] : [];
  return isStat ? [...rest, '', `patches: fleetfix diff ${view.fix} --line ${line.line}`] : rest;
}
