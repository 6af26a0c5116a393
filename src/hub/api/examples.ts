import type { HandOff } from '../../core/hand-off/hand-off.ts';
import type { HubRoster } from '../../core/roster/report.ts';
import type { TimedTestPage } from '../../core/select/test-times.ts';
import type { FixText } from '../../core/texts/text-kinds.ts';
import type { DiffView } from '../../core/views/diff-view.ts';
import type { FixView } from '../../core/views/fix-view.ts';
import type { DebtRow, GateRow, RecallRow } from '../../core/views/gate-rows.ts';
import type { PlanView } from '../../core/views/plan-view.ts';
import type { ControlPlaneView, TargetView, TimelineEntry } from '../../core/views/target-view.ts';
import type { WhyView } from '../../core/views/why-view.ts';
import type { Acted } from '../../wire/api.ts';
import type { FixRow, Forecast, Grid, Replayed, Tried, Verified } from '../desk.ts';

// One incident, seen through every view: the examples of the OpenAPI document. Invented.

const DIGEST = 'sha256:5cd2f01a9b3c7e4d8f60a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455f';

const overview = {
  id: 'FIX-128',
  version: 41,
  title: 'kas: drop leaked watch on etcd defrag',
  severity: 'critical',
  incident: 'INC-4471',
  author: 'mrossi',
  component: 'control-plane-operator',
  state: 'delivering',
  paused: false,
  halted: false,
  headline: 'Rolling out, budget 100',
  needs: [],
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
    declaredAt: '2026-11-21T17:54:00.000Z',
    elapsedMs: 10_560_000,
    targetMs: 21_600_000,
    dueAt: '2026-11-21T23:54:00.000Z',
    expectedAt: '2026-11-21T22:35:00.000Z',
  },
  health: {
    kind: 'not worse',
    because: 'at most 19 % can fail; 0 broke, 428 to compare with; evidence against it 0.4 (halts at 100)',
  },
} as const satisfies FixRow;

const fix: FixView = {
  ...overview,
  haltedStrata: [],
  at: '2026-11-21T20:50:00.000Z',
  reason: 'API servers run out of memory within a day of an etcd defragmentation',
  brake: 'fleetfix pause FIX-128',
  next: {
    at: '2026-11-21T21:02:00.000Z',
    text: 'more start, with evidence: 188 control planes healthy for 2 more min (376 cluster-minutes)',
    unless: 'paused, or the evidence against it reaches 100',
  },
  stages: [
    {
      stage: 'assembly',
      state: 'done',
      startedAt: '2026-11-21T17:54:00.000Z',
      endedAt: '2026-11-21T18:16:00.000Z',
      tookMs: 1_320_000,
      machineMs: 41_000,
      peopleMs: 1_279_000,
      targetMs: 3_600_000,
      by: '4.18 4.19 4.20 (4.17 contains it already: ancestry)',
    },
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
      gates: [{ gate: 'bvt', state: 'met', lane: 'before', blocks: true, because: 'passed by fleetfix' }],
    },
  ],
  rollout: [
    {
      name: 'one-box',
      targets: 12,
      done: 12,
      failed: 0,
      unknown: 0,
      inFlight: 0,
      rolledBack: 0,
      state: 'passed',
      since: '2026-11-21T20:17:00.000Z',
    },
  ],
  pace: {
    harmBudget: 100,
    unknown: 214,
    atStake: 41,
    rateAtMost: 0.19,
    against: 0.4,
    haltsAt: 100,
    treated: 188,
    controls: 428,
    failed: 0,
    waves: 14,
  },
  insights: [
    {
      since: '2026-11-21T20:19:00.000Z',
      level: 'warning',
      impact: 'coverage',
      message: '3 targets told and not reported: agent silent on mc-eu-3',
      remedy: 'fleetfix why FIX-128 --target cp-7f3a',
    },
  ],
  waits: [
    {
      for: 'evidence: 188 control planes healthy for 2 more min (376 cluster-minutes)',
      since: '2026-11-21T20:32:00.000Z',
      endsAt: '2026-11-21T21:02:00.000Z',
      whoCan: ['operator', 'on-call'],
    },
  ],
  plan: 'P-7f3a91c0',
  handSteps: 6,
  actions: [{ name: 'pause', label: 'Pause', allowed: true, because: 'a pause is always open', whoCan: [] }],
};

const diff: DiffView = {
  fix: 'FIX-128',
  version: 41,
  at: '2026-11-21T20:50:00.000Z',
  title: overview.title,
  lines: [
    {
      line: '4.19',
      targets: 280,
      outcome: 'clean',
      because: '1 commit onto 9f2b6c1d0e3a, no conflict',
      commit: '1c0ffee0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60',
      release: '9f2b6c1d0e3a4b5c6d7e8f901a2b3c4d5e6f7081',
      picks: [
        {
          mark: '=',
          role: 'change',
          isRevert: false,
          source: {
            commit: '5cd2f01a9b3c7e4d8f60a1b2c3d4e5f607182930',
            subject: 'drop leaked watch on etcd defrag',
            author: 'mrossi',
            at: '2026-11-21T16:30:00.000Z',
            pullRequest: 4_692,
          },
          candidate: {
            commit: '1c0ffee0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60',
            subject: 'drop leaked watch on etcd defrag',
            author: 'mrossi',
            at: '2026-11-21T16:30:00.000Z',
          },
          patch: [],
          leftOut: 0,
        },
      ],
      deployed: {
        from: '9f2b6c1d0e3a4b5c6d7e8f901a2b3c4d5e6f7081',
        to: '1c0ffee0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60',
        total: { files: 1, added: 1, removed: 1 },
        files: [
          {
            path: 'pkg/etcd/defrag.go',
            did: 'modified',
            class: 'code',
            isBinary: false,
            added: 1,
            removed: 1,
            patch: [
              '@@ -41,1 +41,1 @@ func (d *defrag) run() {',
              '-\td.watch()',
              '+\tdefer d.watch().Stop()',
            ],
            leftOut: 0,
          },
        ],
        leftOut: [],
        command: 'git diff 9f2b6c1d0e3a4b5c6d7e8f901a2b3c4d5e6f7081 1c0ffee0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60',
      },
      passengers: [],
      carries: [],
      warnings: [],
      conflicts: [],
      proposals: [],
    },
  ],
};

const handOff: HandOff = {
  fix: 'FIX-128',
  version: 41,
  at: '2026-11-21T20:50:00.000Z',
  title: overview.title,
  severity: 'critical',
  state: 'built',
  incident: 'INC-4471',
  reason: 'API servers run out of memory within a day of an etcd defragmentation',
  author: 'mrossi',
  declaredAt: '2026-11-21T17:54:00.000Z',
  component: 'control-plane-operator',
  change: 'pull request #4692',
  images: [{ line: '4.19', digest: DIGEST }],
  lines: [
    {
      line: '4.19',
      versions: ['4.19.10', '4.19.11'],
      targets: 280,
      outcome: 'clean',
      because: '1 commit picked onto 9f2b6c1d0e3a',
      build: 'done',
      base: '9f2b6c1d0e3a4b5c6d7e8f901a2b3c4d5e6f7081',
      release: '9f2b6c1d0e3a4b5c6d7e8f901a2b3c4d5e6f7081',
      candidate: '1c0ffee0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60',
      digest: DIGEST,
      image: `registry.example/fixes/control-plane-operator@${DIGEST}`,
      earlier: [],
      commits: [
        {
          mark: '=',
          role: 'change',
          isRevert: false,
          commit: '1c0ffee0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60',
          source: '5cd2f01a9b3c7e4d8f60a1b2c3d4e5f607182930',
          subject: 'drop leaked watch on etcd defrag',
          pullRequest: 4_692,
        },
      ],
      passengers: [],
      carries: [],
      warnings: [],
      gates: [
        {
          gate: 'qe-upgrade',
          state: 'missing',
          blocks: true,
          because: 'no evidence yet',
          verdict: {
            by: 'qe',
            command: `fleetfix attest FIX-128 --check qe-upgrade --line 4.19 --digest ${DIGEST} --result pass --note TEXT`,
          },
        },
      ],
      tests: {
        known: true,
        range: {
          from: '9f2b6c1d0e3a4b5c6d7e8f901a2b3c4d5e6f7081',
          to: '1c0ffee0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60',
        },
        all: 240,
        tests: [
          {
            language: 'go',
            id: 'example.com/cpo/pkg/etcd',
            path: 'pkg/etcd',
            command: 'go test ./pkg/etcd',
            distance: 0,
            because: ['example.com/cpo/pkg/etcd'],
            tags: [],
          },
        ],
        testsLeftOut: 0,
        suites: [],
        notCovered: [],
        notCoveredLeftOut: 0,
        warnings: [],
        command: 'fleetfix select-tests --repo . --range 9f2b6c1d0e3a..1c0ffee0d1e2',
      },
    },
  ],
  back: { text: 'Nothing is delivered yet, so there is nothing to take back.', steps: [], know: [] },
  contacts: [{ for: 'component control-plane-operator', who: 'team-cpo' }],
};

const text: FixText = {
  fix: 'FIX-128',
  version: 41,
  at: '2026-11-21T20:50:00.000Z',
  kind: 'release-note',
  template: 'shipped',
  text: '# kas: drop leaked watch on etcd defrag\n',
  images: [{ line: '4.19', digest: DIGEST }],
};

const plan: PlanView = {
  id: 'P-7f3a91c0',
  hash: '7f3a91c0b2d4e6f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70',
  fix: 'FIX-128',
  fixVersion: 33,
  at: '2026-11-21T19:30:00.000Z',
  validUntil: '2026-11-21T21:30:00.000Z',
  policy: 'default',
  exposed: 665,
  inPlan: 640,
  notInPlan: 25,
  native: 21,
  component: 'control-plane-operator',
  managementClusters: 12,
  versions: [{ version: '4.19.x', targets: 280 }],
  digests: [{ line: '4.19', digest: DIGEST }],
  restarts: 'kube-apiserver, one replica at a time',
  nodes: 'no node rolls on 640 of 640',
  leavesOut: [{ because: 'frozen', count: 9, until: '2026-11-22T06:00:00.000Z' }],
  harmBudget: 100,
  profile: 'urgent',
  computedBudget: 100,
  urgency: '412 of 640 show the symptom now, about 12 more every hour',
  oneBox: 12,
  burning: 412,
  controls: 25,
  minSoakMs: 0,
  stages: [{ name: 'all', targets: 640, soakMs: 0, approval: false }],
  inFlightPerManagementCluster: 4,
  stops: [
    'evidence against it of 100 or more halts and rolls back',
    'each one that breaks goes back at once',
  ],
  endsAbout: '2026-11-21T22:35:00.000Z',
  undo: 'fleetfix rollback FIX-128',
  needs: { count: 2, role: 'approver', given: [], notBy: 'mrossi' },
};

const target: TargetView = {
  uid: '0b0e2f5c-5a57-4f0e-9a3e-7f3a00000001',
  name: 'cp-7f3a',
  customer: 'acme-prod',
  version: '4.19.11',
  managementCluster: 'mc-eu-3',
  region: 'eu-west-1',
  standing: 'unknown',
  state: 'silent',
  stage: 'all',
  wave: 2,
  inPlan: true,
  because: 'agent on mc-eu-3 has not reported for 31m',
  since: '2026-11-21T20:19:00.000Z',
};

const plane: ControlPlaneView = {
  uid: target.uid,
  name: target.name,
  customer: target.customer,
  version: target.version,
  managementCluster: target.managementCluster,
  region: target.region,
  sector: 'prod-2',
  platform: 'AWS',
  availability: 'HighlyAvailable',
  health: 'healthy',
  reportedAt: '2026-11-21T20:19:00.000Z',
  silent: true,
  upgrading: false,
  paused: true,
  held: 'etcd is recovering',
  components: [{ component: 'control-plane-operator', digest: DIGEST, overridden: true }],
  fixes: [{ fix: 'FIX-128', standing: 'unknown', because: target.because }],
  sentence: 'Nothing has been heard of cp-7f3a for 31m; whether it has FIX-128 is not known.',
};

const entry: TimelineEntry = {
  seq: 9_120,
  version: 41,
  at: '2026-11-21T20:32:00.000Z',
  author: 'fleetfix',
  surface: 'hub',
  type: 'TargetsStarted',
  text: '210 started: at most 3 % can fail, 41 of unknown outcome, budget 100',
};

const why: WhyView = {
  fix: 'FIX-128',
  target: 'cp-7f3a',
  headline: 'cp-7f3a is UNKNOWN: told to start at 20:18Z, nothing heard since',
  facts: [{ label: 'because', text: 'agent on mc-eu-3 has not reported for 31m (limit 10m)' }],
};

const grid: Grid = {
  fix: 'FIX-128',
  version: 41,
  rows: [{ name: 'one-box', state: 'passed', cells: [['cp-01aa', 'mc-eu-1', 'patched']] }],
};

const acted: Acted = {
  fix: 'FIX-128',
  version: 42,
  state: 'delivering',
  did: ['Paused by adiaz: error rate looks odd'],
  undo: 'fleetfix resume FIX-128',
  see: 'fleetfix status FIX-128',
};

const verified: Verified = {
  verified: true,
  events: 9_120,
  fixes: [{ fix: 'FIX-128', events: 41, verified: true }],
};

const replayed: Replayed = { fix: 'FIX-128', same: true, decisions: 212 };

const tried: Tried = {
  fix: 'FIX-128',
  plan: 'P-7f3a91c0',
  budget: { recorded: 100, tried: 25 },
  recorded: { started: 640, broken: 0, halted: false, t50Min: 52, t95Min: 74, t100Min: 81 },
  tried: { started: 640, broken: 0, halted: false, t50Min: 88, t95Min: 141, t100Min: 160 },
};

const forecast: Forecast = {
  planes: 640,
  burning: 412,
  budget: 100,
  runs: 5,
  good: { t50Min: 52, t95Min: 74, t100Min: 81, falseHaltShare: 0 },
  bad: [{ p: 0.05, latencyMin: 10, brokenMean: 9.4, brokenP95: 14, bound: 105, brokenHours: 2.1 }],
};

const gate: GateRow = {
  component: 'control-plane-operator',
  gate: 'bvt',
  judged: 30,
  caught: 3,
  alone: 2,
  late: 0,
  unclear: 0,
  waived: 1,
  tookMs: 420_000,
};

const recall: RecallRow = {
  component: 'control-plane-operator',
  caught: 3,
  missed: [{ fix: 'FIX-97', by: '4 of 17 changed broke' }],
  recall: 0.75,
};

const timedTests: TimedTestPage = {
  items: [
    {
      id: '3b1f0c7e5a9d4826b0c1d2e3f4a5b6c7',
      suites: ['example.com/control-plane-operator/etcd'],
      file: '',
      classname: 'example.com/control-plane-operator/etcd',
      name: 'TestDefragKeepsWatches',
      seconds: 41.5,
      runs: 2,
      failed: 1,
      flaky: 0,
      seenAt: '2026-11-21T20:41:00.000Z',
      last: [
        { run: 812, seconds: 42, result: 'passed' },
        { run: 790, seconds: 41, result: 'failed' },
      ],
    },
  ],
  total: 1,
};

const debt: DebtRow = {
  fix: 'FIX-128',
  title: 'kas: drop leaked watch on etcd defrag',
  severity: 'critical',
  gate: 'perf-suite',
  line: '4.19',
  owner: 'qe',
  dueAt: '2026-11-28T20:00:00.000Z',
  overdue: false,
  state: 'missing',
  because: 'no evidence yet',
};

const NIGHT = { from: '2026-11-16T08:00:00.000Z', to: '2026-11-23T08:00:00.000Z' };
const NEXT_WEEK = { from: '2026-11-23T08:00:00.000Z', to: '2026-11-30T08:00:00.000Z' };

const roster: HubRoster = {
  readAt: '2026-11-21T20:47:00.000Z',
  at: '2026-11-21T20:50:00.000Z',
  days: 14,
  until: '2026-12-05T20:50:00.000Z',
  roles: [
    {
      role: 'on-call',
      isRead: true,
      isNeeded: true,
      now: [{ ...NIGHT, person: 'adiaz', contact: '+49 30 1234', isListed: true }],
      next: [{ ...NEXT_WEEK, person: 'kato', contact: '@kato in chat', isListed: true }],
      gaps: [{ from: '2026-11-30T08:00:00.000Z', to: '2026-12-05T20:50:00.000Z' }],
      unknown: [],
      covered: 0.62,
    },
    {
      role: 'qe',
      isRead: false,
      isNeeded: false,
      now: [],
      next: [],
      gaps: [],
      unknown: [{ from: '2026-11-23T08:00:00.000Z', to: '2026-11-23T16:00:00.000Z' }],
      covered: 0.9,
    },
  ],
  doubleBookings: [],
  ending: [{ role: 'on-call', calendar: 'rotas/primary.ics', at: '2026-11-30T08:00:00.000Z' }],
  calendars: [
    {
      role: 'on-call',
      calendar: 'rotas/primary.ics',
      isRead: true,
      lastsUntil: '2026-11-30T08:00:00.000Z',
      warnings: [],
    },
    {
      role: 'qe',
      calendar: 'calendar.example.com',
      isRead: false,
      problem: 'calendar.example.com answered 503; there is no copy of it',
      warnings: [],
    },
  ],
};

export const EXAMPLES = {
  roster,
  gate,
  recall,
  timedTests,
  debt,
  overview,
  fix,
  diff,
  handOff,
  text,
  plan,
  target,
  plane,
  entry,
  why,
  grid,
  acted,
  verified,
  replayed,
  forecast,
  tried,
} as const;
