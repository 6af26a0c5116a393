import { Skeleton } from '@patternfly/react-core/dist/dynamic/components/Skeleton';
import { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
import { useQuery } from '@tanstack/react-query';
import type { FixView } from '../../../src/core/views/fix-view.ts';
import { api } from '../api.ts';
import { MakePlan } from '../parts/make-plan.tsx';
import { PlanActs } from '../parts/plan-acts.tsx';
import { PlanFacts } from '../parts/plan-facts.tsx';
import { PlanForecast } from '../parts/plan-forecast.tsx';
import { TroubleNote } from '../parts/trouble.tsx';
import { planOf } from '../plan-of.ts';

function Shown({ view, plan: id }: { view: FixView; plan: string }) {
  const query = useQuery({
    queryKey: ['fix', view.id, 'plan', id],
    queryFn: () => api.plan(view.id, id),
  });
  if (query.isError && query.data === undefined) return <TroubleNote error={query.error} />;
  if (query.data === undefined) return <Skeleton height="12rem" screenreaderText={`Loading plan ${id}`} />;
  return (
    <section className="ff-part" aria-label={`Plan ${id}`}>
      <Title headingLevel="h2">Plan {id}</Title>
      <PlanActs view={view} plan={query.data} />
      <PlanFacts view={view} plan={query.data}>
        <PlanForecast fix={view.id} plan={id} />
      </PlanFacts>
    </section>
  );
}

type Props = {
  readonly view: FixView;
  /** The plan in the address. */
  readonly asked: string | undefined;
  readonly onShow: (plan: string) => void;
};

/** A plan as it is read before saying yes, what can be done with it, and how another one is made. */
export function FixPlan({ view, asked, onShow }: Props) {
  const plan = asked ?? planOf(view);
  return (
    <>
      {plan === undefined ? (
        <p className="ff-part">
          There is no plan yet. A plan says who gets the fix, in which order, and what stops it.
        </p>
      ) : (
        <Shown view={view} plan={plan} />
      )}
      <section className="ff-part" aria-label="Make a plan">
        <Title headingLevel="h2">{plan === undefined ? 'Make a plan' : 'Make another plan'}</Title>
        <MakePlan fix={view.id} onMade={onShow} />
      </section>
    </>
  );
}
