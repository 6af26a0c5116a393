import {
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
} from '@patternfly/react-core/dist/dynamic/components/DescriptionList';
import { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
import { Tr } from '@patternfly/react-table/dist/dynamic/components/Table';
import type { ReactNode } from 'react';
import type { FixView } from '../../../src/core/views/fix-view.ts';
import type { PlanView } from '../../../src/core/views/plan-view.ts';
import { clockText, countText, sentence } from '../words.ts';
import { Cell } from './cell.tsx';
import { ListTable } from './list-table.tsx';
import { budgetText, controlsText, exposedText, limitsText, stageWaits } from './plan-text.ts';

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <DescriptionListGroup>
      <DescriptionListTerm>{term}</DescriptionListTerm>
      <DescriptionListDescription>
        <div className="ff-fact">{children}</div>
      </DescriptionListDescription>
    </DescriptionListGroup>
  );
}

function Facts({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Title headingLevel="h3">{title}</Title>
      <DescriptionList
        isCompact
        orientation={{ md: 'horizontal' }}
        horizontalTermWidthModifier={{ default: '14ch' }}
      >
        {children}
      </DescriptionList>
    </section>
  );
}

function Lines({ texts }: { texts: readonly string[] }) {
  return (
    <ul className="ff-plain-list ff-close">
      {texts.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}

function What({ view, plan }: { view: FixView; plan: PlanView }) {
  return (
    <Facts title="What changes, and for whom">
      <Fact term="Exposed">{exposedText(plan)}</Fact>
      <Fact term="Changes">
        <span>
          {plan.component} image on {countText(plan.inPlan, 'control plane')},{' '}
          {countText(plan.managementClusters, 'management cluster')}
          {plan.after && <>; on each, only where {plan.after} is in place</>}
        </span>
        <span className="ff-subtle">
          {plan.versions.map((v) => `${v.version} ${v.targets.toLocaleString('en')}`).join(' · ')}
        </span>
        {plan.digests.map(({ line, digest }) => (
          <span key={line}>
            {line} <code title={digest}>{digest.slice(0, 19)}…</code>
          </span>
        ))}
      </Fact>
      <Fact term="Restarts">{plan.restarts}</Fact>
      <Fact term="Nodes">{plan.nodes}</Fact>
      {plan.leavesOut.length === 0 ? null : (
        <Fact term="Leaves out">
          <Lines
            texts={plan.leavesOut.map(
              ({ because, count, until }) =>
                `${count.toLocaleString('en')} ${because}${until === undefined ? '' : `, until ${clockText(until, view.at)}`}`,
            )}
          />
          <span className="ff-subtle">They stay exposed.</span>
        </Fact>
      )}
    </Facts>
  );
}

function HowFast({ view, plan }: { view: FixView; plan: PlanView }) {
  const above = plan.harmBudget > plan.computedBudget;
  return (
    <Facts title="How fast, and how much may break">
      <Fact term="Harm budget">
        <span>
          <strong>{plan.harmBudget.toLocaleString('en')}</strong>
          {plan.profile === undefined ? '' : ` (${plan.profile})`}{' '}
          <span className="ff-subtle">
            so many may be expected to break, at any moment, of those whose outcome is not known yet
          </span>
        </span>
        <span className={above ? 'ff-tone-warning' : ''}>{budgetText(plan)}</span>
        <span className="ff-subtle">{sentence(plan.urgency)}.</span>
      </Fact>
      {plan.burning === 0 ? null : (
        <Fact term="Burning">
          <span>
            {countText(plan.burning, 'control plane')} {plan.burning === 1 ? 'shows' : 'show'} the symptom now{' '}
            <span className="ff-subtle">they go first, and tell whether the fix helps</span>
          </span>
        </Fact>
      )}
      <Fact term="One-box">
        <span>
          {countText(plan.oneBox, 'control plane')}{' '}
          <span className="ff-subtle">
            the first few that are healthy; the others wait until these have run it long enough
          </span>
        </span>
      </Fact>
      <Fact term="Compared">{controlsText(plan)}</Fact>
      <Fact term="Limits">
        <Lines texts={limitsText(plan)} />
      </Fact>
      <Fact term="Stops">
        <Lines texts={plan.stops} />
      </Fact>
      <Fact term="Ends">about {clockText(plan.endsAbout, view.at)} if started now</Fact>
      <Fact term="Undo">{plan.undo}</Fact>
    </Facts>
  );
}

function Stages({ plan }: { plan: PlanView }) {
  if (plan.stages.length === 1 && stageWaits(plan.stages[0]!) === '')
    return <p className="ff-subtle">One stage: everyone, as the evidence allows.</p>;
  return (
    <ListTable label="Stages of the plan" columns={['Stage', 'Targets', 'Before the next stage']}>
      {plan.stages.map((stage) => (
        <Tr key={stage.name}>
          <Cell label="Stage">{stage.name}</Cell>
          <Cell label="Targets">{stage.targets.toLocaleString('en')}</Cell>
          <Cell label="Before the next stage">
            {stageWaits(stage) || <span className="ff-subtle">nothing of its own: the evidence decides</span>}
          </Cell>
        </Tr>
      ))}
    </ListTable>
  );
}

type Props = {
  readonly view: FixView;
  readonly plan: PlanView;
  /** What is to be expected of it. */
  readonly children?: ReactNode;
};

/** Everything a person should know before saying yes to a plan. */
export function PlanFacts({ view, plan, children }: Props) {
  return (
    <div className="ff-plan">
      <What view={view} plan={plan} />
      <HowFast view={view} plan={plan} />
      <section aria-label="Stages of the plan">
        <Title headingLevel="h3">Stages</Title>
        <Stages plan={plan} />
      </section>
      {children}
      <p className="ff-subtle">
        Made {clockText(plan.at, view.at)} by policy {plan.policy} for version {plan.fixVersion} of the fix.
        Hash <code title={plan.hash}>{plan.hash.slice(0, 12)}…</code>: what is approved is what is started.
      </p>
    </div>
  );
}
