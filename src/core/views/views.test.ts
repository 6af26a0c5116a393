// Goal: what people read of a fix. A small world of four control planes is brought to a moment, and the views
// are held against it: the numbers add up, every sentence is there, and what is needed comes with its command.
import { describe, expect, test } from 'vitest';
import { PLAIN } from '../../cli/render/paper.ts';
import { renderStatus } from '../../cli/render/status.ts';
import { MINUTE } from '../base/instant.ts';
import type { ControlPlane } from '../fleet/control-plane.ts';
import type { Command } from '../life/command.ts';
import { planFor } from '../life/plan-for.ts';
import type { Policy } from '../life/policy.ts';
import {
  ANA,
  act,
  assemblyOf,
  BOB,
  commitOf,
  declared,
  EVE,
  factsOf,
  fixImage,
  lineOf,
  lineReady,
  minute,
  POLICY,
  person,
  planeOf,
  proven,
  QUINN,
  releaseDigest,
  type Story,
  TOMORROW,
  tell,
} from '../life/testing.ts';
import { launch, pass, type Toy, tend, toyFacts, toyOf } from '../life/testing-fleet.ts';
import type { FixView } from './fix-view.ts';
import { makeFixView } from './make-fix-view.ts';
import { makePlanView } from './make-plan-view.ts';
import { makeTargetWhyView, makeWhyView } from './make-why-view.ts';
import { controlPlaneView, targetViews } from './targets.ts';

const reason = 'because';
const IMAGE = fixImage('FIX-1', '4.19.1').digest;
const fleet = () =>
  ['a', 'b', 'c', 'd'].map((name, i) => planeOf(name, { managementCluster: `mc-${i % 2}` }));

/** So many first, a soak of ten minutes, then the rest. */
const first = (count: number) => [{ name: 'first', take: { count }, soakMs: 10 * MINUTE, approval: false }];
/** Control planes of a release without an image: only compared with. */
const others = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    planeOf(`other-${i}`, { version: '4.20.1', managementCluster: 'mc-9' }),
  );

function delivering(over: Partial<Toy> & { policy?: Partial<Policy>; planes?: ControlPlane[] } = {}): Toy {
  const { policy, planes = fleet(), ...rest } = over;
  const story = proven();
  const base = toyOf([], { story }).facts;
  const toy = toyOf(planes, {
    story,
    facts: { ...base, policy: { ...POLICY, stages: first(1), ...policy } },
    ...rest,
  });
  launch(toy, planFor(story.fix, toyFacts(toy), story.now));
  return toy;
}
function minutes(toy: Toy, count: number): Toy {
  for (let i = 0; i < count; i += 1) {
    tend(toy);
    pass(toy, MINUTE);
  }
  return toy;
}
const says = (toy: Toy, command: Command) => act(toy.story, EVE, command, toyFacts(toy));
const view = (toy: Toy): FixView => makeFixView(toy.story.fix, toyFacts(toy), toy.story.now);
const why = (toy: Toy) => makeWhyView(toy.story.fix, toyFacts(toy), toy.story.now);
const nameOf = (toy: Toy, i: number) => toy.plan!.targets[i]!.name;
const prepared = (story: Story, over = {}) =>
  makeFixView(story.fix, factsOf({ fleet: fleet(), ...over }), story.now);
const texts = (needs: FixView['needs']) => needs.map((n) => `${n.who}: ${n.what} → ${n.command}`);

describe('before delivery a reader sees', () => {
  test('a conflict, its files, and the command that would solve it', () => {
    const proposal = {
      kind: 'prerequisites' as const,
      commits: [commitOf('p')],
      subjects: ['split'],
      outcome: 'clean' as const,
      tree: 't',
      passengers: { commits: 1, files: 1, lines: 9 },
      left: [],
      look: [],
    };
    const conflict = assemblyOf('conflict', {
      conflicts: [{ path: 'a.go', kind: 'content', class: 'code', picking: commitOf('c'), hunks: [] }],
      proposals: [proposal],
      because: '1 file',
    });
    const story = tell(declared(), 'fleetfix', {
      type: 'LineAssembled',
      line: lineOf('4.19.1'),
      assembly: conflict,
    });
    const it = prepared(story);
    expect(it.lines).toMatchObject([
      {
        line: '4.19.1',
        outcome: 'conflict',
        build: 'none',
        conflicts: [{ path: 'a.go', kind: 'content' }],
        proposals: [{ subjects: ['split'] }],
      },
    ]);
    expect(texts(it.needs)).toEqual([
      `engineer: line 4.19.1 conflict: 1 file; product code conflicts in 1 file; offered: clean with 1 earlier commit ("split") → fleetfix backport FIX-1 --to 4.19.1 --with ${commitOf('p').slice(0, 12)}`,
    ]);
    expect(it).toMatchObject({
      state: 'declared',
      headline: 'Declared',
      rollout: [],
      waits: [],
      paused: false,
      halted: false,
    });
    expect(it.brake).toBeUndefined();
    expect(it.next).toEqual({ text: 'assembly goes on', unless: 'something fails or asks for a person' });
  });

  test('that a change which was git-reverted on a release needs a decision', () => {
    const story = tell(declared(), 'fleetfix', {
      type: 'LineAssembled',
      line: lineOf('4.19.1'),
      assembly: assemblyOf('contained', { contained: { how: [], gitReverted: true } }),
    });
    expect(texts(prepared(story).needs)).toEqual([
      'engineer: line 4.19.1 contained: it is contained → fleetfix backport FIX-1 --not 4.19.1=REASON',
    ]);
  });

  test('what machines are at, not the state it is in, is why it waits', () => {
    const story = declared();
    const [assembled, started, built, ran] = lineReady('FIX-1', '4.19.1');
    const facts = factsOf({ fleet: [planeOf('a'), planeOf('b', { version: '4.20.1' })] });
    const why = () => {
      const { facts: rows } = makeWhyView(story.fix, facts, story.now);
      return ['because', 'ends'].map((label) => rows.find((row) => row.label === label)!.text);
    };
    const byItself = 'by itself, when that is done';
    expect(why()).toEqual(['assembly goes on', byItself]);
    tell(story, 'fleetfix', assembled!, started!);
    expect(why()).toEqual(['the image of 4.19.1 is being built', byItself]);
    tell(story, 'fleetfix', built!);
    expect(why()[0]).toBe('no verdict of bvt yet on 4.19.1; no verdict of smoke yet on 4.19.1');
    tell(story, 'fleetfix', ran!, lineReady('FIX-1', '4.20.1')[0]!);
    expect(why()[0]).toBe('the image of 4.20.1 is being built; no verdict of smoke yet on 4.19.1');
    expect(why()[1]).toBe('when someone acts: fleetfix attest FIX-1 --check smoke --result pass');
  });

  test('a failed build and how to try again', () => {
    const story = tell(declared(), 'fleetfix', ...lineReady('FIX-1', '4.19.1').slice(0, 2), {
      type: 'BuildFailed',
      line: '4.19.1',
      commit: commitOf('x'),
      because: 'no space',
      tookMs: 1,
    });
    const it = prepared(story);
    expect(texts(it.needs)).toEqual([
      'engineer: build of 4.19.1 failed: no space → fleetfix retry FIX-1 --stage build',
    ]);
    expect(it.stages.map((s) => [s.stage, s.state])).toEqual([
      ['assembly', 'done'],
      ['build', 'failed'],
      ['proof', 'waiting'],
      ['approval', 'waiting'],
      ['rollout', 'waiting'],
    ]);
  });

  test('gates that failed, that a person attests, and that were waived', () => {
    const story = tell(declared(), 'fleetfix', ...lineReady('FIX-1', '4.19.1').slice(0, 3));
    const digest = fixImage('FIX-1', '4.19.1').digest;
    tell(story, 'fleetfix', {
      type: 'GateRan',
      gate: 'bvt',
      line: '4.19.1',
      digest,
      result: 'fail',
      note: '2 failed',
      tookMs: 1,
    });
    expect(texts(prepared(story).needs)).toEqual([
      'engineer: gate bvt failed on 4.19.1 → fleetfix logs FIX-1 --stage proof',
      'qe: attest smoke on 4.19.1 → fleetfix attest FIX-1 --check smoke --result pass',
    ]);
    act(story, QUINN, { do: 'waive', gate: 'bvt', reason: 'no lab', expiresAt: TOMORROW }, factsOf());
    const it = prepared(story);
    expect(it.lines[0]?.gates[0]).toEqual({
      gate: 'bvt',
      state: 'waived',
      lane: 'before',
      blocks: true,
      because: 'waived by quinn: no lab',
      until: TOMORROW,
    });
    expect(it.insights).toMatchObject([
      {
        level: 'info',
        impact: 'proof',
        message: 'gate bvt WAIVED by quinn until 2026-11-22 20:00Z: no lab',
        remedy: 'fleetfix get evidence --for FIX-1',
      },
    ]);
    expect(it.stages.find((s) => s.stage === 'proof')?.by).toMatch(
      /^0 of 3 gates met; bvt WAIVED by quinn until/,
    );
  });

  test('who must approve, and after that who must start', () => {
    const story = proven();
    expect(prepared(story).headline).toBe('Proven, waiting for approval of a plan');
    expect(texts(prepared(story).needs)).toEqual([
      'approver: 1 of @approver to approve a plan (not ana, author) → fleetfix plan FIX-1',
    ]);
    const plan = planFor(story.fix, factsOf({ fleet: fleet() }), story.now);
    act(story, BOB, { do: 'approve', plan: plan.id }, factsOf({ plan }));
    const it = prepared(story);
    expect(it).toMatchObject({ state: 'approved', headline: 'Approved, waiting for start', plan: plan.id });
    expect(texts(it.needs)).toEqual([
      `operator: start plan ${plan.id} → fleetfix start FIX-1 --plan ${plan.id}`,
    ]);
    expect(it.stages.find((s) => s.stage === 'approval')?.by).toBe(`bob · plan ${plan.id}`);
  });

  test('that a plan was declined, until another is approved', () => {
    const story = proven();
    const plan = planFor(story.fix, factsOf({ fleet: fleet() }), story.now);
    act(story, BOB, { do: 'decline', plan: plan.id, reason: 'friday' }, factsOf({ plan }));
    expect(prepared(story).declined).toEqual({ plan: plan.id, by: 'bob', reason: 'friday' });
    expect(prepared(story).stages.find((s) => s.stage === 'approval')?.by).toBe('declined by bob: friday');
    act(story, BOB, { do: 'approve', plan: 'P-00000009' }, factsOf({ plan: { ...plan, id: 'P-00000009' } }));
    expect(prepared(story).declined).toBeUndefined();
  });
});

describe('the plan as it is read before saying yes', () => {
  const story = proven();
  const planes = [
    ...fleet(),
    planeOf('p', { paused: true }),
    planeOf('q', { paused: true }),
    planeOf('f', { version: '4.20.1' }),
  ];
  const facts = factsOf({ fleet: planes });
  const plan = planFor(story.fix, facts, story.now);

  test('names what goes where, who is left out and why, the stages, the budget, the end and the way back', () => {
    expect(makePlanView(story.fix, plan, facts, story.now)).toMatchObject({
      id: plan.id,
      hash: plan.hash,
      fixVersion: story.fix.version,
      exposed: 7,
      inPlan: 4,
      notInPlan: 3,
      managementClusters: 2,
      versions: [{ version: '4.19.1', targets: 4 }],
      digests: [{ line: '4.19.1', digest: fixImage('FIX-1', '4.19.1').digest }],
      leavesOut: [
        { because: 'reconciling is paused at the source', count: 2 },
        { because: 'its release has not been looked at yet', count: 1 },
      ],
      stages: [{ name: 'all', targets: 4, soakMs: 0, approval: false }],
      harmBudget: 12,
      profile: 'routine',
      computedBudget: 12,
      urgency: 'no symptom was given to count by; for severity critical, 0 of 6 are assumed to burn',
      oneBox: 4,
      burning: 0,
      controls: 1,
      inFlightPerManagementCluster: 2,
      stops: [
        'evidence against it of 100 or more halts and rolls back (one good fix in 100, at most)',
        'each one that breaks goes back at once',
      ],
      undo: expect.stringMatching(
        /^fleetfix rollback FIX-1: back to sha256:[0-9a-f]{12}…; re-exposes what was patched$/,
      ),
      needs: { count: 1, role: 'approver', given: [], notBy: 'ana' },
    });
    expect(makePlanView(story.fix, plan, facts, story.now).stale).toBeUndefined();
  });

  test('asks for one more yes for every doubling of the budget that the incident asks for', () => {
    const needs = (budget: number) =>
      makePlanView(story.fix, planFor(story.fix, facts, story.now, { budget }), facts, story.now).needs.count;
    expect([12, 24, 25, 100].map(needs)).toEqual([1, 2, 3, 5]);
    const urgent = planFor(story.fix, facts, story.now, { budget: 100 });
    expect(makePlanView(story.fix, urgent, facts, story.now)).toMatchObject({
      harmBudget: 100,
      profile: 'urgent',
      computedBudget: 12,
    });
  });

  test('says when it may not be used any more, and never asks for fewer than one', () => {
    const policy = { ...POLICY, approvers: { count: 0, role: 'approver' as const } };
    const late = makePlanView(story.fix, plan, { ...facts, policy }, minute(721));
    expect(late.stale).toBe(`it was valid until ${plan.validUntil}`);
    expect(late.needs.count).toBe(1);
  });
});

describe('during delivery a reader sees', () => {
  test('the stage that runs, the brake, the numbers and what comes next', () => {
    const toy = minutes(delivering(), 2);
    const it = view(toy);
    expect(it).toMatchObject({
      state: 'delivering',
      headline: 'Rolling out, one-box of 12, stage first (1 of 2)',
      brake: 'fleetfix pause FIX-1',
      needs: [],
      coverage: { exposed: 4, patched: 0, waiting: 4, notInPlan: 0 },
      health: { kind: 'not enough data', because: 'no control plane runs the image yet' },
      next: {
        text: 'more start, with 1 on their way',
        unless: 'paused, or the evidence against it reaches 100',
      },
      waits: [{ for: '1 on their way' }],
      pace: { harmBudget: 12, unknown: 1, against: 1, haltsAt: 100, failed: 0, waves: 1 },
    });
    expect(it.rollout.map((r) => [r.name, r.targets, r.done, r.inFlight, r.state])).toEqual([
      ['one-box', 1, 0, 1, 'evidence 0/6'],
      ['first', 0, 0, 0, 'waiting'],
      ['rest', 3, 0, 0, 'waiting'],
    ]);
    expect(it.clock.expectedAt! > it.at).toBe(true);
  });

  test('a soak, how far it is and when it ends', () => {
    const toy = minutes(delivering({ policy: { pace: { oneBox: 1, inFlightPerManagementCluster: 2 } } }), 9);
    const it = view(toy);
    expect(it.headline).toBe('Rolling out, one-box of 1, stage first (1 of 2)');
    expect(it.next).toMatchObject({ text: 'stage rest opens', at: it.waits[0]!.endsAt });
    expect(why(toy).facts).toEqual([
      { label: 'because', text: 'waiting for soak of first: 10m' },
      { label: 'since', text: '20:04Z, 5m ago' },
      { label: 'ends', text: 'at 20:14Z, by itself' },
      { label: 'who', text: 'nobody is needed' },
      { label: 'not because', text: 'pause, halt, health, approval' },
    ]);
  });

  test('the one-box, what evidence it has, what it waits for in healthy minutes, and later who runs in which row', () => {
    const planes = Array.from({ length: 30 }, (_, i) =>
      planeOf(`cp-${i}`, { managementCluster: `mc-${i % 10}` }),
    );
    const toy = minutes(delivering({ planes, policy: { stages: [], pace: {} } }), 20);
    const it = view(toy);
    expect(it.rollout.map((r) => [r.name, r.targets, r.done, r.state])).toEqual([
      ['one-box', 12, 12, expect.stringMatching(/^evidence \d\.\d\/6$/)],
      ['all', 18, 0, 'waiting'],
    ]);
    const [wait] = it.waits;
    expect(wait?.for).toBe('evidence: 12 control planes healthy for 14 more min (168 cluster-minutes)');
    expect(it.next).toMatchObject({ at: wait!.endsAt, text: `more start, with ${wait!.for}` });
    expect(it.pace).toMatchObject({ harmBudget: 12, treated: 12, controls: 18, waves: 1 });
    expect(it.pace!.atStake).toBeCloseTo(it.pace!.rateAtMost * it.pace!.unknown);
    const late = view(minutes(toy, 25));
    expect(late.rollout[0]).toMatchObject({ name: 'one-box', state: 'passed' });
    expect(late.health).toMatchObject({
      kind: 'not worse',
      because: expect.stringMatching(/^at most 4\d % can fail/),
    });
  });

  test('those that burned, whether they recovered, in a row of their own', () => {
    const story = proven('FIX-1', ['4.19.1'], { symptom: 'etcd is full' });
    const planes = fleet().map((p, i) => (i < 2 ? { ...p, unhealthy: 'etcd is full' } : p));
    const toy = toyOf(planes, { story });
    launch(toy, planFor(story.fix, toyFacts(toy), story.now));
    const early = view(minutes(toy, 2));
    expect(early.rollout.map((r) => [r.name, r.targets, r.state])).toEqual([
      ['burning', 2, 'rolling'],
      ['one-box', 2, 'evidence 0/6'],
      ['all', 0, 'waiting'],
    ]);
    expect(early.symptom).toBe('etcd is full');
    expect(early.pace?.burning).toEqual({ treated: 2, recovered: 0, waiting: 0 });
    expect(view(minutes(toy, 3)).pace?.burning).toEqual({ treated: 2, recovered: 2, waiting: 0 });
    const targets = targetViews(toy.story.fix, toyFacts(toy), toy.story.now);
    expect(targets.map((t) => [t.name, t.stage, t.wave])).toEqual([
      ['a', 'burning', 1],
      ['b', 'burning', 1],
      ['c', 'one-box', 1],
      ['d', 'one-box', 1],
    ]);
  });

  test('before a rollout: what keeps an exposed one out of a plan', () => {
    const planes = [planeOf('a', { held: 'its etcd is recovering' }), planeOf('b')];
    const toy = toyOf(planes, { story: proven() });
    expect(targetViews(toy.story.fix, toyFacts(toy), toy.story.now).map((t) => t.because)).toEqual([
      'runs 4.19.1 without the fix; its etcd is recovering',
      'runs 4.19.1 without the fix',
    ]);
  });

  test('a pause: who, why, and who may end it', () => {
    const toy = minutes(delivering(), 3);
    says(toy, { do: 'pause', reason: 'a customer calls' });
    const it = view(toy);
    expect(it).toMatchObject({
      paused: true,
      headline: 'Paused by eve in one-box of 12, stage first (1 of 2): a customer calls',
      next: { text: 'nothing starts until someone resumes or rolls back' },
    });
    expect(it.stages.find((s) => s.stage === 'rollout')?.state).toBe('paused');
    expect(it.clock.expectedAt).toBeUndefined();
    expect(texts(it.needs)).toEqual([
      'on-call: resume or roll back: paused by eve → fleetfix resume FIX-1 --reason TEXT',
    ]);
  });

  test('a halt: that it goes back by itself, and afterwards what to decide', () => {
    const planes = Array.from({ length: 30 }, (_, i) =>
      planeOf(`cp-${i}`, { managementCluster: `mc-${i % 10}` }),
    );
    const policy = { stages: [], pace: {} };
    const toy = minutes(delivering({ planes, policy, breaks: (_, digest) => digest === IMAGE }), 6);
    expect(view(toy)).toMatchObject({
      halted: true,
      headline: expect.stringMatching(/^Halted, rolling back: 12 of 12 changed broke/),
      needs: [],
      health: { kind: 'worse' },
      next: { text: 'changed control planes go back' },
    });
    says(toy, { do: 'pause' });
    expect(view(toy).needs).toEqual([]);
    minutes(toy, 20);
    const it = view(toy);
    expect(it).toMatchObject({
      halted: true,
      paused: false,
      headline: expect.stringMatching(/^Halted and rolled back: 12 of 12 changed broke/),
    });
    expect(it.rollout[0]).toMatchObject({ failed: 12, rolledBack: 12, state: 'rolled back' });
    expect(it.insights[0]).toMatchObject({ level: 'error', impact: 'health' });
    expect(it.needs.map((n) => n.what)).toEqual([
      expect.stringMatching(/^decide after the halt: 12 of 12 changed broke/),
    ]);
  });

  test('a first stage that shows nothing, and that going on is for a person', () => {
    const bad = nameOf(delivering(), 0);
    const toy = minutes(
      delivering({ breaks: (uid) => uid === `uid-${bad}`, planes: [...fleet(), ...others(40)] }),
      60,
    );
    expect(texts(view(toy).needs)).toEqual([
      'operator: go on or roll back: nothing of stage first runs the image → fleetfix advance FIX-1 --from first --reason TEXT',
    ]);
  });

  test('a stage that asks for a person, once it has soaked', () => {
    const stages = first(1).map((s) => ({ ...s, approval: true }));
    const toy = minutes(delivering({ policy: { stages } }), 9);
    expect(view(toy).needs).toEqual([]);
    expect(view(toy).next.text).toBe('the soak of stage first ends, then a person decides');
    expect(texts(view(minutes(toy, 10)).needs)).toEqual([
      'operator: go on after stage first, or roll back → fleetfix advance FIX-1 --from first --reason TEXT',
    ]);
  });

  test('a stratum that was halted alone, and that somebody must decide about it', () => {
    const planes = Array.from({ length: 40 }, (_, i) =>
      planeOf(`cp-${i}`, { managementCluster: `mc-${i % 10}`, platform: i % 2 === 0 ? 'azure' : 'aws' }),
    );
    const bad = new Set(planes.filter((p) => p.platform === 'azure').map((p) => p.uid));
    const toy = minutes(
      delivering({
        planes,
        breaks: (uid, digest) => bad.has(uid) && digest === fixImage('FIX-1', '4.19.1').digest,
        policy: { stages: [] },
      }),
      30,
    );
    const it = view(toy);
    expect(it.halted).toBe(false);
    expect(it.haltedStrata).toEqual(['azure 4.19']);
    expect(it.headline).toMatch(/, without azure 4\.19: halted there$/);
    expect(it.health.kind).toBe('worse');
    expect(it.needs.map((n) => n.what)).toEqual([
      expect.stringMatching(/^decide what azure 4\.19 gets instead: halted, 6 of 12 changed broke/),
    ]);
  });

  test('silence, by name of the cluster, and what it blocks', () => {
    const toy = minutes(delivering(), 3);
    const silent = toy.plan!.targets[0]!;
    toy.silent.add(silent.managementCluster);
    minutes(toy, 20);
    const it = view(toy);
    expect(it.coverage).toMatchObject({ unknown: 2, patched: 0 });
    expect(it.insights).toMatchObject([
      {
        level: 'warning',
        impact: 'coverage',
        message: `1 targets told and not reported: agent silent on ${silent.managementCluster}`,
      },
      { level: 'info', impact: 'proof', message: expect.stringMatching(/^perf is owed on 4\.19\.1/) },
    ]);
    const of = makeTargetWhyView(toy.story.fix, silent.name, toyFacts(toy), toy.story.now)!;
    expect(of.headline).toMatch(/ is UNKNOWN: told to start at 20:00Z, nothing heard since$/);
    expect(of.facts.map((f) => f.label)).toEqual(['because', 'ends', 'who', 'blocks', 'not because']);
    expect(of.facts[3]?.text).toBe('the end of first: 1 are unknown, the policy standard allows 0');
  });

  test('that it is over and not covered, what is left, and later that it is covered', () => {
    const toy = minutes(delivering(), 50);
    says(toy, { do: 'rollback', target: nameOf(toy, 1), reason });
    minutes(toy, 10);
    expect(view(toy)).toMatchObject({
      headline: 'Rolled out, not covered yet: every stage has passed',
      next: { text: 'nothing: what is left must be planned again or accounted for by name' },
    });
    expect(view(toy).needs.map((n) => n.what)).toContain(
      'plan again or account by name for what is not covered',
    );
    says(toy, { do: 'exclude', target: nameOf(toy, 1), until: minute(600), reason });
    minutes(toy, 1);
    expect(view(toy)).toMatchObject({
      state: 'covered',
      needs: [],
      coverage: { patched: 3, excluded: 1, waiting: 0, unknown: 0 },
      clock: { coveredAt: expect.any(String) },
    });
    expect(view(toy).headline).toBe(
      'Covered: every exposed control plane is patched or accounted for by name',
    );
  });

  test('that it is late', () => {
    const toy = minutes(delivering(), 3);
    const late = makeFixView(toy.story.fix, toyFacts(toy), minute(400));
    expect(late.insights.find((i) => i.impact === 'clock')?.message).toBe(
      'past its target of 6h since declared by 40m',
    );
  });
});

describe('every number adds up', () => {
  test('rows to their targets, coverage to the fleet, machine and people to the time a stage took', () => {
    const toy = delivering({
      breaks: (uid) => uid === 'uid-b',
      planes: [...fleet(), ...others(40)],
    });
    for (let i = 0; i < 60; i += 1) {
      minutes(toy, 1);
      const it = view(toy);
      const c = it.coverage;
      expect(c.patched + c.waiting + c.excluded + c.unknown).toBe(c.exposed);
      expect(c.exposed + c.native + c.unaffected).toBe(toy.seen.size);
      expect(it.rollout.reduce((sum, r) => sum + r.targets, 0)).toBe(toy.plan!.targets.length);
      for (const r of it.rollout)
        expect(r.done + r.unknown + r.inFlight + r.rolledBack).toBeLessThanOrEqual(r.targets);
      for (const s of it.stages) if (s.tookMs !== undefined) expect(s.machineMs + s.peopleMs).toBe(s.tookMs);
      expect(it.insights.every((insight) => insight.remedy.startsWith('fleetfix '))).toBe(true);
      expect(it.needs.every((need) => need.command.startsWith('fleetfix ') && need.who !== '')).toBe(true);
    }
  });
});

describe('acts', () => {
  test('are offered to those who may, and the others read why not and who can', () => {
    const toy = minutes(delivering(), 2);
    const of = (name: string, actor = EVE) =>
      makeFixView(toy.story.fix, toyFacts(toy, actor), toy.story.now).actions.find((a) => a.name === name);
    expect(of('pause')).toMatchObject({ allowed: true, because: 'your roles allow it' });
    // What the state refuses, nobody else can do now.
    expect(of('resume')).toMatchObject({ allowed: false, because: 'not paused', whoCan: [] });
    expect(of('pause', person('vic', 'viewer'))).toMatchObject({
      allowed: false,
      because: 'needs on-call or operator or engineer or qe or approver or requester',
    });
    expect(of('start')).toMatchObject({ allowed: false, because: 'FIX-1 is being delivered' });
    expect(of('approve', ANA)).toMatchObject({
      allowed: false,
      because: 'a second person must approve',
      whoCan: ['approver'],
    });
    expect(of('approve', BOB)).toMatchObject({ allowed: true });
    says(toy, { do: 'pause' });
    expect(of('pause')).toMatchObject({ allowed: false, because: 'paused already by eve' });
  });
});

describe('control planes', () => {
  test('are listed by name with standing, row, wave and the reason', () => {
    const toy = minutes(delivering({ planes: [...fleet(), planeOf('z', { paused: true })] }), 9);
    const views = targetViews(toy.story.fix, toyFacts(toy), toy.story.now);
    expect(views.map((t) => t.name)).toEqual(['a', 'b', 'c', 'd', 'z']);
    const first = views.find((t) => t.name === nameOf(toy, 0));
    expect(first).toMatchObject({
      standing: 'patched',
      state: 'patched',
      stage: 'one-box',
      wave: 1,
      inPlan: true,
      digest: fixImage('FIX-1', '4.19.1').digest,
    });
    expect(views[4]).toMatchObject({
      standing: 'exposed',
      inPlan: false,
      because: 'runs 4.19.1 without the fix',
    });
    expect(makeTargetWhyView(toy.story.fix, 'z', toyFacts(toy), toy.story.now)?.facts[0]).toEqual({
      label: 'because',
      text: `left out of plan ${toy.plan!.id}: reconciling is paused at the source`,
    });
    expect(makeTargetWhyView(toy.story.fix, 'nobody', toyFacts(toy), toy.story.now)).toBeUndefined();
  });

  test('each say why they wait, start, or went back', () => {
    const toy = delivering({ breaks: () => true });
    tend(toy);
    const of = () => makeTargetWhyView(toy.story.fix, nameOf(toy, 0), toyFacts(toy), toy.story.now)!;
    expect(of().headline).toMatch(/ is STARTING: told to start at 20:00Z, last heard 0s ago$/);
    expect(of().facts).toContainEqual({
      label: 'ends',
      text: 'when it runs the image, or counts as failed at 20:20Z',
    });
    const waits = makeTargetWhyView(toy.story.fix, nameOf(toy, 3), toyFacts(toy), toy.story.now)!;
    expect(waits.facts[0]?.text).toBe('it is not its turn yet: 1 on their way');
    pass(toy, MINUTE);
    minutes(toy, 20);
    expect(of().headline).toMatch(/ is ROLLED BACK/);
    expect(of().facts.map((f) => f.label)).toEqual(['because', 'since', 'ends', 'who']);
  });

  test('of a stage that are held are said to be, whatever the stage itself has come to', () => {
    const frozen = {
      name: 'month-end',
      from: minute(5),
      to: minute(600),
      selector: { customer: ['held'] },
      reason: 'books',
    };
    const fleet = ['a', 'b', 'c', 'd'].map((name) =>
      planeOf(name, { customer: name < 'c' ? 'held' : 'acme' }),
    );
    const stages = [
      { name: 'first', take: { selector: { customer: ['acme'] } }, soakMs: 0, approval: false },
      { name: 'second', take: { selector: { customer: ['held'] } }, soakMs: 0, approval: false },
    ] as const;
    const story = proven();
    const base = toyOf(fleet, { story });
    const toy = {
      ...base,
      facts: {
        ...base.facts,
        policy: { ...POLICY, stages, pace: { ...POLICY.pace, oneBox: 2 }, freezes: [frozen] },
      },
    };
    launch(toy, planFor(story.fix, toyFacts(toy), story.now));
    minutes(toy, 40);
    const { rollout } = makeFixView(story.fix, toyFacts(toy), story.now);
    const row = (name: string) => rollout.find((one) => one.name === name);
    expect(row('second')).toMatchObject({ state: 'passed', targets: 2, done: 0, held: 2 });
    expect(row('one-box')).not.toHaveProperty('held');
    const screen = renderStatus(makeFixView(story.fix, toyFacts(toy), story.now), PLAIN);
    expect(screen).toMatch(/^second +2 +0 +0 +0 +passed over: all held/m);
    expect(screen).toMatch(/^one-box +2 +2 +0 +0 +passed +40m/m);
  });

  test('that a person had taken back say by whom and why, while they go back and ever after', () => {
    const toy = minutes(delivering(), 9);
    const back = toy.plan!.targets[0]!;
    const row = () =>
      targetViews(toy.story.fix, toyFacts(toy), toy.story.now).find(({ uid }) => uid === back.uid)!;
    const decision = act(
      toy.story,
      EVE,
      { do: 'rollback', target: back.uid, reason: 'its owner asked' },
      toyFacts(toy),
    );
    expect(decision.ok).toBe(true);
    tend(toy);
    expect(row()).toMatchObject({ state: 'rolling back', because: 'rolled back by eve: its owner asked' });
    minutes(toy, 40);
    expect(row()).toMatchObject({
      state: 'rolled back',
      because: expect.stringContaining('rolled back by eve: its owner asked'),
    });
  });

  test('that were taken back with all others say what for, when that is over', () => {
    const toy = minutes(delivering(), 9);
    expect(act(toy.story, EVE, { do: 'rollback', reason: 'we were wrong' }, toyFacts(toy)).ok).toBe(true);
    minutes(toy, 40);
    expect(toy.story.fix.rollout?.endedAt).toBeDefined();
    const rows = targetViews(toy.story.fix, toyFacts(toy), toy.story.now);
    expect(rows.filter(({ state }) => state === 'rolled back').map(({ because }) => because)).toContain(
      'runs 4.19.1 without the fix; went back: rolled back by eve: we were wrong',
    );
  });

  test('say, for support to paste, which fixes they carry', () => {
    const toy = minutes(delivering(), 9);
    const sentence = (name: string, now = toy.story.now) => {
      const plane = [...toy.seen.values()].find((p) => p.name === name)!;
      return controlPlaneView({
        plane,
        fixes: [{ fix: toy.story.fix, facts: toyFacts(toy) }],
        silentAfterMs: POLICY.silentAfterMs,
        now,
      });
    };
    expect(sentence(nameOf(toy, 0))).toMatchObject({
      sentence: 'Patched by FIX-1 at 20:04Z; no action needed.',
      silent: false,
      health: 'healthy',
      fixes: [{ fix: 'FIX-1', standing: 'patched' }],
    });
    expect(sentence(nameOf(toy, 3)).sentence).toBe('Does not have FIX-1 yet: runs 4.19.1 without the fix.');
    expect(sentence(nameOf(toy, 0), minute(60))).toMatchObject({
      silent: true,
      sentence: expect.stringMatching(/^Not known for FIX-1: nothing heard since/),
    });
    expect(sentence(nameOf(toy, 0))).toMatchObject({ upgrading: false, paused: false });
    expect(sentence(nameOf(toy, 0))).not.toHaveProperty('held');
    const resting = planeOf('r', { upgrading: true, paused: true, held: 'etcd is recovering' });
    expect(
      controlPlaneView({ plane: resting, fixes: [], silentAfterMs: 1, now: toy.story.now }),
    ).toMatchObject({ upgrading: true, paused: true, held: 'etcd is recovering' });
    const nobody = controlPlaneView({ plane: planeOf('n'), fixes: [], silentAfterMs: 1, now: minute(0) });
    expect(nobody.sentence).toBe('No fix concerns this control plane.');
    const overridden = sentence(nameOf(toy, 0)).components;
    expect(overridden).toEqual([
      { component: 'cpo', digest: fixImage('FIX-1', '4.19.1').digest, overridden: true },
    ]);
  });

  test('on a release that has the fix, or without the defect, need nothing', () => {
    const story = proven();
    tell(story, 'fleetfix', {
      type: 'LineAssembled',
      line: lineOf('4.20.1'),
      assembly: assemblyOf('contained'),
    });
    const say = (plane: ControlPlane) =>
      controlPlaneView({
        plane,
        fixes: [{ fix: story.fix, facts: factsOf() }],
        silentAfterMs: 1,
        now: story.now,
      }).sentence;
    expect(say(planeOf('n', { version: '4.20.1' }))).toBe('Its release contains FIX-1; no action needed.');
    expect(say(planeOf('n', { components: {} }))).toBe('Not affected by what FIX-1 fixes.');
    expect(releaseDigest('4.20.1')).toBe(planeOf('n', { version: '4.20.1' }).components.cpo?.digest);
  });
});
