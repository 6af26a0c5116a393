import type { FixView, StageView } from '../core/views/fix-view.ts';
import { misuse } from './exit.ts';
import { clean } from './render/paper.ts';

/** What `wait --for` waits for. `text` completes "is not …". */
export type Goal =
  | { readonly kind: 'state'; readonly state: GoalState; readonly text: string }
  | { readonly kind: 'stage'; readonly stage: string; readonly text: string };

type GoalState = 'proven' | 'approved' | 'covered' | 'retired';
const GOALS: readonly GoalState[] = ['proven', 'approved', 'covered', 'retired'];

export function goalOf(text: string): Goal {
  const state = GOALS.find((goal) => goal === text);
  if (state) return { kind: 'state', state, text: state };
  const stage = /^stage=([a-z0-9][a-z0-9.-]{0,62})$/.exec(text)?.[1];
  if (stage) return { kind: 'stage', stage, text: `past stage ${stage}` };
  throw misuse(`--for ${text}: expected ${GOALS.join(', ')} or stage=NAME`, [
    'fleetfix get stages --for FIX-1 -o name',
  ]);
}

export type GoalStanding =
  | { readonly kind: 'reached'; readonly because: string }
  | { readonly kind: 'open' }
  /** Nothing that happens by itself leads there; somebody would have to change course. */
  | { readonly kind: 'impossible'; readonly because: string };

/** Whether a goal is reached, open, or out of reach. A pause by a person leaves it open: it is meant to end. */
export function standingOf(fix: FixView, goal: Goal): GoalStanding {
  const view = clean(fix);
  if (isReached(view, goal)) return { kind: 'reached', because: view.headline };
  const because = obstacle(view, goal);
  return because === undefined ? { kind: 'open' } : { kind: 'impossible', because };
}

// A fix that was covered stays so through retirement; `closed` alone says nothing, `--as not-needed` closes too.
const REACHED_IN: Readonly<Record<GoalState, readonly FixView['state'][]>> = {
  proven: ['proven', 'approved', 'delivering', 'covered', 'retired'],
  approved: ['approved', 'delivering', 'covered', 'retired'],
  covered: ['covered', 'retired'],
  retired: ['retired'],
};

function isReached(view: FixView, goal: Goal): boolean {
  if (goal.kind === 'stage')
    return view.rollout.some((row) => row.name === goal.stage && row.state === 'passed');
  if (REACHED_IN[goal.state].includes(view.state)) return true;
  if (goal.state === 'covered' && view.clock.coveredAt !== undefined) return true;
  return view.state === 'closed' && isStageDone(view, STAGE_OF[goal.state]);
}

const STAGE_OF: Readonly<Record<GoalState, StageView['stage']>> = {
  proven: 'proof',
  approved: 'approval',
  covered: 'rollout',
  retired: 'retirement',
};

const isStageDone = (view: FixView, name: StageView['stage']): boolean =>
  view.stages.some((stage) => stage.stage === name && stage.state === 'done');

const ORDER: readonly StageView['stage'][] = [
  'assembly',
  'build',
  'proof',
  'approval',
  'rollout',
  'retirement',
];

function obstacle(view: FixView, goal: Goal): string | undefined {
  if (view.state === 'withdrawn') return `it was withdrawn: ${view.headline}`;
  if (view.state === 'closed') return `it was closed: ${view.headline}`;
  const last = goal.kind === 'stage' ? 'rollout' : STAGE_OF[goal.state];
  const before = ORDER.slice(0, ORDER.indexOf(last) + 1);
  const failed = view.stages.find((stage) => before.includes(stage.stage) && stage.state === 'failed');
  if (failed) return `${failed.stage} failed: ${failed.by}`;
  if (view.declined && before.includes('approval'))
    return `${view.declined.by} declined ${view.declined.plan}: ${view.declined.reason}`;
  if (!before.includes('rollout')) return undefined;
  if (view.halted) return `halted: ${view.headline}`;
  const isCovered = REACHED_IN.covered.includes(view.state) || view.clock.coveredAt !== undefined;
  if (goal.kind === 'stage' && isUnknown(view, goal.stage, isCovered))
    return `its plan has no stage ${goal.stage}: there are ${view.rollout.map((row) => row.name).join(', ') || 'none'}`;
  if (goal.kind === 'state' && !isCovered && view.haltedStrata.length > 0)
    return `halted in ${view.haltedStrata.join(', ')}: what is exposed there needs another plan or a name`;
  const isOver = isStageDone(view, 'rollout') && view.state !== 'delivering' && !isCovered;
  return isOver ? `the rollout is over without it: ${view.headline}` : undefined;
}

/** The rows of those that start before the stages are there only once one of theirs has started. */
const COME_LATER = ['burning', 'one-box'];

function isUnknown({ rollout }: FixView, stage: string, isCovered: boolean): boolean {
  if (rollout.some((row) => row.name === stage)) return false;
  return isCovered || (rollout.length > 0 && !COME_LATER.includes(stage));
}

/** What stands between here and the goal, a line each: numbers, what is waited for, who is needed. */
export function missing(fix: FixView, goal: Goal): string[] {
  const view = clean(fix);
  return [
    ...(goal.kind === 'state' && goal.state === 'covered' ? coverageMissing(view) : []),
    ...(goal.kind === 'stage' ? stageMissing(view, goal.stage) : []),
    ...view.waits.map(
      (wait) =>
        `  waits for ${wait.for}${wait.whoCan.length > 0 ? `; who can end it: ${wait.whoCan.join(', ')}` : ''}`,
    ),
    ...view.needs.map((need) => `  needs ${need.who}: ${need.what} → ${need.command}`),
    `  see fleetfix why ${view.id}`,
  ];
}

function coverageMissing({ coverage }: FixView): string[] {
  const left = coverage.exposed - coverage.patched - coverage.excluded;
  if (left <= 0) return [];
  const parts = [
    coverage.waiting > 0 && `${coverage.waiting} exposed`,
    coverage.unknown > 0 && `${coverage.unknown} unknown`,
    coverage.notInPlan > 0 && `${coverage.notInPlan} of them not in the plan`,
  ].filter((part) => part !== false);
  return [`  missing: ${left} of ${coverage.exposed} control planes (${parts.join(', ')})`];
}

function stageMissing(view: FixView, name: string): string[] {
  const row = view.rollout.find((one) => one.name === name);
  if (!row) return [`  missing: nothing of stage ${name} has started yet`];
  return [
    `  missing: stage ${name} is ${row.state}: ${row.done} of ${row.targets} done, ${row.failed} failed, ${row.unknown} unknown`,
  ];
}
