import { ExpandableSection } from '@patternfly/react-core/dist/dynamic/components/ExpandableSection';
import { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
import { Tr } from '@patternfly/react-table/dist/dynamic/components/Table';
import { useState } from 'react';
import type { DeployedDiff, FileDiff, PickRow } from '../../../src/core/assembly/explanation.ts';
import { short } from '../../../src/core/base/ids.ts';
import type { LineDiffView } from '../../../src/core/views/diff-view.ts';
import { countText } from '../words.ts';
import { Cell } from './cell.tsx';
import { CopyCommand } from './copy-command.tsx';
import { ListTable } from './list-table.tsx';
import { PatchText } from './patch-text.tsx';
import { TouchText } from './touch-text.tsx';

const MARKS: Readonly<Record<PickRow['mark'], { readonly word: string; readonly tone: string }>> = {
  '=': { word: 'same', tone: 'ff-tone-success' },
  '!': { word: 'differs', tone: 'ff-tone-warning' },
  '<': { word: 'not put on', tone: 'ff-tone-warning' },
  '>': { word: 'no source', tone: 'ff-tone-warning' },
  '?': { word: 'not compared', tone: 'ff-tone-warning' },
};

function PickLine({ row }: { row: PickRow }) {
  const mark = MARKS[row.mark];
  const about = row.source ?? row.candidate;
  return (
    <Tr>
      <Cell label="Against its source">
        <span className="ff-nowrap">
          <strong aria-hidden className={`ff-glyph ${mark.tone}`}>
            {row.mark}
          </strong>{' '}
          {mark.word}
        </span>
      </Cell>
      <Cell label="Commit">
        {row.isRevert ? 'git revert of ' : ''}
        {about === undefined ? '' : <TouchText touch={about} />}
        {row.because === undefined ? null : <div className="ff-subtle">{row.because}</div>}
      </Cell>
      <Cell label="Is">{row.role === 'carried' ? `carried ${row.fix ?? ''}` : row.role}</Cell>
      <Cell label="Source">{row.source === undefined ? '' : <code>{short(row.source.commit)}</code>}</Cell>
      <Cell label="Candidate">
        {row.candidate === undefined ? '' : <code>{short(row.candidate.commit)}</code>}
      </Cell>
    </Tr>
  );
}

function Commits({ picks }: { picks: readonly PickRow[] }) {
  const differing = picks.filter((row) => row.patch.length > 0);
  return (
    <>
      <Title headingLevel="h3">Commits against the original</Title>
      <ListTable
        label="Commits of the candidate"
        columns={['Against its source', 'Commit', 'Is', 'Source', 'Candidate']}
      >
        {picks.map((row) => (
          <PickLine key={`${row.source?.commit} ${row.candidate?.commit}`} row={row} />
        ))}
      </ListTable>
      {differing.map((row) => (
        <Folded
          key={row.candidate?.commit}
          isOpen={false}
          summary={`How ${short(row.candidate?.commit ?? '')} differs from its source`}
          lines={row.patch}
          leftOut={row.leftOut}
        />
      ))}
    </>
  );
}

type FoldedProps = {
  readonly summary: string;
  readonly lines: readonly string[];
  readonly leftOut: number;
  readonly isOpen: boolean;
};

/** A patch behind its name; its lines are drawn only when it is open. */
function Folded({ summary, lines, leftOut, isOpen }: FoldedProps) {
  const [open, setOpen] = useState(isOpen);
  return (
    <ExpandableSection toggleText={summary} isExpanded={open} onToggle={(_, to) => setOpen(to)}>
      {open ? <PatchText lines={lines} /> : null}
      {leftOut > 0 ? <p className="ff-subtle">… {countText(leftOut, 'line')} more</p> : null}
    </ExpandableSection>
  );
}

const OPEN_LINES_MAX = 200;

/** What people read first is open: short patches of what is written by hand. */
const isOpenFirst = (file: FileDiff, files: readonly FileDiff[]): boolean =>
  file.class !== 'generated' && files.length <= 10 && file.patch.length <= OPEN_LINES_MAX;

function fileText(file: FileDiff): string {
  const counts = file.isBinary ? 'binary' : `+${file.added} −${file.removed}`;
  const from = file.from === undefined ? '' : `${file.from} → `;
  const mode = file.mode === undefined ? '' : `, mode ${file.mode}`;
  return `${from}${file.path} · ${file.did}, ${file.class}, ${counts}${mode}`;
}

function FileLine({ file, files }: { file: FileDiff; files: readonly FileDiff[] }) {
  if (file.patch.length === 0)
    return (
      <p>
        {fileText(file)}
        {file.leftOut > 0 ? ` · ${countText(file.leftOut, 'line')} not given` : ''}
      </p>
    );
  return (
    <Folded
      summary={fileText(file)}
      lines={file.patch}
      leftOut={file.leftOut}
      isOpen={isOpenFirst(file, files)}
    />
  );
}

function Files({ deployed }: { deployed: DeployedDiff }) {
  const { total, files } = deployed;
  return (
    <>
      <Title headingLevel="h3">
        Against what is deployed: {countText(total.files, 'file')}, +{total.added} −{total.removed}
      </Title>
      <p className="ff-subtle">
        From release <code>{short(deployed.from)}</code> to candidate <code>{short(deployed.to)}</code>
      </p>
      {files.map((file) => (
        <FileLine key={file.path} file={file} files={files} />
      ))}
      {deployed.leftOut.length === 0 ? null : (
        <>
          {deployed.leftOut.map((text) => (
            <p key={text}>{text}.</p>
          ))}
          <CopyCommand label="All of it, in a clone that has both" command={deployed.command} />
        </>
      )}
    </>
  );
}

function RidesAlong({ diff }: { diff: LineDiffView }) {
  return (
    <>
      <Title headingLevel="h3">What rides along</Title>
      {diff.passengers.length === 0 ? (
        <p>Nothing: it is what is deployed and the change.</p>
      ) : (
        <ul className="ff-plain-list">
          {diff.passengers.map((touch) => (
            <li key={touch.commit}>
              <TouchText touch={touch} /> <span className="ff-subtle">prerequisite, chosen by a person</span>
            </li>
          ))}
        </ul>
      )}
      {diff.carries.map(({ fix, title }) => (
        <p key={fix}>
          Keeps <a href={`/fixes/${fix}`}>{fix}</a> {title}
        </p>
      ))}
      {diff.warnings.map((text) => (
        <p key={text}>
          <strong className="ff-tone-warning">Warning:</strong> {text}
        </p>
      ))}
    </>
  );
}

/** The three parts of a candidate: who rides along, its commits, its files. */
export function CandidateParts({ diff, deployed }: { diff: LineDiffView; deployed: DeployedDiff }) {
  return (
    <div className="ff-parts">
      <RidesAlong diff={diff} />
      <Commits picks={diff.picks} />
      <Files deployed={deployed} />
    </div>
  );
}
