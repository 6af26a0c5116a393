import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import { Skeleton } from '@patternfly/react-core/dist/dynamic/components/Skeleton';
import { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
import { Tr } from '@patternfly/react-table/dist/dynamic/components/Table';
import { useQuery } from '@tanstack/react-query';
import type { Forecast } from '../../../src/core/forecast/forecast.ts';
import { api } from '../api.ts';
import { Cell } from './cell.tsx';
import { badRows, badText, goodText, playedText } from './forecast-text.ts';
import { ListTable } from './list-table.tsx';
import { TroubleNote } from './trouble.tsx';

const COLUMNS = [
  'Breaks',
  'Shows after',
  'Broken on average',
  '95 % of the runs, at most',
  'Average, guaranteed at most',
  'Hours broken',
] as const;

function Bad({ forecast }: { forecast: Forecast }) {
  if (forecast.bad.length === 0) return null;
  const [breaks, shownAfter, mean, most, bound, hours] = COLUMNS;
  return (
    <>
      <ListTable caption="If the fix is bad: how many it breaks" narrow="lg" columns={COLUMNS}>
        {badRows(forecast).map((row) => (
          <Tr key={`${row.breaks} ${row.shownAfter}`}>
            <Cell label={breaks}>{row.breaks}</Cell>
            <Cell label={shownAfter}>{row.shownAfter}</Cell>
            <Cell label={mean}>{row.mean}</Cell>
            <Cell label={most}>{row.most}</Cell>
            <Cell label={bound}>{row.bound}</Cell>
            <Cell label={hours}>{row.hours}</Cell>
          </Tr>
        ))}
      </ListTable>
      <p className="ff-subtle">{badText(forecast)}</p>
    </>
  );
}

/** What is to be expected of a plan, played by the hub after the plan is shown; nothing waits for it. */
export function PlanForecast({ fix, plan }: { fix: string; plan: string }) {
  const query = useQuery({
    // A plan never changes, and neither does its forecast: no event of the fix makes it old.
    queryKey: ['forecast', fix, plan],
    queryFn: () => api.forecast(fix, plan),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const { data, isFetching } = query;
  const isMissing = query.isError && !isFetching && data === undefined;
  return (
    <section aria-label="Forecast">
      <Title headingLevel="h3">What is to be expected</Title>
      <p role="status">
        {data !== undefined ? <strong>{goodText(data)}</strong> : null}
        {data === undefined && isFetching
          ? 'The hub plays the rollout with the rule that would pace it. It takes some seconds; nothing waits for it.'
          : ''}
      </p>
      {data !== undefined ? (
        <>
          <p className="ff-subtle">
            {playedText(data)} The fleet is taken to behave as in quiet times; times count from the start,
            with nobody stopping it.
          </p>
          <Bad forecast={data} />
        </>
      ) : null}
      {data === undefined && isFetching ? <Skeleton height="10rem" /> : null}
      {isMissing ? (
        <TroubleNote
          title="The forecast could not be played"
          variant="warning"
          error={query.error}
          more={
            <>
              <p>The plan is right without it, and can be approved.</p>
              <Button variant="link" isInline onClick={() => query.refetch()}>
                Play it again
              </Button>
            </>
          }
        />
      ) : null}
    </section>
  );
}
