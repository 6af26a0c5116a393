import type { FixView, StageView } from '../core/views/fix-view.ts';
import { misuse } from './exit.ts';
import { clean } from './render/paper.ts';

/** What `wait --for` waits for. `text` completes "is not …". */
export type Goal =
  | { readonly kind: 'state'; readonly state: GoalState; readonly text: string }
  | { readonly kind: 'wave'; readonly wave: number; readonly text: string };

type GoalState = 'proven' | 'approved' | 'covered' | 'retired';
const GOALS: readonly GoalState[] = ['proven', 'approved', 'covered', 'retired'];

export function goalOf(text: string): Goal {
  const state = GOALS.find((goal) => goal === text);
  if (state) return { kind: 'state', state, text: state };
  const wave = /^wave[=-](\d{1,6})$/.exec(text)?.[1];
  if (wave && Number(wave) > 0)
    return { kind: 'wave', wave: Number(wave), text: `past wave ${Number(wave)}` };
  throw misuse(`--for ${text}: expected ${GOALS.join(', ')} or wave=N`);
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
  if (goal.kind === 'wave')
    return view.waves.some((wave) => wave.wave === goal.wave && wave.state === 'passed');
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
  const last = goal.kind === 'wave' ? 'rollout' : STAGE_OF[goal.state];
  const before = ORDER.slice(0, ORDER.indexOf(last) + 1);
  const failed = view.stages.find((stage) => before.includes(stage.stage) && stage.state === 'failed');
  if (failed) return `${failed.stage} failed: ${failed.by}`;
  if (view.declined && before.includes('approval'))
    return `${view.declined.by} declined ${view.declined.plan}: ${view.declined.reason}`;
  if (!before.includes('rollout')) return undefined;
  if (view.halted) return `halted: ${view.headline}`;
  const isCovered = REACHED_IN.covered.includes(view.state) || view.clock.coveredAt !== undefined;
  const isSettled = view.waves.length > 0 || isCovered;
  if (goal.kind === 'wave' && isSettled && !view.waves.some((wave) => wave.wave === goal.wave))
    return `its plan has ${view.waves.length} waves and no wave ${goal.wave}`;
  const back = view.waves.find(
    (wave) => wave.state === 'rolled back' && (goal.kind !== 'wave' || wave.wave <= goal.wave),
  );
  if (back) return `wave ${back.wave} was rolled back`;
  const isOver = isStageDone(view, 'rollout') && view.state !== 'delivering' && !isCovered;
  return isOver ? `the rollout is over without it: ${view.headline}` : undefined;
}

/** What stands between here and the goal, a line each: numbers, what is waited for, who is needed. */
export function missing(fix: FixView, goal: Goal): string[] {
  const view = clean(fix);
  return [
    ...(goal.kind === 'state' && goal.state === 'covered' ? coverageMissing(view) : []),
    ...(goal.kind === 'wave' ? waveMissing(view, goal.wave) : []),
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

function waveMissing(view: FixView, number: number): string[] {
  const wave = view.waves.find((w) => w.wave === number);
  if (!wave) return ['  missing: there are no waves yet'];
  return [
    `  missing: wave ${number} is ${wave.state}: ${wave.done} of ${wave.targets} done, ${wave.failed} failed, ${wave.unknown} unknown`,
  ];
}
