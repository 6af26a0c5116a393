import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import { Skeleton } from '@patternfly/react-core/dist/dynamic/components/Skeleton';
import { Tr } from '@patternfly/react-table/dist/dynamic/components/Table';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { FixView } from '../../../src/core/views/fix-view.ts';
import type { TargetView } from '../../../src/core/views/target-view.ts';
import { api, type TargetFilter } from '../api.ts';
import type { RolloutSearch } from '../rollout-search.ts';
import { rowText } from '../rollout-words.ts';
import { agoText } from '../words.ts';
import { Cell } from './cell.tsx';
import { ListTable } from './list-table.tsx';
import { StateMark } from './state-mark.tsx';
import { TroubleNote } from './trouble.tsx';

/** The address says what is listed: in the plan unless a standing or `plan=out` asks for others. */
function filterOf(search: RolloutSearch): TargetFilter {
  const { state, standing, plan, stage, wave } = search;
  if (plan === 'out') return { inPlan: false, standing: standing ?? 'exposed' };
  if (standing !== undefined) return { standing };
  // Paused is how a waiting target of a paused row is shown; the hub knows it as waiting.
  return { inPlan: true, state: state === 'paused' ? 'waiting' : state, stage, wave };
}

function saysFilter(search: RolloutSearch): string {
  const parts = [
    search.plan === 'out' ? 'exposed and not in the plan' : undefined,
    search.standing,
    search.state,
    search.stage === undefined ? undefined : rowText(search.stage),
    search.wave === undefined ? undefined : `wave ${search.wave}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? 'All control planes of the plan' : `Only: ${parts.join(', ')}`;
}

function TargetRow({ target, view, onOpen }: { target: TargetView; view: FixView; onOpen: () => void }) {
  return (
    <Tr>
      <Cell label="Control plane">
        {target.inPlan ? (
          <button type="button" className="ff-link" onClick={onOpen}>
            {target.name}
          </button>
        ) : (
          target.name
        )}
      </Cell>
      <Cell label="Customer">{target.customer}</Cell>
      <Cell label="Version">{target.version}</Cell>
      <Cell label="Management cluster">{target.managementCluster}</Cell>
      <Cell label="Stage and wave">
        {[
          target.stage === undefined ? '–' : rowText(target.stage),
          target.wave === undefined ? '' : `wave ${target.wave}`,
        ]
          .filter((part) => part !== '')
          .join(', ')}
      </Cell>
      <Cell label="State">
        <StateMark state={target.state ?? target.standing} />
      </Cell>
      <Cell label="Because">
        {target.because}{' '}
        <span className="ff-subtle">{target.since === undefined ? '' : agoText(target.since, view.at)}</span>
      </Cell>
    </Tr>
  );
}

const TITLES = [
  'Control plane',
  'Customer',
  'Version',
  'Management cluster',
  'Stage and wave',
  'State',
  'Because',
];

type Props = {
  readonly view: FixView;
  readonly search: RolloutSearch;
  readonly onSearch: (search: RolloutSearch) => void;
};

/** The same control planes as a list, filtered and paged by the hub. */
export function TargetTable({ view, search, onSearch }: Props) {
  const filter = filterOf(search);
  const pages = useInfiniteQuery({
    queryKey: ['fix', view.id, 'targets', filter],
    queryFn: ({ pageParam }) => api.targets(view.id, filter, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  });
  if (pages.isError && pages.data === undefined) return <TroubleNote error={pages.error} />;
  if (pages.data === undefined) return <Skeleton height="12rem" screenreaderText="Loading control planes" />;
  const targets = pages.data.pages.flatMap((page) => page.items);
  const total = pages.data.pages.at(-1)!.total;
  const filtered = search.state ?? search.standing ?? search.plan ?? search.stage ?? search.wave;
  return (
    <>
      <p>
        {saysFilter(search)}. Showing {targets.length.toLocaleString('en')} of {total.toLocaleString('en')}.{' '}
        {filtered === undefined ? null : (
          <Button variant="link" isInline onClick={() => onSearch({ view: 'table' })}>
            Show all of the plan
          </Button>
        )}
      </p>
      {targets.length === 0 ? (
        <p className="ff-subtle">No control plane is like that now.</p>
      ) : (
        <ListTable label="Control planes" narrow="lg" columns={TITLES}>
          {targets.map((target) => (
            <TargetRow
              key={target.uid}
              target={target}
              view={view}
              onOpen={() => onSearch({ ...search, target: target.name })}
            />
          ))}
        </ListTable>
      )}
      {pages.hasNextPage ? (
        <Button
          variant="secondary"
          isLoading={pages.isFetchingNextPage}
          onClick={() => pages.fetchNextPage()}
        >
          Show more
        </Button>
      ) : null}
    </>
  );
}
