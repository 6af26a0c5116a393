import type { FixView } from '../../src/core/views/fix-view.ts';
import { type Cast, eventually } from './person.ts';

// The stations of the route, as people pass them. Each resolves when the hub has done its part.

/** Declares the good change; gives the fix's id. */
export async function declared(
  cast: Cast,
  commits: readonly string[],
  severity = 'critical',
): Promise<string> {
  const { status, body } = await cast.engineer.declare({ commits, severity });
  if (status !== 201) throw new Error(`declare: ${status} ${JSON.stringify(body)}`);
  return body.fix;
}

export const inState = (cast: Cast, fix: string, state: FixView['state']): Promise<FixView> =>
  eventually(`${fix} ${state}`, async () => {
    const view = await cast.engineer.view(fix);
    return view.state === state && view;
  });

/** A plan, approved by a second person; gives its id. */
export async function approved(cast: Cast, fix: string): Promise<string> {
  const plan = (await cast.engineer.plan(fix)).id;
  const { status, body } = await cast.approver.act(fix, { do: 'approve', plan });
  if (status !== 202) throw new Error(`approve: ${status} ${JSON.stringify(body)}`);
  return plan;
}

export async function started(cast: Cast, fix: string, plan: string): Promise<void> {
  const { status, body } = await cast.operator.act(fix, { do: 'start', plan });
  if (status !== 202) throw new Error(`start: ${status} ${JSON.stringify(body)}`);
}

/** From declared to the first that are told. */
export async function deliveredFrom(cast: Cast, commits: readonly string[]): Promise<string> {
  const fix = await declared(cast, commits);
  await inState(cast, fix, 'proven');
  await started(cast, fix, await approved(cast, fix));
  return fix;
}

/** How many times some were started together; from the second on, evidence has let them. */
export const wavesBegun = (view: FixView): number => view.pace?.waves ?? 0;

/** Covered, or over without it: the rollout needs nobody and starts nothing any more. */
export const isOver = async (cast: Cast, fix: string): Promise<boolean> => {
  const record = await cast.engineer.record(fix);
  return record.some((l) => l.kind === 'event' && ['Covered', 'RolloutEnded'].includes(l.event.type));
};
