import { Alert } from '@patternfly/react-core/dist/dynamic/components/Alert';
import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import { useState } from 'react';
import type { FixView } from '../../../src/core/views/fix-view.ts';
import type { PlanView } from '../../../src/core/views/plan-view.ts';
import type { Asked } from '../asked-act.ts';
import { clockText, sentence } from '../words.ts';
import { ActDialog } from './act-dialog.tsx';
import { approvalsText } from './plan-text.ts';
import { reasonText } from './sentences.ts';

type PlanAct = 'approve' | 'decline' | 'start';
const ACTS: readonly { readonly act: PlanAct; readonly label: string }[] = [
  { act: 'approve', label: 'Approve this plan…' },
  { act: 'decline', label: 'Decline this plan…' },
  { act: 'start', label: 'Start this plan…' },
];

type Judged = { readonly allowed: boolean; readonly because: string };

/** Whether the person may, as the hub says it of the fix; a plan that may no longer be used is not started. */
function judged(act: PlanAct, view: FixView, plan: PlanView): Judged {
  const action = view.actions.find(({ name }) => name === act);
  if (action === undefined) return { allowed: false, because: 'The hub does not offer it now.' };
  if (!action.allowed) return { allowed: false, because: reasonText(action.because, action.whoCan) };
  if (plan.stale !== undefined && act !== 'decline')
    return { allowed: false, because: 'The plan may not be used any more.' };
  return { allowed: true, because: reasonText(action.because, []) };
}

function ActButton({
  act,
  label,
  view,
  plan,
}: {
  act: PlanAct;
  label: string;
  view: FixView;
  plan: PlanView;
}) {
  const [asking, setAsking] = useState<Asked>();
  const { allowed, because } = judged(act, view, plan);
  return (
    <li className="ff-act">
      <Button
        variant="secondary"
        size="sm"
        isAriaDisabled={!allowed}
        aria-haspopup="dialog"
        aria-describedby={`why-${act}`}
        onClick={() => setAsking({ act, plan })}
      >
        {label}
      </Button>
      <span id={`why-${act}`} className="ff-subtle">
        {sentence(because)}
      </span>
      {asking === undefined ? null : (
        <ActDialog view={view} asked={asking} onClose={() => setAsking(undefined)} />
      )}
    </li>
  );
}

/** How long the plan may be used; one that is carried out, or was, is not used a second time anyway. */
function Validity({ view, plan }: { view: FixView; plan: PlanView }) {
  if (view.plan === plan.id && STARTED.has(view.state))
    return <p className="ff-subtle">This plan was started.</p>;
  if (plan.stale === undefined)
    return (
      <p className="ff-subtle">
        Valid until {clockText(plan.validUntil, view.at)}, or until the fleet changes in a way that matters.
      </p>
    );
  return (
    <Alert
      isInline
      variant="warning"
      title={`It may not be used any more: ${plan.stale}. Make another one below.`}
      component="h3"
    />
  );
}

const STARTED: ReadonlySet<FixView['state']> = new Set(['delivering', 'covered', 'retired', 'closed']);

/** Whether the plan may be used, who has said yes to it, and what can be done with it. */
export function PlanActs({ view, plan }: { view: FixView; plan: PlanView }) {
  return (
    <div className="ff-parts">
      <Validity view={view} plan={plan} />
      <p>
        <strong>{approvalsText(plan)}</strong>
        {plan.needs.given.length === 0 ? '' : ` Given by ${plan.needs.given.join(', ')}.`}
      </p>
      <ul className="ff-plain-list">
        {ACTS.map(({ act, label }) => (
          <ActButton key={act} act={act} label={label} view={view} plan={plan} />
        ))}
      </ul>
    </div>
  );
}
