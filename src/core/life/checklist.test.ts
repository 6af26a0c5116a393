// Goal: a delivered fix is closed only when every item its policy asks for was shown or waived by name. What is shown binds to
// what was found: another link, another image, is another question.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Actor } from '../approval/approval.ts';
import { coverageOf } from '../coverage/standing.ts';
import type { ClosingItem } from '../proof/closing-item.ts';
import { makeFixView } from '../views/make-fix-view.ts';
import { agenda } from './agenda.ts';
import { checklistOf, isAsked, nextFor } from './checklist.ts';
import type { Command } from './command.ts';
import { decide } from './decide.ts';
import type { Event } from './event.ts';
import type { Policy } from './policy.ts';
import {
  ANA,
  assemblyOf,
  BOB,
  COMPONENT,
  commitOf,
  digestOf,
  EVE,
  factsOf,
  fixImage,
  lineOf,
  lineReady,
  minute,
  POLICY,
  person,
  proven,
  QUINN,
  type Story,
  T0,
  tell,
} from './testing.ts';

const CLOSING: readonly ClosingItem[] = [
  { name: 'ci', kind: 'gates' },
  { name: 'tests', kind: 'tests', role: 'qe' },
  { name: 'upstream', kind: 'pull-request', repository: 'openshift/hypershift', contains: 'change' },
  { name: 'docs', kind: 'link' },
  { name: 'advisory', kind: 'advisory' },
  { name: 'qe-plan', kind: 'word', role: 'qe' },
];
const policy: Policy = { ...POLICY, closing: CLOSING };
const IMAGE = fixImage('FIX-1', '4.19.1').digest;
const PULL = 'https://github.com/openshift/hypershift/pull/7';
const PAGE = 'https://docs.example.com/fix';
const ERRATUM = 'https://errata.example.com/7';

const started: Event = { type: 'RolloutStarted', plan: 'P-1', hash: 'h' };
const passed = (gate: string): Event => ({
  type: 'GateRan',
  gate,
  line: '4.19.1',
  digest: IMAGE,
  result: 'pass',
  tookMs: 1,
});
const delivered = (...events: Event[]) => tell(proven(), 'fleetfix', ...events, started);
/** Delivered everywhere and taken away again because the releases have it. */
const retired = (...events: Event[]) =>
  tell(
    delivered(...events),
    'fleetfix',
    { type: 'Covered', coverage: coverageOf([]) },
    { type: 'RetirementStarted' },
    { type: 'Retired', kept: [] },
  );
const facts = (actor: Actor = EVE, over: Parameters<typeof factsOf>[0] = {}) =>
  factsOf({ policy, actor, ...over });
const states = (story: Story, over: Parameters<typeof factsOf>[0] = {}) =>
  Object.fromEntries(checklistOf(story.fix, facts(EVE, over), T0).map((it) => [it.item.name, it.state]));
const stateOf = (story: Story, name: string) =>
  checklistOf(story.fix, facts(), T0).find((it) => it.item.name === name)!;
const does = (story: Story, actor: Actor, command: Command) => decide(story.fix, command, facts(actor), T0);
const shown = (item: string, what: { link?: string; note?: string }): Event => ({
  type: 'ItemShown',
  item,
  ...what,
});
const checked = (item: string, link: string, result: 'pass' | 'fail', more: object = {}): Event => ({
  type: 'LinkChecked',
  item,
  link,
  result,
  because: `it is a ${result}`,
  ...more,
});

test('a policy that asks for nothing closes as ever, also what was delivered', () => {
  expect(decide(retired().fix, { do: 'close', as: 'done' }, factsOf({ actor: EVE }), T0)).toMatchObject({
    ok: true,
    value: [{ type: 'Closed', as: 'done' }],
  });
});

test('closing names every open item, who sees to it, why it is open, and what to do', () => {
  const refused = does(retired(), EVE, { do: 'close', as: 'done' });
  expect(refused).toMatchObject({ ok: false, error: { code: 'checklist-open', whoCan: ['engineer', 'qe'] } });
  const { error } = refused as Extract<typeof refused, { ok: false }>;
  expect(error.detail).toBe(
    'FIX-1 cannot be closed: 6 of 6 items of its checklist are open: ci (gates, engineer) is open: perf on 4.19.1 is missing; ' +
      'tests (tests, qe) is open: no gate has shown it; qe may say that there is one; ' +
      'upstream (pull-request, engineer) is open: no link yet; docs (link, engineer) is open: no link yet; ' +
      'advisory (advisory, engineer) is open: no link yet; qe-plan (word, qe) is open: nobody has said so yet: qe does',
  );
  expect(error.next).toEqual([
    'fleetfix get evidence --for FIX-1',
    'fleetfix show FIX-1 --item tests --note TEXT',
    'fleetfix show FIX-1 --item upstream --link https://github.com/OWNER/NAME/pull/N',
    'fleetfix show FIX-1 --item docs --link https://…',
    'fleetfix show FIX-1 --item advisory --link https://…',
    'fleetfix show FIX-1 --item qe-plan --note TEXT',
    'fleetfix waive FIX-1 --item ci --reason TEXT',
  ]);
});

describe('what was delivered asks for its checklist', () => {
  test.each<[string, Story, boolean]>([
    ['retired', retired(), true],
    ['on its way', delivered(), true],
    ['never started', proven(), false],
    [
      'judged bad and all back',
      tell(
        delivered(),
        'fleetfix',
        { type: 'Halted', because: 'bad' },
        { type: 'RolloutEnded', because: 'back', coverage: coverageOf([]) },
      ),
      false,
    ],
  ])('%s', (_, story, asked) => expect(isAsked(story.fix, facts())).toBe(asked));

  test('not of what another fix takes over, if there is that fix', () => {
    const as = (id: string) =>
      decide(
        retired().fix,
        { do: 'close', as: `superseded-by=${id}` },
        facts(EVE, { others: [proven('FIX-2').fix] }),
        T0,
      );
    expect(as('FIX-2')).toMatchObject({ ok: true });
    expect(as('FIX-3')).toMatchObject({ ok: false, error: { code: 'invalid' } });
    expect(as('anything')).toMatchObject({ ok: false, error: { code: 'invalid' } });
  });
});

describe('gates', () => {
  const ci = (story: Story) => stateOf(story, 'ci');
  const waived = (gate: string): Event => ({
    type: 'Waived',
    gate,
    reason: 'r',
    expiresAt: '2027-01-01T00:00:00.000Z',
  });

  test('are shown by their verdicts alone, on every delivered image', () => {
    expect(ci(delivered(passed('perf')))).toMatchObject({ state: 'shown', because: '3 verdicts on 1 image' });
    const two = tell(delivered(passed('perf')), 'fleetfix', ...lineReady('FIX-1', '4.20.1'));
    expect(ci(two)).toMatchObject({ state: 'open', because: 'perf on 4.20.1 is missing' });
  });
  test('are open before anything was delivered', () =>
    expect(ci(proven())).toMatchObject({ state: 'open', because: 'nothing was delivered yet' }));
  test('that only watch hold up nothing', () => {
    const { critical } = POLICY.severities;
    const lane = { ...critical.lane, after: [], shadow: ['perf'] };
    const watched = { ...policy, severities: { ...POLICY.severities, critical: { ...critical, lane } } };
    const of = (over: Policy) => checklistOf(delivered().fix, facts(EVE, { policy: over }), T0)[0];
    expect([of(policy)?.state, of(watched)?.state]).toEqual(['open', 'shown']);
  });
  test('that were owed at the start hold it up, whatever becomes of the configuration', () => {
    const owed = { ...started, owed: [{ gate: 'perf', withinMs: 1 }] };
    const { critical } = POLICY.severities;
    const ciUnder = (lane: object, events: Event[], gates = COMPONENT.gates) => {
      const changed = { ...critical, lane: { ...critical.lane, after: [], ...lane } };
      const over = { ...policy, severities: { ...POLICY.severities, critical: changed } };
      const story = tell(proven(), 'fleetfix', ...events, owed);
      return checklistOf(story.fix, facts(EVE, { policy: over, component: { ...COMPONENT, gates } }), T0)[0]!
        .state;
    };
    expect(ciUnder({}, [])).toBe('open');
    expect(ciUnder({ shadow: ['perf'] }, [])).toBe('open');
    expect(
      ciUnder(
        {},
        [],
        COMPONENT.gates.filter(({ name }) => name !== 'perf'),
      ),
    ).toBe('open');
    expect(ciUnder({}, [passed('perf')])).toBe('shown');
    // A blocking gate that was waived, failed, and was taken out of the lane since.
    expect(
      ciUnder({ before: ['smoke'] }, [
        passed('perf'),
        waived('bvt'),
        { ...passed('bvt'), result: 'fail' } as Event,
      ]),
    ).toBe('open');
  });
  test('have failed when one has', () =>
    expect(ci(delivered({ ...passed('perf'), result: 'fail' } as Event))).toMatchObject({ state: 'failed' }));
  test('that may follow are settled by a waiver; those that delivery passed over are owed', () => {
    expect(ci(delivered(waived('perf'))).state).toBe('shown');
    const failed = { ...passed('bvt'), result: 'fail' } as Event;
    expect(ci(delivered(passed('perf'), failed, waived('bvt')))).toMatchObject({
      state: 'open',
      because: 'bvt on 4.19.1 is waived',
    });
  });
  test('that are missing when it is retired are run still', () => {
    expect(agenda(retired().fix, facts(), T0).tasks).toMatchObject([{ do: 'gate', gate: 'perf' }]);
    expect(agenda(retired().fix, factsOf(), T0).tasks).toEqual([]);
  });
});

test('tests are shown by the own-test gate on every delivered line, or by the word of who may say so', () => {
  const own = { name: 'own', component: 'cpo', check: 'own-test' as const, attestBy: 'qe' as const };
  const component = { ...COMPONENT, gates: [...COMPONENT.gates, own] };
  expect(states(delivered(passed('own')), { component }).tests).toBe('shown');
  const unclear = { ...passed('own'), result: 'unclear', note: 'no test' } as Event;
  expect(checklistOf(delivered(unclear).fix, facts(EVE, { component }), T0)[1]).toMatchObject({
    state: 'open',
    because: 'gate own on 4.19.1: no test; qe may say that there is one',
  });
  const more = tell(delivered(passed('own')), 'fleetfix', ...lineReady('FIX-1', '4.20.1'));
  expect(states(more, { component }).tests).toBe('open');
  expect(states(tell(delivered(), 'quinn', shown('tests', { note: 'e2e/defrag' }))).tests).toBe('shown');
});

describe('a link', () => {
  test('is looked at by a machine, and shown by what was found', () => {
    const story = tell(delivered(), 'eve', shown('docs', { link: PAGE }));
    expect(stateOf(story, 'docs')).toMatchObject({ state: 'checking', by: 'eve', link: PAGE });
    expect(agenda(story.fix, facts(), T0).looks).toEqual([
      { do: 'look', item: 'docs', link: PAGE, sought: [] },
    ]);
    tell(story, 'fleetfix', checked('docs', PAGE, 'pass', { status: 200 }));
    expect(stateOf(story, 'docs')).toMatchObject({ state: 'shown', because: 'it is a pass', by: 'eve' });
    expect(agenda(story.fix, facts(), T0).looks).toBeUndefined();
  });
  test('that is no good has failed, and is looked at again when somebody says so', () => {
    const story = tell(delivered(), 'eve', shown('docs', { link: PAGE }));
    tell(story, 'fleetfix', checked('docs', PAGE, 'fail'));
    expect(stateOf(story, 'docs').state).toBe('failed');
    expect(agenda(story.fix, facts(), T0).looks).toBeUndefined();
    tell(story, 'ana', { type: 'StageRetried', stage: 'closing' });
    expect(stateOf(story, 'docs').state).toBe('checking');
    expect(agenda(story.fix, facts(), T0).looks).toHaveLength(1);
  });
  test('that is no good yet is looked at again at its time', () => {
    const story = tell(delivered(), 'eve', shown('docs', { link: PAGE }));
    const again = minute(5);
    tell(
      story,
      'fleetfix',
      checked('docs', PAGE, 'fail', { looks: { count: 1, since: T0, againAt: again } }),
    );
    expect(agenda(story.fix, facts(), minute(4))).toMatchObject({ askAgainAt: again });
    expect(agenda(story.fix, facts(), minute(4)).looks).toBeUndefined();
    expect(agenda(story.fix, facts(), again).looks).toHaveLength(1);
    expect(stateOf(story, 'docs').because).toBe('it is a fail; looked for again at 2026-11-21 20:05Z');
    story.now = minute(50);
    tell(story, 'fleetfix', checked('docs', PAGE, 'pass'));
    expect(stateOf(story, 'docs')).toMatchObject({ state: 'shown', at: minute(50) });
    expect(agenda(story.fix, facts(), minute(60)).looks).toBeUndefined();
  });
  test('that is shown again replaces the former, whatever is found behind that one later', () => {
    const story = tell(delivered(), 'eve', shown('docs', { link: PAGE }));
    tell(story, 'fleetfix', checked('docs', PAGE, 'pass'));
    tell(story, 'ana', shown('docs', { link: `${PAGE}/new` }));
    tell(story, 'fleetfix', checked('docs', PAGE, 'pass'));
    expect(stateOf(story, 'docs')).toMatchObject({ state: 'checking', link: `${PAGE}/new`, by: 'ana' });
  });
  test('is looked at after the fix was retired, and not once it is closed', () => {
    const story = tell(retired(), 'eve', shown('docs', { link: PAGE }));
    expect(agenda(story.fix, facts(), T0).looks).toHaveLength(1);
    tell(story, 'eve', { type: 'Closed', as: 'done' });
    expect(agenda(story.fix, facts(), T0)).toEqual({ tasks: [], events: [] });
  });
});

describe('an advisory', () => {
  const erratum = (story: Story) => tell(story, 'eve', shown('advisory', { link: ERRATUM }));
  const held = (...holds: string[]) => ({ sought: holds, holds });

  test('is not looked at before there is an image to look for: none would be found in any document', () => {
    const story = erratum(proven());
    expect(stateOf(story, 'advisory').state).toBe('checking');
    expect(agenda(story.fix, facts(), T0).looks).toBeUndefined();
  });
  test('must hold the digest of every delivered line, of those that come later too', () => {
    const story = erratum(delivered());
    expect(agenda(story.fix, facts(), T0).looks).toMatchObject([{ sought: [IMAGE] }]);
    tell(story, 'fleetfix', checked('advisory', ERRATUM, 'pass', held(IMAGE)));
    expect(stateOf(story, 'advisory').state).toBe('shown');
    tell(story, 'fleetfix', ...lineReady('FIX-1', '4.20.1'));
    expect(stateOf(story, 'advisory').state).toBe('checking');
    const later = fixImage('FIX-1', '4.20.1').digest;
    expect(agenda(story.fix, facts(), T0).looks).toMatchObject([{ sought: [IMAGE, later] }]);
  });
  test('says nothing of an image that was built again since', () => {
    const story = erratum(delivered());
    tell(story, 'fleetfix', checked('advisory', ERRATUM, 'pass', held(IMAGE)));
    const commit = commitOf('again');
    tell(
      story,
      'fleetfix',
      { type: 'LineAssembled', line: lineOf('4.19.1'), assembly: assemblyOf('clean', { commit }) },
      { type: 'BuildStarted', line: '4.19.1', commit },
      { type: 'Built', line: '4.19.1', commit, digest: digestOf('again'), tookMs: 1 },
    );
    expect(stateOf(story, 'advisory').state).toBe('checking');
  });
});

describe('who shows what', () => {
  const vera = person('vera', 'viewer');
  const andy = person('andy', 'approver');
  test.each<[string, Actor, Extract<Command, { do: 'show' }>, string]>([
    ['a viewer shows nothing', vera, { do: 'show', item: 'docs', link: PAGE }, 'not-allowed'],
    ['an approver shows no link', andy, { do: 'show', item: 'docs', link: PAGE }, 'not-allowed'],
    ['an item that is not asked for', EVE, { do: 'show', item: 'nothing', link: PAGE }, 'invalid'],
    [
      'an item named as every object has one',
      EVE,
      { do: 'show', item: 'constructor', link: PAGE },
      'invalid',
    ],
    ['gates by anybody', EVE, { do: 'show', item: 'ci', note: 'green' }, 'invalid'],
    ['a link without one', EVE, { do: 'show', item: 'docs', note: 'it is there' }, 'invalid'],
    ['a word of another role', EVE, { do: 'show', item: 'qe-plan', note: 'done' }, 'not-allowed'],
    ['a word without words', QUINN, { do: 'show', item: 'qe-plan', note: '  ' }, 'invalid'],
    [
      'a word with a link that nobody looks at',
      QUINN,
      { do: 'show', item: 'qe-plan', link: PAGE, note: 'x' },
      'invalid',
    ],
    ['a file', EVE, { do: 'show', item: 'docs', link: 'file:///etc/passwd' }, 'invalid'],
    ['a script', EVE, { do: 'show', item: 'docs', link: 'javascript:alert(1)' }, 'invalid'],
    ['no address', EVE, { do: 'show', item: 'docs', link: 'docs' }, 'invalid'],
    ['a password', EVE, { do: 'show', item: 'docs', link: 'https://user:pass@docs.example.com/' }, 'invalid'],
    ['a page for a pull request', EVE, { do: 'show', item: 'upstream', link: PAGE }, 'invalid'],
    [
      'a pull request of another repository',
      EVE,
      { do: 'show', item: 'upstream', link: 'https://github.com/eve/hypershift/pull/7' },
      'invalid',
    ],
  ])('%s is refused, with what is allowed', (_, actor, command, code) => {
    const refused = does(delivered(), actor, command);
    expect(refused).toMatchObject({ ok: false, error: { code } });
    const { whoCan, next } = (refused as Extract<typeof refused, { ok: false }>).error;
    expect([...(whoCan ?? []), ...(next ?? [])].length).toBeGreaterThan(0);
  });
  test.each<[string, Actor, Extract<Command, { do: 'show' }>]>([
    ['a pull request', ANA, { do: 'show', item: 'upstream', link: PULL }],
    ['a page', QUINN, { do: 'show', item: 'docs', link: PAGE }],
    ['a word', QUINN, { do: 'show', item: 'qe-plan', note: 'TP-7, reviewed' }],
  ])('%s is taken as it is', (_, actor, command) => {
    const { do: __, ...rest } = command;
    expect(does(delivered(), actor, command)).toEqual({ ok: true, value: [{ type: 'ItemShown', ...rest }] });
  });
});

describe('a waiver of an item', () => {
  const waive: Command = { do: 'waive-item', item: 'docs', reason: 'nothing changes for readers' };
  test('is for an approver, and not for who declared the fix', () => {
    expect(does(delivered(), EVE, waive)).toMatchObject({ ok: false, error: { code: 'not-allowed' } });
    expect(does(delivered(), ANA, waive)).toMatchObject({ ok: false, error: { code: 'two-person-rule' } });
    expect(does(delivered(), BOB, waive)).toMatchObject({ ok: true });
    expect(does(delivered(), BOB, { ...waive, item: 'nothing' } as Command)).toMatchObject({ ok: false });
  });
  test('stands in for what is missing or failed, by name, and leaves what is shown alone', () => {
    const story = tell(delivered(), 'bob', { type: 'ItemWaived', item: 'docs', reason: 'no page' });
    expect(stateOf(story, 'docs')).toMatchObject({
      state: 'waived',
      because: 'waived by bob: no page',
      by: 'bob',
    });
    tell(story, 'eve', shown('docs', { link: PAGE }));
    tell(story, 'fleetfix', checked('docs', PAGE, 'fail'));
    expect(stateOf(story, 'docs').state).toBe('waived');
    tell(story, 'eve', shown('docs', { link: PAGE }));
    tell(story, 'fleetfix', checked('docs', PAGE, 'pass'));
    expect(stateOf(story, 'docs')).toMatchObject({ state: 'shown', by: 'eve' });
  });
});

describe('people read', () => {
  const view = (story: Story) => makeFixView(story.fix, facts(), story.now);

  test('every item, who sees to it, and what brings it further', () => {
    const story = tell(retired(passed('perf')), 'eve', shown('docs', { link: PAGE }));
    tell(story, 'fleetfix', checked('docs', PAGE, 'fail', { status: 404 }));
    expect(view(story).checklist).toMatchObject([
      { name: 'ci', kind: 'gates', state: 'shown' },
      { name: 'tests', who: 'qe', next: 'fleetfix show FIX-1 --item tests --note TEXT' },
      { name: 'upstream', who: 'engineer' },
      {
        name: 'docs',
        state: 'failed',
        by: 'eve',
        link: PAGE,
        next: expect.stringContaining('--item docs --link'),
      },
      { name: 'advisory', state: 'open', because: 'no link yet' },
      { name: 'qe-plan', who: 'qe' },
    ]);
    expect(view(story).checklist?.[0]).not.toHaveProperty('next');
  });

  test('of a retired fix one need a role, and that it can be closed once all is shown', () => {
    const story = tell(retired(passed('perf')), 'eve', shown('docs', { link: PAGE }));
    tell(story, 'fleetfix', checked('docs', PAGE, 'fail'));
    expect(view(story).needs).toEqual([
      {
        who: 'qe',
        what: 'show before it is closed: tests, qe-plan',
        since: T0,
        command: 'fleetfix checklist FIX-1',
      },
      {
        who: 'engineer',
        what: 'show before it is closed: upstream, docs (it is a fail), advisory',
        since: T0,
        command: 'fleetfix checklist FIX-1',
      },
    ]);
    expect(view(story).next.text).toBe('it can be closed once its checklist is shown: 1 of 6 so far');
    for (const { name } of CLOSING) tell(story, 'bob', { type: 'ItemWaived', item: name, reason: 'r' });
    expect(view(story).needs).toMatchObject([{ who: 'operator', command: 'fleetfix close FIX-1 --as done' }]);
  });

  test('nothing of it where the policy asks for nothing, and no act for it', () => {
    const plain = makeFixView(retired().fix, factsOf({ actor: EVE }), T0);
    expect([plain.checklist, plain.needs, plain.next.text]).toEqual([undefined, [], 'nothing: it is over']);
    expect(plain.actions.map(({ name }) => name)).not.toContain('show');
    expect(view(retired()).actions.find(({ name }) => name === 'show')).toMatchObject({ allowed: true });
  });
});

describe('no order of shows, looks, retries and waivers', () => {
  const few = CLOSING.filter(({ name }) => ['ci', 'docs', 'advisory', 'qe-plan'].includes(name));
  const names = few.map(({ name }) => name);
  const links = [PAGE, ERRATUM];
  const around = (actor: Actor) => factsOf({ policy: { ...POLICY, closing: few }, actor });
  type Happening =
    | {
        readonly do: 'show';
        readonly item: string;
        readonly actor: Actor;
        readonly link?: string;
        readonly note?: string;
      }
    | { readonly do: 'found'; readonly item: string; readonly link: string; readonly result: 'pass' | 'fail' }
    | { readonly do: 'waive-item'; readonly item: string; readonly actor: Actor }
    | { readonly do: 'retry' | 'perf' | 'close' };
  const item = fc.constantFrom(...names);
  const actor = fc.constantFrom(ANA, BOB, EVE, QUINN);
  const link = fc.constantFrom(...links);
  const happening: fc.Arbitrary<Happening> = fc.oneof(
    fc.record({ do: fc.constant('show' as const), item, actor, link }),
    fc.record({ do: fc.constant('show' as const), item, actor, note: fc.constantFrom(' ', 'said') }),
    fc.record({
      do: fc.constant('found' as const),
      item,
      link,
      result: fc.constantFrom('pass', 'pass', 'fail'),
    }),
    fc.record({ do: fc.constant('waive-item' as const), item, actor }),
    fc.constantFrom('retry', 'perf', 'close', 'close').map((act): Happening => ({ do: act })),
  );

  /** What is settled by the events alone, told again in another way: from the last of an item backwards. */
  function isSettled({ rows }: Story, { name, kind }: ClosingItem): boolean {
    const events = rows.map(({ event }) => event);
    if (events.some((e) => e.type === 'ItemWaived' && e.item === name)) return true;
    if (kind === 'gates') return events.some((e) => e.type === 'GateRan' && e.gate === 'perf');
    const at = events.findLastIndex((e) => e.type === 'ItemShown' && e.item === name);
    const last = events[at];
    if (last?.type !== 'ItemShown') return false;
    if (kind === 'word') return last.note !== undefined;
    const found = events
      .slice(at)
      .findLast((e) => e.type === 'LinkChecked' && e.item === name && e.link === last.link);
    return found?.type === 'LinkChecked' && found.result === 'pass';
  }

  test('closes a fix with an open item', () => {
    let closed = 0;
    fc.assert(
      fc.property(fc.array(happening, { minLength: 30, maxLength: 90 }), (all) => {
        const story = retired();
        const act = (who: Actor, command: Command) => {
          const decision = decide(story.fix, command, around(who), T0);
          if (decision.ok) tell(story, who.name, ...decision.value);
        };
        for (const one of all) {
          const settled = few.every((it) => isSettled(story, it));
          if (one.do === 'show') {
            const { actor: who, ...command } = one;
            act(who, command);
          }
          if (one.do === 'waive-item') act(one.actor, { do: 'waive-item', item: one.item, reason: 'r' });
          if (one.do === 'retry') act(ANA, { do: 'retry', stage: 'closing' });
          if (one.do === 'perf') tell(story, 'fleetfix', passed('perf'));
          if (one.do === 'found')
            tell(story, 'fleetfix', checked(one.item, one.link, one.result, { sought: [IMAGE], holds: [] }));
          if (one.do !== 'close') continue;
          act(EVE, { do: 'close', as: 'done' });
          expect(story.fix.closed !== undefined).toBe(settled);
          if (!settled) continue;
          closed += 1;
          return;
        }
      }),
      { numRuns: 300, seed: 6 },
    );
    // Else nothing was tested.
    expect(closed).toBeGreaterThan(30);
  });
});

describe('what is next for a link that failed', () => {
  const nextOf = (item: string, link: string, more: object) => {
    const story = retired(shown(item, { link }), checked(item, link, 'fail', more));
    return nextFor(story.fix, stateOf(story, item));
  };
  const AGAIN = 'fleetfix retry FIX-1 --stage closing';

  test.each<[string, string, string, object]>([
    ['nothing answered', 'docs', PAGE, {}],
    ['its host is out of order', 'docs', PAGE, { status: 503 }],
    ['its host wants to be asked later', 'docs', PAGE, { status: 429 }],
    ['it is not merged yet', 'upstream', PULL, {}],
  ])('to have it looked at again, where %s', (_why, item, link, more) =>
    expect(nextOf(item, link, more)).toBe(AGAIN),
  );

  test.each<[string, string, string, object]>([
    ['there is no such page', 'docs', PAGE, { status: 404 }],
    ['it sends elsewhere', 'docs', PAGE, { status: 302 }],
    ['it is no pull request', 'upstream', PAGE, {}],
    ['it was merged without the change', 'upstream', PULL, { commit: 'c'.repeat(40) }],
    ['it lacks a digest', 'advisory', PAGE, { sought: [IMAGE], holds: [], status: 200 }],
  ])('to show another, where %s', (_why, item, link, more) =>
    expect(nextOf(item, link, more)).toContain(`fleetfix show FIX-1 --item ${item} --link https://`),
  );
});
