import { MINUTE, plus } from '../../src/core/base/instant.ts';
import type { Forecast } from '../../src/core/forecast/forecast.ts';
import type { DiffView } from '../../src/core/views/diff-view.ts';
import type { FixView, RolloutRow } from '../../src/core/views/fix-view.ts';
import type { FixRow, Grid } from '../../src/core/views/list-view.ts';
import type { PlanView } from '../../src/core/views/plan-view.ts';
import type { TargetView, TimelineEntry } from '../../src/core/views/target-view.ts';
import type { WhyView } from '../../src/core/views/why-view.ts';

import { mustBeRecorded } from '../worlds/world.ts';

// Recorded worlds the pages are shown: what the hub would answer, written down. Invented.

const AT = '2026-11-21T20:50:00.000Z';
const before = (minutes: number): string => plus(AT, -minutes * MINUTE);
const after = (minutes: number): string => plus(AT, minutes * MINUTE);
const hex = (n: number): string => n.toString(16).padStart(4, '0');
const DIGEST = `sha256:5cd2${'0f1a'.repeat(15)}` as const;

/** One fix as the hub would answer for it, everywhere it is asked. */
export type World = {
  readonly view: FixView;
  readonly grid: Grid;
  readonly timeline: readonly TimelineEntry[];
  readonly targets: readonly TargetView[];
  readonly why: WhyView;
  readonly diff: DiffView;
  readonly plan: PlanView;
  readonly forecast: Forecast;
};

const states = (parts: readonly (readonly [string, number])[]): string[] =>
  parts.flatMap(([state, count]) => Array<string>(count).fill(state));

type Row = {
  readonly name: string;
  readonly state: string;
  readonly parts: readonly (readonly [string, number])[];
};

function gridOf(fix: FixView, rows: readonly Row[], clusters: number): Grid {
  let n = 0;
  return {
    fix: fix.id,
    version: fix.version,
    rows: rows.map(({ name, state, parts }) => ({
      name,
      state,
      cells: states(parts).map((cell): [string, string, string] => {
        n++;
        return [`cp-${hex(n)}`, `mc-${['eu', 'us', 'ap'][n % 3]}-${1 + ((n * 7) % clusters)}`, cell];
      }),
    })),
  };
}

const targetsOf = (grid: Grid): TargetView[] =>
  grid.rows.flatMap(({ name: stage, cells }, i) =>
    cells.map(([name, managementCluster, state]) => ({
      uid: `uid-${name}`,
      name,
      customer: `customer-${name.slice(-1)}`,
      version: '4.19.11',
      managementCluster,
      region: managementCluster.slice(3, 5),
      standing: state === 'patched' ? 'patched' : state === 'silent' ? 'unknown' : 'exposed',
      state,
      stage,
      ...(state !== 'waiting' && { wave: i + 1 }),
      inPlan: true,
      because: state === 'patched' ? 'runs our image' : 'not seen with our image',
      since: before(20),
    })),
  );

/** A row of a rollout; what is not said has not begun. */
const rowWith = (name: string, targets: number, known: Partial<RolloutRow>): RolloutRow => ({
  name,
  targets,
  done: 0,
  failed: 0,
  unknown: 0,
  inFlight: 0,
  rolledBack: 0,
  state: 'waiting',
  ...known,
});

const rollingView = {
  id: 'FIX-128',
  version: 41,
  at: AT,
  title: 'kas: drop leaked watch on etcd defrag',
  severity: 'critical',
  incident: 'INC-4471',
  symptom: 'OOMKilled',
  reason: 'API servers run out of memory within a day of an etcd defragmentation',
  author: 'mrossi',
  component: 'control-plane-operator',
  state: 'delivering',
  paused: false,
  halted: false,
  haltedStrata: [],
  headline: 'Rolling out, stage eu-first (1 of 2), soaking for 12m more',
  needs: [],
  brake: 'fleetfix pause FIX-128',
  coverage: {
    exposed: 665,
    patched: 212,
    waiting: 450,
    excluded: 0,
    unknown: 3,
    native: 21,
    unaffected: 0,
    percent: 31,
    patchedLastHour: 207,
    notInPlan: 25,
  },
  clock: {
    declaredAt: before(176),
    elapsedMs: 176 * MINUTE,
    targetMs: 360 * MINUTE,
    dueAt: after(184),
    expectedAt: after(105),
  },
  // 99.95 % of 30 days, long used up; one of those that burnt has not recovered.
  slo: {
    target: 0.9995,
    burning: 1,
    budgetMs: 21.6 * MINUTE,
    burntMs: 176 * MINUTE,
    leftMs: 0,
  },
  health: {
    kind: 'not worse',
    because: 'at most 9 % can fail; 1 broke, 428 to compare with; evidence against it 2.1 (halts at 100)',
  },
  next: {
    at: after(12),
    text: 'more start, with soak of eu-first: 30m',
    unless: 'paused, or the evidence against it reaches 100',
  },
  stages: [
    {
      stage: 'assembly',
      state: 'done',
      startedAt: before(176),
      endedAt: before(154),
      tookMs: 22 * MINUTE,
      machineMs: 2 * MINUTE,
      peopleMs: 20 * MINUTE,
      targetMs: 60 * MINUTE,
      by: '4.18 4.19 4.20 (4.17 contains it already: ancestry)',
    },
    {
      stage: 'build',
      state: 'done',
      startedAt: before(154),
      endedAt: before(123),
      tookMs: 31 * MINUTE,
      machineMs: 31 * MINUTE,
      peopleMs: 0,
      targetMs: 45 * MINUTE,
      by: '3 images',
    },
    {
      stage: 'proof',
      state: 'done',
      startedAt: before(123),
      endedAt: before(75),
      tookMs: 48 * MINUTE,
      machineMs: 40 * MINUTE,
      peopleMs: 8 * MINUTE,
      targetMs: 60 * MINUTE,
      by: '4 of 5 gates met; perf-suite WAIVED by lchen until 09:00Z',
    },
    {
      stage: 'approval',
      state: 'done',
      startedAt: before(75),
      endedAt: before(66),
      tookMs: 9 * MINUTE,
      machineMs: 0,
      peopleMs: 9 * MINUTE,
      targetMs: 30 * MINUTE,
      by: 'kato, adiaz · plan P-7f3a91c0',
    },
    {
      stage: 'rollout',
      state: 'running',
      startedAt: before(66),
      tookMs: 66 * MINUTE,
      machineMs: 66 * MINUTE,
      peopleMs: 0,
      targetMs: 180 * MINUTE,
      by: '215 of 640 started, budget 25',
    },
    { stage: 'retirement', state: 'waiting', machineMs: 0, peopleMs: 0, by: '' },
  ],
  lines: [
    {
      line: '4.19',
      base: '9f2b6c1d0e3a4b5c6d7e8f901a2b3c4d5e6f7081',
      versions: ['4.19.10', '4.19.11'],
      targets: 280,
      outcome: 'clean',
      because: '1 commit picked onto 9f2b6c1d0e3a',
      commit: '1c0ffee0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60',
      digest: DIGEST,
      build: 'done',
      conflicts: [],
      proposals: [],
      passengers: [],
      gates: [
        { gate: 'bvt', state: 'met', lane: 'before', blocks: true, because: 'passed by fleetfix' },
        {
          gate: 'scope',
          state: 'waived',
          lane: 'before',
          blocks: true,
          because: 'waived by kato: agreed with the API owners',
          until: before(-600),
          findings: [
            {
              path: 'control-plane-operator/controllers/hostedcontrolplane/kas/a_long_name_that_must_break.go',
              line: 812,
              text: 'exported-api: func WatchesOf',
            },
          ],
        },
        {
          gate: 'perf-suite',
          state: 'missing',
          lane: 'after',
          blocks: false,
          because: 'no evidence yet',
          cut: 'waiting 9h for perf-suite: about 45 more break; passing over it: at most 1.2 (it alone stopped 0 of 30 past fixes, so up to 10 %; a bad fix starts on 12)',
        },
      ],
    },
    {
      line: '4.17',
      base: '8a2b6c1d0e3a4b5c6d7e8f901a2b3c4d5e6f7082',
      versions: ['4.17.30'],
      targets: 21,
      outcome: 'contained',
      because: 'contains it already: ancestry',
      build: 'none',
      conflicts: [],
      proposals: [],
      passengers: [],
      gates: [],
    },
  ],
  rollout: [
    rowWith('burning', 5, { done: 5, state: 'passed', since: before(62) }),
    rowWith('one-box', 12, { done: 12, state: 'passed', since: before(62) }),
    rowWith('eu-first', 198, {
      done: 194,
      failed: 1,
      unknown: 3,
      state: 'soaking 18/30m',
      since: before(18),
    }),
    rowWith('rest', 425, {}),
  ],
  pace: {
    harmBudget: 25,
    unknown: 96,
    atStake: 8.6,
    rateAtMost: 0.09,
    against: 2.1,
    haltsAt: 100,
    treated: 188,
    controls: 428,
    failed: 1,
    waves: 9,
    burning: { treated: 5, recovered: 4, waiting: 0 },
  },
  insights: [
    {
      since: before(31),
      level: 'warning',
      impact: 'coverage',
      message: '3 targets told and not reported: agent silent on mc-eu-3',
      remedy: 'fleetfix why FIX-128 --target cp-00d5',
    },
    {
      since: before(66),
      level: 'info',
      impact: 'exposure',
      message: '25 exposed planes are not in the plan: 14 proxy, 9 frozen until 06:00Z, 2 silent',
      remedy: 'fleetfix get targets --for FIX-128 --not-in-plan',
    },
  ],
  waits: [
    { for: 'soak of eu-first: 30m', since: before(18), endsAt: after(12), whoCan: ['operator', 'on-call'] },
  ],
  plan: 'P-7f3a91c0',
  handOff: {
    at: before(100),
    digests: [DIGEST],
    told: [{ at: before(100), step: 0, role: 'qe', people: ['quinn'] }],
    acknowledged: { by: 'quinn', at: before(98) },
    text: 'quinn has it since 19:12Z',
  },
  debts: [
    {
      gate: 'perf-suite',
      line: '4.19',
      owner: 'qe',
      dueAt: before(12),
      overdue: true,
      state: 'missing',
      because: 'no evidence yet',
    },
  ],
  handSteps: 6,
  actions: [
    { name: 'pause', label: 'Pause', allowed: true, because: 'A pause is always open.', whoCan: [] },
    { name: 'rollback', label: 'Roll back', allowed: true, because: 'Re-exposes 212 patched.', whoCan: [] },
    {
      name: 'advance',
      label: 'End the wait of a stage',
      allowed: false,
      because: 'Your roles (viewer) do not allow it.',
      whoCan: ['operators', 'adiaz'],
    },
    {
      name: 'approve',
      label: 'Approve the plan',
      allowed: false,
      because: 'The plan is approved already.',
      whoCan: [],
    },
  ],
} as const satisfies FixView;

const timeline: readonly TimelineEntry[] = [
  {
    seq: 901,
    version: 1,
    at: before(176),
    author: 'mrossi',
    surface: 'cli',
    type: 'Declared',
    text: 'Declared at critical for INC-4471: kas: drop leaked watch on etcd defrag',
  },
  {
    seq: 930,
    version: 33,
    at: before(70),
    author: 'kato',
    surface: 'cli',
    type: 'Approved',
    text: 'Approved plan P-7f3a91c0',
    seen: 32,
  },
  {
    seq: 935,
    version: 35,
    at: before(66),
    author: 'adiaz',
    surface: 'console',
    type: 'RolloutStarted',
    text: 'Started plan P-7f3a91c0: 640 targets',
    seen: 34,
  },
];

function worldOf(view: FixView, grid: Grid): World {
  const why: WhyView = {
    fix: view.id,
    target: 'cp-00d5',
    headline: 'cp-00d5 (acme-prod, 4.19.11, mc-eu-3) is silent: told to start at 20:18Z, nothing heard since',
    facts: [
      { label: 'because', text: 'agent on mc-eu-3 has not reported for 31m (limit 10m)' },
      {
        label: 'ends',
        text: `when it reports, or: fleetfix exclude ${view.id} --target cp-00d5 --until TIME --reason TEXT`,
      },
      { label: 'who', text: 'operators: adiaz' },
      { label: 'blocks', text: 'stage eu-first: 3 are unknown, the policy standard allows 5' },
      { label: 'not because', text: 'policy, freeze, approval, health' },
    ],
  };
  const plan = planFor(view);
  return {
    view,
    grid,
    timeline,
    targets: targetsOf(grid),
    why,
    diff: diffOf(view),
    plan,
    forecast: forecastOf(plan),
  };
}

/** Two stages, a budget four times what the incident asks for, and so two more to approve it. */
function planFor(view: FixView): PlanView {
  const asked = /P-[0-9a-f]{8}/.exec(view.needs.map(({ command }) => command).join(' '))?.[0];
  return {
    id: (asked ?? view.plan ?? 'P-7f3a91c0') as PlanView['id'],
    hash: `7f3a91c0${'b2d4e6f8'.repeat(7)}`,
    fix: view.id,
    fixVersion: view.version - 8,
    at: before(80),
    validUntil: after(40),
    policy: 'standard',
    exposed: 665,
    inPlan: 640,
    notInPlan: 25,
    native: 21,
    component: view.component,
    managementClusters: 9,
    versions: [
      { version: '4.18.22', targets: 211 },
      { version: '4.19.11', targets: 429 },
    ],
    digests: [
      { line: '4.18', digest: `sha256:${'88c5'.repeat(16)}` },
      { line: '4.19', digest: DIGEST },
    ],
    restarts: 'control-plane-operator on each target; about 3m per target (assumed, not measured)',
    nodes: 'not checked: nothing is known here about worker nodes',
    leavesOut: [
      { because: 'behind a proxy: its nodes would roll', count: 14 },
      { because: 'frozen', count: 9, until: after(600) },
      { because: 'agent silent over 10m', count: 2 },
    ],
    harmBudget: 100,
    profile: 'urgent',
    computedBudget: 25,
    urgency: '5 of 640 show the symptom now, about 2 more every hour',
    oneBox: 12,
    burning: 5,
    controls: 30,
    minSoakMs: 10 * MINUTE,
    maxPerHour: 300,
    stages: [
      { name: 'eu-first', targets: 210, soakMs: 30 * MINUTE, approval: true },
      { name: 'rest', targets: 430, soakMs: 0, approval: false },
    ],
    inFlightPerManagementCluster: 6,
    stops: [
      'evidence against it of 100 or more halts and rolls back (one good fix in 100, at most)',
      'each one that breaks goes back at once',
    ],
    endsAbout: after(105),
    undo: `fleetfix rollback ${view.id}: back to the 2 images that ran before; re-exposes what was patched`,
    needs: { count: 4, role: 'approver', given: ['kato'], notBy: view.author },
  };
}

/** What the hub plays for a plan: a good fix, and four bad ones that show after ten minutes. */
function forecastOf({ inPlan, burning, harmBudget }: PlanView): Forecast {
  const bad = [
    { p: 0.01, brokenMean: 6.4, brokenP95: 10, bound: 11, brokenHours: 3.2 },
    { p: 0.05, brokenMean: 9.43, brokenP95: 14, bound: 40, brokenHours: 2.13 },
    { p: 0.2, brokenMean: 12.2, brokenP95: 17, bound: 112, brokenHours: 2.4 },
    { p: 1, brokenMean: 17, brokenP95: 17, bound: 120, brokenHours: 3 },
  ].map((one) => ({ ...one, latencyMin: 10 }));
  const good = { t50Min: 52, t95Min: 74, t100Min: 81, falseHaltShare: 0 };
  return { planes: inPlan, burning, budget: harmBudget, runs: 10, good, bad };
}

/** A line with every part there is for each candidate, and one without for the rest. */
function diffOf({ id: fix, version, at, title, lines }: FixView): DiffView {
  const [without, whole] = mustBeRecorded<DiffView>('rolling-out', 'diff').lines;
  const lineOf = ({ line, outcome, because, commit }: FixView['lines'][number]) =>
    commit === undefined
      ? { ...without!, line, outcome, because }
      : { ...whole!, line, outcome, because, commit };
  return { fix, version, at, title, lines: lines.map(lineOf) };
}

/** Two lines clean, one in conflict with two proposals; the world of the command line's screens. */
export function inConflict(): World {
  const named = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll('FIX-128', 'FIX-140'));
  const view = named(mustBeRecorded<FixView>('conflict', 'view'));
  const world = worldOf(view, { fix: view.id, version: view.version, rows: [] });
  return { ...world, diff: named(mustBeRecorded<DiffView>('conflict', 'diff')) };
}

const rollingRows: readonly Row[] = [
  { name: 'burning', state: 'passed', parts: [['patched', 5]] },
  { name: 'one-box', state: 'passed', parts: [['patched', 12]] },
  {
    name: 'eu-first',
    state: 'soaking 18/30m',
    parts: [
      ['patched', 194],
      ['failed', 1],
      ['silent', 3],
    ],
  },
  { name: 'rest', state: 'waiting', parts: [['waiting', 425]] },
];

/** 640 control planes, the first of two stages soaking, one failed, three silent. */
export const rolling = (): World => worldOf(rollingView, gridOf(rollingView, rollingRows, 9));

/** 5,000 control planes in 60 management clusters, one stage, under way. */
export function large(): World {
  const view: FixView = {
    ...rollingView,
    id: 'FIX-500',
    title: 'cno: stop the route flap',
    incident: 'INC-9',
    headline: 'Rolling out, budget 100',
    rollout: [
      rowWith('one-box', 12, { done: 12, state: 'passed', since: before(60) }),
      rowWith('all', 4_988, {
        done: 1_388,
        failed: 4,
        unknown: 16,
        inFlight: 180,
        state: 'rolling',
        since: before(22),
      }),
    ],
    pace: {
      harmBudget: 100,
      unknown: 1_020,
      atStake: 98,
      rateAtMost: 0.096,
      against: 14,
      haltsAt: 100,
      treated: 1_120,
      controls: 3_390,
      failed: 4,
      waves: 21,
    },
  };
  const rows: readonly Row[] = [
    { name: 'one-box', state: 'passed', parts: [['patched', 12]] },
    {
      name: 'all',
      state: 'rolling',
      parts: [
        ['patched', 1_388],
        ['starting', 180],
        ['failed', 4],
        ['silent', 16],
        ['excluded', 10],
        ['waiting', 3_390],
      ],
    },
  ];
  return worldOf(view, gridOf(view, rows, 60));
}

/** Proven, and nobody has approved its plan yet. */
export function needsApproval(): World {
  const { pace: _, ...base } = rollingView;
  const view: FixView = {
    ...base,
    id: 'FIX-131',
    version: 22,
    title: 'etcd: refuse a defragmentation without quorum',
    severity: 'high',
    incident: 'INC-4480',
    state: 'proven',
    headline: 'Proven; the plan waits for approval',
    needs: [
      {
        who: 'an approver who is not mrossi',
        what: 'approve or decline plan P-0badcafe',
        since: before(14),
        command: 'fleetfix approve FIX-131 --plan P-0badcafe',
      },
    ],
    coverage: {
      ...rollingView.coverage,
      exposed: 310,
      patched: 0,
      waiting: 310,
      unknown: 0,
      native: 0,
      percent: 0,
      patchedLastHour: 0,
      notInPlan: 0,
    },
    clock: {
      declaredAt: before(300),
      elapsedMs: 300 * MINUTE,
      targetMs: 240 * MINUTE,
      dueAt: before(60),
    },
    slo: {
      target: 0.99,
      burning: 5,
      budgetMs: 432 * MINUTE,
      burntMs: 300 * MINUTE,
      leftMs: 132 * MINUTE,
    },
    health: { kind: 'not enough data', because: 'nothing is patched yet' },
    next: { text: 'nothing happens by itself', unless: '' },
    stages: rollingView.stages.map((stage) =>
      stage.stage === 'rollout' || stage.stage === 'retirement'
        ? { stage: stage.stage, state: 'waiting', machineMs: 0, peopleMs: 0, by: '' }
        : stage,
    ),
    rollout: [],
    insights: [],
    waits: [{ for: 'approval of plan P-0badcafe', since: before(14), whoCan: ['approvers, but not mrossi'] }],
    plan: 'P-0badcafe',
    actions: [
      {
        name: 'pause',
        label: 'Pause',
        allowed: false,
        because: 'Nothing is rolling out.',
        whoCan: [],
      },
      {
        name: 'approve',
        label: 'Approve the plan',
        allowed: true,
        because: 'You are an approver and not its author.',
        whoCan: [],
      },
    ],
  };
  return worldOf(view, { fix: view.id, version: view.version, rows: [] });
}

/** One platform and version was judged bad alone: it went back, the others go on. */
export function stratumHalted(): World {
  const rows: readonly Row[] = [
    { name: 'one-box', state: 'passed', parts: [['patched', 12]] },
    {
      name: 'all',
      state: 'rolling',
      parts: [
        ['patched', 240],
        ['starting', 20],
        ['rolling back', 9],
        ['rolled back', 31],
        ['waiting', 328],
      ],
    },
  ];
  const because = '5 of 300 changed broke, 1 of 340 unchanged: evidence in azure 4.19 1,450 (limit 1,200)';
  const { burning: _, ...pace } = rollingView.pace;
  const view: FixView = {
    ...rollingView,
    id: 'FIX-133',
    title: 'kas: bound the audit queue',
    incident: 'INC-4490',
    headline: 'Rolling out, budget 100, without azure 4.19: halted there',
    haltedStrata: ['azure 4.19'],
    health: { kind: 'worse', because },
    rollout: [
      rowWith('one-box', 12, { done: 12, state: 'passed', since: before(70) }),
      rowWith('all', 628, {
        done: 240,
        failed: 5,
        inFlight: 29,
        rolledBack: 31,
        state: 'rolling',
        since: before(40),
      }),
    ],
    pace: { ...pace, harmBudget: 100, unknown: 140, atStake: 22, rateAtMost: 0.16, against: 34, failed: 5 },
  };
  return worldOf(view, gridOf(view, rows, 9));
}

/** Judged bad as a whole, and back. */
export function halted(): World {
  const rows: readonly Row[] = [
    { name: 'one-box', state: 'rolled back', parts: [['rolled back', 12]] },
    {
      name: 'all',
      state: 'rolled back',
      parts: [
        ['rolled back', 38],
        ['waiting', 590],
      ],
    },
  ];
  const because = '4 of 50 changed broke, 1 of 590 unchanged: evidence 310 (limit 100)';
  const { burning: _, ...pace } = rollingView.pace;
  const view: FixView = {
    ...rollingView,
    id: 'FIX-134',
    title: 'etcd: compact more often',
    incident: 'INC-4493',
    halted: true,
    headline: `Halted and rolled back: ${because}`,
    health: { kind: 'worse', because },
    needs: [
      {
        who: 'engineer',
        what: `decide after the halt: ${because}`,
        since: before(12),
        command: 'fleetfix close FIX-134 --as superseded-by=FIX-N',
      },
    ],
    rollout: [
      rowWith('one-box', 12, { failed: 1, rolledBack: 12, state: 'rolled back', since: before(12) }),
      rowWith('all', 628, { failed: 3, rolledBack: 38, state: 'rolled back', since: before(12) }),
    ],
    pace: {
      ...pace,
      unknown: 0,
      atStake: 0,
      rateAtMost: 0.34,
      against: 310,
      treated: 0,
      controls: 590,
      failed: 4,
      waves: 3,
    },
    next: { text: 'nothing: it went back, and an engineer decides what follows', unless: '' },
    waits: [],
  };
  return worldOf(view, gridOf(view, rows, 9));
}

/** Covered, and those that run it fall ill more often than their own past explains. */
export function slowBurn(): World {
  const view: FixView = {
    ...JSON.parse(
      JSON.stringify(mustBeRecorded('covered', 'view'))
        .replaceAll('FIX-128', 'FIX-135')
        .replaceAll('2026-11-21T', '2026-11-19T'),
    ),
    at: AT,
    needs: [
      {
        who: 'engineer',
        what: 'decide whether it goes back, slowly it may do harm: 12 fell ill since the rollout ended, 3.1 were to be expected: evidence 140 (alarm at 100)',
        since: before(40),
        command: 'fleetfix rollback FIX-135 --reason TEXT',
      },
    ],
  };
  return worldOf(view, { fix: view.id, version: view.version, rows: [] });
}

/** Retired, and on the way to be closed: an item in every state. */
export function closing(): World {
  const text = JSON.stringify(mustBeRecorded('closing', 'view')).replaceAll('FIX-128', 'FIX-136');
  const view: FixView = JSON.parse(text);
  return worldOf(view, { fix: view.id, version: view.version, rows: [] });
}

/** The same, for a person whose roles let them show and waive what is open. */
export const closer = (): World => withActs(closing(), 'show', 'waive-item');

/** An image that waits for QE; quinn was told of it, and nobody has it yet. */
export function handedOff(): World {
  const world = needsApproval();
  return withVersion(withActs(world, 'acknowledge'), {
    handOff: {
      at: before(12),
      digests: [DIGEST],
      told: [{ at: before(12), step: 0, role: 'qe', people: ['quinn'] }],
      text: 'quinn told at 20:38Z, not acknowledged yet; olu (on-call) at 20:53Z',
    },
  });
}

const withActs = (world: World, ...names: readonly ('show' | 'waive-item' | 'acknowledge')[]): World =>
  withVersion(world, {
    actions: [
      ...world.view.actions,
      ...names.map((name) => ({
        name,
        label: LABELS[name],
        allowed: true,
        because: 'your roles allow it',
        whoCan: [],
      })),
    ],
  });

const LABELS = {
  show: 'Show an item of the checklist',
  'waive-item': 'Waive an item of the checklist',
  acknowledge: 'Acknowledge the hand-off',
};

/** The same world one report later: this control plane is in this state, one version on. */
export function withCell(world: World, name: string, state: string): World {
  const rows = world.grid.rows.map((row) => ({
    ...row,
    cells: row.cells.map((cell): [string, string, string] =>
      cell[0] === name ? [cell[0], cell[1], state] : cell,
    ),
  }));
  return withVersion({ ...world, grid: { ...world.grid, rows } }, {});
}

/** The same fix one version on, with `changes`. */
export function withVersion(world: World, changes: Partial<FixView>): World {
  const version = world.view.version + 1;
  const view = { ...world.view, version, ...changes };
  return { ...world, view, grid: { ...world.grid, version } };
}

/** A paused fix as the hub would show it after `pause`. */
export const paused = (world: World): World =>
  withVersion(world, {
    paused: true,
    headline: 'Paused by adiaz: nothing new starts',
    actions: [
      { name: 'pause', label: 'Pause', allowed: false, because: 'It is paused already.', whoCan: [] },
      { name: 'resume', label: 'Resume', allowed: true, because: 'It goes on where it was.', whoCan: [] },
    ],
  });

export const rowOf = ({ view }: World): FixRow => ({
  id: view.id,
  version: view.version,
  title: view.title,
  severity: view.severity,
  ...(view.incident === undefined ? {} : { incident: view.incident }),
  author: view.author,
  component: view.component,
  state: view.state,
  paused: view.paused,
  halted: view.halted,
  headline: view.headline,
  needs: view.needs,
  coverage: view.coverage,
  clock: view.clock,
  health: view.health,
});
