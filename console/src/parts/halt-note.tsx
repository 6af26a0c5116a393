import { Alert } from '@patternfly/react-core/dist/dynamic/components/Alert';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { FixView } from '../../../src/core/views/fix-view.ts';
import { sentence } from '../words.ts';

function Loud({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Alert isInline variant="danger" title={title} component="h2">
      {children}
    </Alert>
  );
}

/** The reason of a halt stands in the headline already where the whole was halted. */
const because = (view: FixView): string =>
  view.health.kind === 'worse' && !view.headline.includes(view.health.because)
    ? `${sentence(view.health.because)}.`
    : '';

/** What was judged bad, the whole or a part, before everything else; nothing where nothing was. */
export function HaltNote({ view }: { view: FixView }) {
  if (view.state === 'closed' || view.state === 'withdrawn') return null;
  if (view.halted) {
    const isBack = view.rollout.some((row) => row.state === 'rolled back');
    return (
      <Loud
        title={isBack ? 'Halted, and everything changed is back.' : 'Halted. Everything changed goes back.'}
      >
        <p>
          {because(view)} Nothing more starts. It goes on only with a new plan and a reason:{' '}
          <Link to="/fixes/$id/$tab" params={{ id: view.id, tab: 'plan' }}>
            make a plan
          </Link>
          .
        </p>
      </Loud>
    );
  }
  if (view.haltedStrata.length === 0) return null;
  const many = view.haltedStrata.length > 1;
  return (
    <Loud title={`Halted alone: ${view.haltedStrata.join(', ')}`}>
      <p>
        {because(view)} Judged bad on {many ? 'these platforms and versions' : 'this platform and version'}{' '}
        only: what was changed there goes back and no more start there. The others go on.
      </p>
    </Loud>
  );
}
