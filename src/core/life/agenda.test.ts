// Goal: what machines do before delivery, and what follows from the facts by itself, also when asked again and
// again. A story is told by its events; the agenda is read as short words: `assemble 4.19.1`, `gate bvt 4.19.1`.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FixId } from '../base/ids.ts';
import type { ControlPlane, ImageFacts } from '../fleet/control-plane.ts';
import { makePlan } from '../rollout/make-plan.ts';
import { agenda, currentLines, type Task } from './agenda.ts';
import type { Event } from './event.ts';
import type { Facts } from './facts.ts';
import { planFor } from './plan-for.ts';
import {
  ANA,
  act,
  assemblyOf,
  commitOf,
  declared,
  digestOf,
  EVE,
  factsOf,
  fixImage,
  lineOf,
  lineReady,
  minute,
  POLICY,
  planeOf,
  proven,
  QUINN,
  releaseImage,
  type Story,
  T0,
  TOMORROW,
  tell,
  wait,
} from './testing.ts';

const BOTH = [planeOf('a'), planeOf('b', { version: '4.20.1' })];
const facts = (over: Partial<Facts> = {}): Facts => factsOf({ fleet: BOTH, ...over });
const word = (task: Task): string => {
  if (task.do === 'assemble') return `assemble ${task.line.name}`;
  return task.do === 'build' ? `build ${task.line}` : `gate ${task.gate} ${task.line}`;
};
const now = (story: Story, over: Partial<Facts> = {}) => {
  const { tasks, events } = agenda(story.fix, facts(over), story.now);
  return {
    tasks: tasks.map(word),
    events: events.map((e) => (e.type === 'PersonAwaited' ? `${e.stage} waits for ${e.for}` : e.type)),
  };
};
const assembled = (outcome: Parameters<typeof assemblyOf>[0], version = '4.19.1', over = {}): Event => ({
  type: 'LineAssembled',
  line: lineOf(version),
  assembly: assemblyOf(outcome, {
    ...(outcome === 'clean' && { commit: commitOf(`on ${version}`) }),
    ...over,
  }),
});
const hub = (story: Story, ...events: Event[]) => tell(story, 'fleetfix', ...events);
const on19 = { fleet: [planeOf('a')] };

describe('a line', () => {
  test('of the fleet is assembled at once, every one of them', () => {
    expect(now(declared())).toEqual({ tasks: ['assemble 4.19.1', 'assemble 4.20.1'], events: [] });
  });

  test('that is clean is built, and its gates run on what was built', () => {
    const story = hub(declared(), assembled('clean'));
    expect(now(story, on19).tasks).toEqual(['build 4.19.1']);
    hub(story, { type: 'BuildStarted', line: '4.19.1', commit: commitOf('on 4.19.1') });
    expect(now(story, on19).tasks).toEqual(['build 4.19.1']);
    hub(story, {
      type: 'Built',
      line: '4.19.1',
      commit: commitOf('on 4.19.1'),
      digest: digestOf('x'),
      tookMs: 1,
    });
    expect(now(story, on19).tasks).toEqual(['gate bvt 4.19.1', 'gate perf 4.19.1']);
    hub(story, {
      type: 'GateRan',
      gate: 'bvt',
      line: '4.19.1',
      digest: digestOf('x'),
      result: 'pass',
      tookMs: 1,
    });
    expect(now(story, on19)).toEqual({ tasks: ['gate perf 4.19.1'], events: [] });
  });

  test('whose image lacks what may come yet is looked at again at its time, each look in the place of the one before', () => {
    const story = hub(declared(), ...lineReady('FIX-1', '4.19.1').slice(0, 3));
    const { digest } = fixImage('FIX-1', '4.19.1');
    const looked = (count: number, again?: number): Event => ({
      type: 'GateRan',
      gate: 'bvt',
      line: '4.19.1',
      digest,
      result: 'fail',
      tookMs: 1,
      looks: { count, since: minute(0), ...(again !== undefined && { againAt: minute(again) }) },
    });
    const at = (minutes: number) => {
      const { tasks, askAgainAt } = agenda(story.fix, facts(on19), minute(minutes));
      return { bvt: tasks.map(word).includes('gate bvt 4.19.1'), askAgainAt };
    };
    hub(story, looked(1, 2));
    expect(at(1)).toEqual({ bvt: false, askAgainAt: minute(2) });
    expect(at(2)).toEqual({ bvt: true, askAgainAt: undefined });
    hub(story, looked(2, 6));
    expect(at(2)).toEqual({ bvt: false, askAgainAt: minute(6) });
    expect(story.fix.evidence.filter((e) => e.gate === 'bvt')).toHaveLength(1);
    hub(story, looked(3));
    expect(at(60)).toEqual({ bvt: false, askAgainAt: undefined });
  });

  test.each(['contained', 'empty', 'conflict', 'refused'] as const)('that is %s is not built', (outcome) => {
    const story = hub(
      declared(),
      assembled(outcome, '4.19.1', { contained: { how: ['ancestry'], gitReverted: false } }),
    );
    expect(now(story, on19).tasks).toEqual([]);
  });

  test('for which a person chose prerequisites is assembled with them', () => {
    const story = hub(declared(), assembled('conflict'));
    act(story, ANA, { do: 'backport', to: ['4.19.1'], with: [commitOf('p')] }, facts(on19));
    const [task] = agenda(story.fix, facts(on19), story.now).tasks;
    expect(task).toMatchObject({ do: 'assemble', prerequisites: [commitOf('p')] });
  });

  test('that a person called not affected is left alone, and its control planes are', () => {
    const story = hub(declared(), assembled('conflict'));
    act(story, ANA, { do: 'backport', not: [{ line: '4.19.1', reason: 'no such path' }] }, facts(on19));
    expect(now(story, on19).tasks).toEqual([]);
    expect(planFor(story.fix, facts(on19), T0)).toMatchObject({ targets: [], leftOut: [] });
  });

  test('that was undecided and lost its control planes is settled', () => {
    const story = hub(declared(), assembled('conflict'), assembled('clean', '4.20.1'));
    const only20 = { fleet: [planeOf('b', { version: '4.20.1' })] };
    expect(now(story, only20).events).toEqual(['LineEmptied']);
    hub(story, { type: 'LineEmptied', line: '4.19.1' });
    expect(story.fix.state).toBe('assembled');
    expect(now(story, only20).events).toEqual([]);
    expect(now(story, { fleet: [] }).events).toEqual([]);
  });

  test('that was undecided and is come back to is assembled again, and nothing is proven without it', () => {
    const story = hub(declared(), ...lineReady('FIX-1', '4.19.1'), assembled('conflict', '4.20.1'));
    hub(story, ...agenda(story.fix, facts(on19), story.now).events);
    const digest = fixImage('FIX-1', '4.19.1').digest;
    for (const gate of ['bvt', 'smoke', 'perf'])
      hub(story, { type: 'GateRan', gate, line: '4.19.1', digest, result: 'pass', tookMs: 1 });
    expect(story.fix.lines['4.20.1']!.emptied).toBe(true);
    expect(now(story, on19)).toEqual({ tasks: [], events: ['Proven'] });
    expect(now(story)).toEqual({ tasks: ['assemble 4.20.1'], events: [] });
    hub(story, assembled('conflict', '4.20.1'));
    expect(now(story)).toEqual({ tasks: [], events: ['assembly waits for a decision on 4.20.1'] });
  });

  test('of a release that comes later is assembled when it comes', () => {
    const story = proven();
    expect(now(story, { images: [...facts().images, releaseImage('4.20.1')] }).tasks).toContain(
      'assemble 4.20.1',
    );
  });

  test('of a release that was built again under a known name is a line of its own', () => {
    const story = hub(declared(), assembled('conflict'));
    act(story, ANA, { do: 'backport', not: [{ line: '4.19.1', reason: 'no such path' }] }, facts(on19));
    const again: ImageFacts = {
      ...releaseImage('4.19.1'),
      digest: digestOf('again'),
      commit: commitOf('again'),
      release: commitOf('again'),
    };
    const fleet = [planeOf('a', { running: { release: again.digest, digest: again.digest } })];
    expect(now(story, { fleet, images: [again] }).tasks).toEqual([
      `assemble 4.19.1-${commitOf('again').slice(0, 12)}`,
    ]);
  });
});

describe('a person is awaited', () => {
  test('where a line is undecided, once, and for another thing when that changes', () => {
    const story = hub(declared(), assembled('conflict'), assembled('refused', '4.20.1'));
    expect(now(story).events).toEqual(['assembly waits for a decision on 4.19.1, 4.20.1']);
    hub(story, ...agenda(story.fix, facts(), story.now).events);
    expect(now(wait(story, 60_000)).events).toEqual([]);
    act(story, ANA, { do: 'backport', not: [{ line: '4.19.1', reason: 'r' }] }, facts());
    expect(now(story).events).toEqual(['assembly waits for a decision on 4.20.1']);
  });

  test('where a build failed, until it is tried again', () => {
    const commit = commitOf('on 4.19.1');
    const story = hub(
      declared(),
      assembled('clean'),
      { type: 'BuildStarted', line: '4.19.1', commit },
      { type: 'BuildFailed', line: '4.19.1', commit, because: 'no space', tookMs: 1 },
    );
    expect(now(story, on19)).toEqual({ tasks: [], events: ['build waits for retry of the build of 4.19.1'] });
    act(story, ANA, { do: 'retry', stage: 'build' }, facts());
    expect(now(story, on19)).toEqual({ tasks: ['build 4.19.1'], events: [] });
  });

  test('where a gate failed or is attested, when machines are through', () => {
    const story = hub(declared(), ...lineReady('FIX-1', '4.19.1').slice(0, 3));
    expect(now(story, on19).events).toEqual([]);
    const digest = fixImage('FIX-1', '4.19.1').digest;
    for (const gate of ['bvt', 'perf'])
      hub(story, { type: 'GateRan', gate, line: '4.19.1', digest, result: 'fail', tookMs: 1 });
    expect(now(story, on19).events).toEqual(['proof waits for gate bvt, smoke']);
    hub(story, ...agenda(story.fix, facts(on19), story.now).events);
    expect(now(story, on19).events).toEqual([]);
    act(story, QUINN, { do: 'waive', gate: 'bvt', reason: 'r', expiresAt: TOMORROW }, facts());
    expect(now(story, on19).events).toEqual(['proof waits for gate smoke']);
  });

  test('never twice in a row for the same, whatever is asked in between', () => {
    const step = fc.constantFrom('look', 'conflict', 'clean', 'fail', 'retry', 'waive');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const story = declared();
        for (const s of steps) {
          if (s === 'conflict' || s === 'clean') hub(story, assembled(s));
          if (s === 'fail' && story.fix.lines['4.19.1'])
            hub(story, {
              type: 'BuildFailed',
              line: '4.19.1',
              commit: commitOf('on 4.19.1'),
              because: 'b',
              tookMs: 1,
            });
          if (s === 'retry') act(story, ANA, { do: 'retry', stage: 'build' }, facts());
          if (s === 'waive')
            act(story, QUINN, { do: 'waive', gate: 'bvt', reason: 'r', expiresAt: TOMORROW }, facts());
          for (let i = 0; i < 3; i += 1) {
            const { events } = agenda(story.fix, facts(on19), wait(story, 1_000).now);
            if (i === 2) expect(events).toEqual([]);
            hub(story, ...events);
          }
        }
      }),
      { seed: 11, numRuns: 60 },
    );
  });
});

describe('a fix is proven', () => {
  test('when every line that needs an image has one and its blocking gates are open', () => {
    const story = hub(declared(), ...lineReady('FIX-1', '4.19.1'));
    expect(now(story, on19).events).toEqual(['Proven']);
    expect(now(story).tasks).toContain('assemble 4.20.1');
  });

  test('not while another line is undecided, also one whose change was git-reverted on the release', () => {
    const story = hub(
      declared(),
      ...lineReady('FIX-1', '4.19.1'),
      assembled('contained', '4.20.1', { contained: { how: ['ancestry'], gitReverted: true } }),
    );
    expect(now(story).events).toEqual(['assembly waits for a decision on 4.20.1']);
  });

  test('where the other lines have it already or are not affected', () => {
    const story = hub(
      declared(),
      ...lineReady('FIX-1', '4.19.1'),
      assembled('contained', '4.20.1', { contained: { how: ['ancestry'], gitReverted: false } }),
    );
    expect(now(story).events).toEqual(['Proven']);
  });

  test('not where nothing at all was built', () => {
    const story = hub(
      declared(),
      assembled('contained', '4.19.1', { contained: { how: ['ancestry'], gitReverted: false } }),
    );
    expect(now(story, on19).events).toEqual([]);
  });

  test('again after what was assembled anew for a further plan', () => {
    const story = proven();
    hub(story, { type: 'RolloutStarted', plan: 'P-00000001', hash: '' });
    hub(
      story,
      { type: 'Halted', because: 'bad' },
      {
        type: 'RolloutEnded',
        because: 'back',
        coverage: {
          exposed: 0,
          patched: 0,
          waiting: 0,
          excluded: 0,
          unknown: 0,
          native: 0,
          unaffected: 0,
          percent: 100,
        },
      },
    );
    act(story, ANA, { do: 'backport', to: ['4.19.1'], with: [commitOf('p')] }, facts());
    expect(story.fix.state).not.toBe('proven');
    hub(story, ...lineReady('FIX-1', '4.19.1'));
    expect(now(story, on19).events).toEqual(['Proven']);
  });
});

test('an ended fix has nothing on its agenda', () => {
  const story = declared();
  act(story, EVE, { do: 'withdraw', reason: 'r' }, facts());
  expect(now(story)).toEqual({ tasks: [], events: [] });
});

describe('what was delivered earlier', () => {
  const first = (...events: Event[]) =>
    hub(proven(), { type: 'RolloutStarted', plan: 'P-00000001', hash: '' }, ...events).fix;
  const second = () => declared('FIX-2', minute(5));
  const image = fixImage('FIX-1', '4.19.1');
  const patched = planeOf('a', { running: { digest: image.digest, override: image.digest } });

  test('and is delivered now is carried by the candidate of a later fix', () => {
    expect(currentLines(second().fix, { ...facts(on19), others: [first()] })).toMatchObject([
      { name: '4.19.1', carries: ['FIX-1'] },
    ]);
  });

  test('is not carried where the release has it, unless it was git-reverted there', () => {
    const where = (gitReverted: boolean) =>
      hub(proven(), assembled('contained', '4.20.1', { contained: { how: ['ancestry'], gitReverted } }), {
        type: 'RolloutStarted',
        plan: 'P-00000001',
        hash: '',
      }).fix;
    const carries = (gitReverted: boolean) =>
      currentLines(second().fix, { ...facts(), others: [where(gitReverted)] }).map((l) => l.carries);
    expect(carries(false)).toEqual([['FIX-1'], []]);
    expect(carries(true)).toEqual([['FIX-1'], ['FIX-1']]);
  });

  test('is not carried once it was halted, also while it still runs here and there', () => {
    const others = [first({ type: 'Halted', because: 'bad' })];
    expect(currentLines(second().fix, { ...facts({ fleet: [patched] }), others })).toMatchObject([
      { carries: [] },
    ]);
  });

  test('brings a candidate that lacks it back to assembly, while no plan is under way', () => {
    const story = second();
    hub(story, ...lineReady('FIX-2', '4.19.1'));
    const over = { ...on19, others: [first()] };
    expect(now(story, over).tasks).toContain('assemble 4.19.1');
    hub(story, ...lineReady('FIX-2', '4.19.1', ['FIX-1']));
    expect(now(story, over).tasks).toEqual(['gate perf 4.19.1']);
  });

  test('and halted since is in no image that may be given: the plan leaves its line out and says so', () => {
    const story = hub(second(), ...lineReady('FIX-2', '4.19.1', ['FIX-1']));
    const over = { ...on19, others: [first({ type: 'Halted', because: 'bad' })] };
    expect(planFor(story.fix, facts(over), story.now).leftOut.map((l) => l.because)).toEqual([
      'line 4.19.1: its image brings FIX-1, which was halted: assemble it again',
    ]);
    act(story, ANA, { do: 'backport', to: ['4.19.1'] }, facts(over));
    expect(now(story, over).tasks).toEqual(['assemble 4.19.1']);
  });

  test('never disappears: whoever carries it is given an image that carries it, or is left out', () => {
    const ids: FixId[] = ['FIX-1', 'FIX-2', 'FIX-3'];
    const images = [
      releaseImage('4.19.1'),
      ...ids.map((id) => fixImage(id, '4.19.1')),
      fixImage('FIX-2', '4.19.1', ['FIX-1']),
    ];
    const plane = fc
      .record({
        i: fc.nat(30),
        runs: fc.constantFrom(...images),
        asks: fc.constantFrom(undefined, ...images.slice(1)),
      })
      .map(
        ({ i, runs, asks }): ControlPlane =>
          planeOf(`cp-${i}`, { running: { digest: runs.digest, ...(asks && { override: asks.digest }) } }),
      );
    fc.assert(
      fc.property(
        fc.uniqueArray(plane, { selector: (p) => p.uid, maxLength: 8 }),
        fc.subarray(ids),
        (planes, carried) => {
          const byDigest = new Map(images.map((i) => [i.digest, i]));
          const plan = makePlan({
            fix: 'FIX-9',
            component: 'cpo',
            policy: 'p',
            candidates: planes.map((p) => ({ plane: p, line: '4.19.1' })),
            leftOut: [],
            lineImages: [{ line: '4.19.1', digest: digestOf('new'), fixes: [...carried, 'FIX-9'] }],
            images: byDigest,
            controls: [],
            stages: [],
            pace: POLICY.pace,
            urgency: { burning: 0, hazardPerHour: 0, computedBudget: 12, because: 'none burn' },
            limits: POLICY,
            at: T0,
            validUntil: TOMORROW,
          });
          for (const { uid } of plan.targets) {
            const { digest, override } = planes.find((p) => p.uid === uid)!.components.cpo!;
            const has = [digest, override].flatMap((d) => (d ? (byDigest.get(d)?.fixes ?? []) : []));
            expect(carried).toEqual(expect.arrayContaining(has));
          }
          for (const left of plan.leftOut) expect(left.because).toMatch(/^would lose FIX-\d/);
        },
      ),
      { seed: 12, numRuns: 80 },
    );
  });
});

test('the order in which the fleet is read changes nothing', () => {
  const story = hub(declared(), assembled('conflict'));
  const turned = { ...facts(), fleet: [...BOTH].reverse(), images: [...facts().images].reverse() };
  expect(agenda(story.fix, turned, T0)).toEqual(agenda(story.fix, facts(), T0));
});
