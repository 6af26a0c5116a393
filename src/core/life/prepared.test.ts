// Goal: a release that nobody is on yet is made ready, holds up nobody meanwhile, and is found by its commit once somebody is.
import { describe, expect, test } from 'vitest';
import { makeFixView } from '../views/make-fix-view.ts';
import { needsOf } from '../views/needs.ts';
import { agenda } from './agenda.ts';
import type { Command } from './command.ts';
import type { Event } from './event.ts';
import type { Facts } from './facts.ts';
import { planFor } from './plan-for.ts';
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
  planeOf,
  proven,
  releaseImage,
  type Story,
  tell,
} from './testing.ts';

const NEXT = '4.20.1';
const COMMIT = commitOf(NEXT);
const PREPARE: Command = { do: 'prepare', release: NEXT, commit: COMMIT };
const facts = (over: Partial<Facts> = {}): Facts => factsOf({ fleet: [planeOf('a')], ...over });
const UPGRADED = facts({ fleet: [planeOf('a'), planeOf('b', { version: NEXT })] });
const hub = (story: Story, ...events: readonly Event[]) => tell(story, 'fleetfix', ...events);
const prepared = (story = proven()) => {
  expect(act(story, ANA, PREPARE, facts()).ok).toBe(true);
  return story;
};
const ready = () => lineReady('FIX-1', NEXT);
const COVERAGE = { exposed: 1, patched: 1, waiting: 0, excluded: 0, unknown: 0, native: 0 } as const;
const covered = () =>
  hub(
    proven(),
    { type: 'RolloutStarted', plan: 'P-00000001', hash: '' },
    { type: 'Covered', coverage: { ...COVERAGE, unaffected: 0, percent: 100 } },
  );
const now = (story: Story, over = facts()) => {
  const { tasks, events } = agenda(story.fix, over, story.now);
  return { tasks: tasks.map((t) => `${t.do} ${t.do === 'assemble' ? t.line.name : t.line}`), events };
};
const conflict: Event = {
  type: 'LineAssembled',
  line: lineOf(NEXT, { targets: 0 }),
  assembly: assemblyOf('conflict'),
};

describe('a release that nobody is on yet', () => {
  test.each([
    ['before anything was assembled', () => declared()],
    ['before delivery', () => proven()],
    ['once it is covered', covered],
  ])('is assembled, built and gated at once: %s', (_when, story) => {
    const it = prepared(story());
    expect(it.fix.lines[NEXT]).toMatchObject({
      line: { release: COMMIT, base: COMMIT, versions: [NEXT], targets: 0 },
      prepared: { by: 'ana', at: it.now },
    });
    expect(now(it).tasks).toContain(`assemble ${NEXT}`);
    hub(it, ready()[0]!);
    expect(now(it).tasks).toContain(`build ${NEXT}`);
    hub(it, ...ready().slice(1, 3));
    expect(now(it).tasks).toContain(`gate ${NEXT}`);
    expect(it.fix.lines[NEXT]!.prepared).toBeDefined();
  });

  test('changes neither the state of the fix nor its clocks, however far it gets', () => {
    for (const story of [declared(), proven(), covered()]) {
      const { state, stateAt, provenAt, clocks } = story.fix;
      story.now = minute(90);
      const { stages } = makeFixView(story.fix, facts(), story.now);
      prepared(story);
      hub(story, conflict, { type: 'LineNotAffected', line: NEXT, reason: 'r' });
      hub(story, { type: 'LinePrepared', line: lineOf(NEXT, { targets: 0 }) }, ...ready());
      expect(makeFixView(story.fix, facts(), story.now).stages).toEqual(stages);
      act(story, ANA, { do: 'backport', to: [NEXT] }, facts());
      expect(story.fix.lines[NEXT]!.assembly).toBeUndefined();
      expect({ state, stateAt, provenAt, clocks }).toEqual({
        state: story.fix.state,
        stateAt: story.fix.stateAt,
        provenAt: story.fix.provenAt,
        clocks: story.fix.clocks,
      });
    }
  });

  test('holds up nobody: the lines that are there are proven while it is undecided', () => {
    const story = hub(declared(), ...lineReady('FIX-1', '4.19.1'));
    prepared(story);
    expect(now(story).events).toEqual([{ type: 'Proven' }]);
    hub(story, conflict);
    expect(now(story).events).toEqual([{ type: 'Proven' }]);
  });

  test('is never emptied, and empties no line of a fleet that is not reported yet', () => {
    const story = hub(prepared(declared()), conflict);
    expect(now(story).events).toEqual([]);
    hub(story, { type: 'LineAssembled', line: lineOf('4.19.1'), assembly: assemblyOf('conflict') });
    expect(now(story, facts({ fleet: [] })).events).toEqual([
      { type: 'PersonAwaited', stage: 'assembly', for: 'a decision on 4.19.1' },
    ]);
  });

  test('asks an engineer where it is in conflict, also once the fix is covered, and nobody else', () => {
    const story = hub(prepared(covered()), conflict);
    story.now = minute(30);
    expect(needsOf(story.fix, facts(), undefined, story.now)).toEqual([
      expect.objectContaining({
        who: 'engineer',
        what: `line ${NEXT} (prepared) conflict: it is conflict`,
        since: story.fix.lines[NEXT]!.prepared!.at,
      }),
    ]);
    expect(now(story).events).toEqual([]);
  });

  test('keeps what others deliver, also what comes after it was made ready', () => {
    const other = hub(
      declared('FIX-2'),
      ...lineReady('FIX-2', '4.19.1'),
      { type: 'Proven' },
      { type: 'RolloutStarted', plan: 'P-00000002', hash: '' },
    ).fix;
    const story = hub(prepared(covered()), ...ready());
    expect(now(story).tasks.filter((t) => t.startsWith('assemble'))).toEqual([]);
    const [task] = agenda(story.fix, facts({ others: [other] }), story.now).tasks;
    expect(task).toMatchObject({ do: 'assemble', line: { name: NEXT, release: COMMIT, carries: ['FIX-2'] } });
  });
});

describe('once a control plane is on it', () => {
  test('it is a line as any other, found by its commit: nothing is assembled or built again', () => {
    const story = hub(prepared(covered()), ...ready());
    const { tasks, events } = now(story, UPGRADED);
    expect(tasks).toEqual(['gate 4.19.1', `gate ${NEXT}`]);
    expect(events).toEqual([{ type: 'LineReached', line: NEXT, targets: 1 }]);
    hub(story, ...events);
    expect(story.fix.lines[NEXT]).toMatchObject({ line: { targets: 1 }, build: { state: 'done' } });
    expect(story.fix.lines[NEXT]!.prepared).toBeUndefined();
    expect(now(story, UPGRADED).events).toEqual([]);
    expect(planFor(story.fix, UPGRADED, story.now).targets).toContainEqual(
      expect.objectContaining({ name: 'b', line: NEXT, digest: fixImage('FIX-1', NEXT).digest }),
    );
  });

  test('it is proven with the others, or not yet', () => {
    const story = hub(declared(), ...lineReady('FIX-1', '4.19.1'));
    prepared(story);
    hub(story, ...now(story).events, conflict);
    expect(story.fix.provenAt).toBeDefined();
    const { events } = now(story, UPGRADED);
    expect(events.map((e) => e.type)).toEqual(['LineReached']);
    hub(story, ...events);
    expect(story.fix.provenAt).toBeUndefined();
    expect(now(story, UPGRADED).events).toEqual([
      { type: 'PersonAwaited', stage: 'assembly', for: `a decision on ${NEXT}` },
    ]);
    hub(story, ...ready());
    expect(now(story, UPGRADED).events).toEqual([{ type: 'Proven' }]);
  });
});

describe('preparing', () => {
  const said = (story: Story, command = PREPARE, over = facts(), who = ANA) => {
    const decision = act(story, who, command, over);
    return decision.ok
      ? decision.value.map((e) => e.type)
      : `${decision.error.code}: ${decision.error.detail}`;
  };
  const short = COMMIT.slice(0, 12);

  test('is for who may assemble', () => {
    expect(said(declared(), PREPARE, facts(), BOB)).toMatch(/^not-allowed: bob may not prepare/);
    expect(said(declared(), PREPARE, facts(), EVE)).toEqual(['LinePrepared']);
  });

  test('is refused where the commit is a line already, prepared or not, assembled yet or not', () => {
    expect(said(prepared())).toBe(`wrong-state: ${short} is prepared already, as line ${NEXT}`);
    expect(said(declared(), PREPARE, UPGRADED)).toBe(
      `wrong-state: ${short} is line ${NEXT} already, with 1 of the fleet on it: nothing is to be prepared`,
    );
    expect(said(hub(proven(), ...ready()))).toBe(
      `wrong-state: ${short} is line ${NEXT} already: nothing is to be prepared`,
    );
  });

  test('is refused once the fix is over', () => {
    const retired = hub(covered(), { type: 'RetirementStarted' }, { type: 'Retired', kept: [] });
    expect(said(retired)).toBe('wrong-state: FIX-1 is retired: nothing is to be prepared');
    act(retired, EVE, { do: 'close', as: 'done' }, facts());
    expect(said(retired)).toBe('wrong-state: FIX-1 is closed: done');
  });

  test('a release from another commit takes the place of what was prepared for it', () => {
    const story = hub(prepared(), ...ready());
    const again = commitOf('again');
    expect(said(story, { ...PREPARE, commit: again })).toEqual(['LinePrepared']);
    expect(Object.keys(story.fix.lines)).toEqual(['4.19.1', NEXT]);
    expect(story.fix.lines[NEXT]).toMatchObject({ line: { release: again } });
    expect(story.fix.lines[NEXT]!.build).toBeUndefined();
    expect(now(story).tasks).toContain(`assemble ${NEXT}`);
  });

  test('a release of which control planes run another commit is a line of its own', () => {
    const again = commitOf('again');
    const story = prepared(proven());
    hub(story, ...now(story, UPGRADED).events);
    expect(said(story, { ...PREPARE, commit: again }, UPGRADED)).toEqual(['LinePrepared']);
    expect(Object.keys(story.fix.lines)).toEqual(['4.19.1', NEXT, `${NEXT}-${again.slice(0, 12)}`]);
  });

  test('a line that its control planes had left is taken up again', () => {
    const story = hub(declared(), conflict, { type: 'LineEmptied', line: NEXT });
    expect(said(story)).toEqual(['LinePrepared']);
    expect(now(story, facts({ images: [releaseImage('4.19.1')] })).tasks).toEqual([
      'assemble 4.19.1',
      `assemble ${NEXT}`,
    ]);
  });
});
