import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import {
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
} from '@patternfly/react-core/dist/dynamic/components/EmptyState';
import { PageSection } from '@patternfly/react-core/dist/dynamic/components/Page';
import { Skeleton } from '@patternfly/react-core/dist/dynamic/components/Skeleton';
import { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
import CheckCircleIcon from '@patternfly/react-icons/dist/dynamic/icons/check-circle-icon';
import { Tr } from '@patternfly/react-table/dist/dynamic/components/Table';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Instant } from '../../../src/core/base/instant.ts';
import type { FixRow } from '../../../src/core/views/list-view.ts';
import { api } from '../api.ts';
import { useKeptError } from '../kept-error.ts';
import { listMadeAt } from '../list-time.ts';
import { useLive } from '../live.ts';
import { ClockBar, CoverageBar } from '../parts/bars.tsx';
import { Cell } from '../parts/cell.tsx';
import { CopyCommand } from '../parts/copy-command.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { LiveNote } from '../parts/live-note.tsx';
import { NeedNote } from '../parts/needs.tsx';
import { clockLine, coverageText, forecastLine } from '../parts/sentences.ts';
import { SeverityLabel } from '../parts/severity.tsx';
import { useTitle } from '../parts/title.ts';
import { TroublePage } from '../parts/trouble.tsx';
import { VerdictText } from '../parts/verdict.tsx';

function FixLine({ row, at }: { row: FixRow; at: Instant }) {
  const forecast = forecastLine({ ...row, at });
  return (
    <Tr>
      <Cell label="Fix">
        <Link to="/fixes/$id" params={{ id: row.id }}>
          <strong>{row.id}</strong> {row.title}
        </Link>
        <div className="ff-row-facts">
          <SeverityLabel severity={row.severity} />
          <span className="ff-subtle">
            {row.incident === undefined ? '' : `${row.incident} · `}
            {row.component} · by {row.author}
          </span>
        </div>
      </Cell>
      <Cell label="Where">{row.headline}</Cell>
      <Cell label="Coverage">
        <div className="ff-fact">
          {coverageText(row.coverage)}
          <CoverageBar coverage={row.coverage} />
          {row.coverage.unknown === 0 ? null : (
            <span className="ff-tone-warning">? {row.coverage.unknown} unknown</span>
          )}
        </div>
      </Cell>
      <Cell label="Clock">
        <div className="ff-fact">
          {clockLine(row.clock, at)}
          <ClockBar clock={row.clock} />
          <span className={forecast.late ? 'ff-tone-danger' : 'ff-subtle'}>{forecast.text}</span>
        </div>
      </Cell>
      <Cell label="Health">
        <VerdictText verdict={row.health} />
      </Cell>
    </Tr>
  );
}

/** The rows, and when the hub made them. */
type Listed = { readonly rows: readonly FixRow[]; readonly at: Instant };

function FixTable({ rows, at }: Listed) {
  return (
    <ListTable label="Fixes" narrow="lg" columns={['Fix', 'Where', 'Coverage', 'Clock', 'Health']}>
      {rows.map((row) => (
        <FixLine key={row.id} row={row} at={at} />
      ))}
    </ListTable>
  );
}

function NeedsYou({ rows, at }: Listed) {
  const needs = rows.flatMap((row) => row.needs.map((need) => ({ row, need })));
  return (
    <section aria-labelledby="needs-title">
      <Title headingLevel="h2" id="needs-title">
        Needs someone
      </Title>
      {needs.length === 0 ? (
        <p className="ff-subtle">Nobody is needed now.</p>
      ) : (
        <ul className="ff-plain-list">
          {needs.map(({ row, need }) => (
            <li key={`${row.id} ${need.who} ${need.what}`}>
              <NeedNote need={need} at={at} of={row.id} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function NoFixes({ scope }: { scope: 'open' | 'all' }) {
  return (
    <EmptyState
      titleText={scope === 'open' ? 'No open fixes' : 'No fixes yet'}
      headingLevel="h2"
      icon={CheckCircleIcon}
      status="success"
    >
      <EmptyStateBody>Nothing urgent is on its way, and nothing waits for anyone.</EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          <Link to="/declare">Declare a fix</Link>
        </EmptyStateActions>
        <EmptyStateActions>
          <CopyCommand command="fleetfix declare --pr URL --severity critical --reason TEXT --symptom TEXT" />
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}

function Loading() {
  return (
    <div aria-busy>
      <Skeleton height="3rem" screenreaderText="Loading fixes" />
      <br />
      <Skeleton height="6rem" />
    </div>
  );
}

/** The home page: who is needed first, then the fixes on their way. */
export function NowPage({
  scope,
  onScope,
}: {
  scope: 'open' | 'all';
  onScope: (scope: 'open' | 'all') => void;
}) {
  useTitle('Now');
  const live = useLive();
  const list = useQuery({
    queryKey: ['fixes', scope],
    queryFn: () => api.fixes(scope),
    refetchInterval: 15_000,
  });
  const error = useKeptError(list.error);
  if (list.data === undefined && error !== undefined)
    return <TroublePage error={error} onRetry={() => list.refetch()} />;
  const rows = list.data;
  const at = listMadeAt(rows ?? [], list.dataUpdatedAt);
  const stale = live.phase === 'reconnecting' || list.isError;
  return (
    <PageSection className={stale ? 'ff-page ff-stale' : 'ff-page'} hasBodyWrapper={false}>
      <div className="ff-head">
        <Title headingLevel="h1">Now</Title>
        <LiveNote live={live} loadedMs={list.dataUpdatedAt} />
        <CopyCommand command="fleetfix status" />
        <Link to="/declare">Declare a fix</Link>
        <Link to="/roster">Who is on duty</Link>
      </div>
      {rows === undefined ? <Loading /> : <NeedsYou rows={rows} at={at} />}
      <section aria-labelledby="fixes-title">
        <div className="ff-head">
          <Title headingLevel="h2" id="fixes-title">
            {scope === 'open' ? 'Open fixes' : 'All fixes'}
          </Title>
          <Button variant="link" isInline onClick={() => onScope(scope === 'open' ? 'all' : 'open')}>
            {scope === 'open' ? 'Show closed ones too' : 'Show open ones only'}
          </Button>
        </div>
        <div className="ff-numbers">
          {rows === undefined ? null : rows.length === 0 ? (
            <NoFixes scope={scope} />
          ) : (
            <FixTable rows={rows} at={at} />
          )}
        </div>
      </section>
    </PageSection>
  );
}
