import { ExpandableSection } from '@patternfly/react-core/dist/dynamic/components/ExpandableSection';
import { Skeleton } from '@patternfly/react-core/dist/dynamic/components/Skeleton';
import { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { LineDiffView } from '../../../src/core/views/diff-view.ts';
import type { FixView, LineView } from '../../../src/core/views/fix-view.ts';
import { api } from '../api.ts';
import { CandidateParts } from '../parts/candidate-parts.tsx';
import { ConflictParts } from '../parts/conflict-parts.tsx';
import { CopyCommand } from '../parts/copy-command.tsx';
import { Proposals } from '../parts/proposals.tsx';
import { TroubleNote } from '../parts/trouble.tsx';
import { countText } from '../words.ts';

/** What makes the diff of a line another one; the passing of events and time does not. */
const contentOf = (line: LineView): string =>
  [line.outcome, line.commit, ...line.proposals.map((one) => one.tree)].join(' ');

function LineBody({ diff, view, line }: { diff: LineDiffView; view: FixView; line: LineView }) {
  if (diff.deployed !== undefined) return <CandidateParts diff={diff} deployed={diff.deployed} />;
  if (diff.outcome !== 'conflict') return <p className="ff-subtle">There is no candidate: {diff.because}.</p>;
  return (
    <>
      <ConflictParts diff={diff} />
      <Proposals view={view} line={line} />
    </>
  );
}

function LoadedLine({ view, line }: { view: FixView; line: LineView }) {
  const query = useQuery({
    // Not below the key of the fix: what a candidate is made of stays, whatever else happens to the fix.
    queryKey: ['diff', view.id, line.line, contentOf(line)],
    queryFn: () => api.diff(view.id, line.line),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  if (query.isError) return <TroubleNote error={query.error} />;
  const diff = query.data?.lines.find((one) => one.line === line.line);
  if (diff === undefined) return <Skeleton height="8rem" screenreaderText={`Loading line ${line.line}`} />;
  return <LineBody diff={diff} view={view} line={line} />;
}

function LinePart({ view, line, isFirst }: { view: FixView; line: LineView; isFirst: boolean }) {
  const [open, setOpen] = useState(isFirst);
  const name = `Line ${line.line}`;
  return (
    <section className="ff-part" aria-label={name}>
      <Title headingLevel="h2">
        {name} <span className={line.outcome === 'conflict' ? 'ff-tone-danger' : ''}>· {line.outcome}</span>
      </Title>
      <p className="ff-subtle">
        {line.prepared === undefined
          ? countText(line.targets, 'control plane')
          : `prepared by ${line.prepared.by}, no control plane is on it yet`}{' '}
        · {line.conflicting ?? line.because}
      </p>
      {line.accepted === undefined ? null : (
        <p>
          {line.accepted.by} took the proposal “{line.accepted.kind}”, as tree{' '}
          <code>{line.accepted.tree.slice(0, 12)}</code>.
        </p>
      )}
      <ExpandableSection
        toggleText={
          open ? `Hide what line ${line.line} is made of` : `Show what line ${line.line} is made of`
        }
        isExpanded={open}
        onToggle={(_, to) => setOpen(to)}
      >
        {open ? (
          <>
            <LoadedLine view={view} line={line} />
            <CopyCommand command={`fleetfix diff ${view.id} --line ${line.line}`} />
          </>
        ) : null}
      </ExpandableSection>
    </section>
  );
}

/** Lines that need someone come first; then those that have a candidate. */
const rank = (line: LineView): number =>
  line.outcome === 'conflict' ? 0 : line.commit !== undefined ? 1 : 2;

/** What the change is on each line: its commits, its files, who rides along; or what stands in the way. */
export function FixChange({ view }: { view: FixView }) {
  const lines = view.lines.toSorted((a, b) => rank(a) - rank(b));
  if (lines.length === 0) return <p className="ff-subtle">No line is known yet: assembly has not begun.</p>;
  return lines.map((line, i) => <LinePart key={line.line} view={view} line={line} isFirst={i === 0} />);
}
