import type { FixId } from '../../core/base/ids.ts';
import type { TimesOrder } from '../../core/select/test-times.ts';
import type { FixView } from '../../core/views/fix-view.ts';
import type { DebtRow, GatePage } from '../../core/views/gate-rows.ts';
import type { FixRow, TargetPage } from '../../core/views/list-view.ts';
import type { TargetView } from '../../core/views/target-view.ts';
import type { TimedTestsAnswer } from '../../wire/test-times.ts';
import type { Query } from '../client.ts';
import type { Context } from '../context.ts';
import { type ExitCode, misuse } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { selectorOf } from '../rev.ts';
import type { AgentRow, EvidenceAnswer, Items, Person } from '../shapes.ts';
import { type Sight, show } from '../show.ts';
import { testTimesOf } from '../test-times.ts';

export const NOUNS = [
  'fixes',
  'targets',
  'stages',
  'evidence',
  'gates',
  'debts',
  'tests',
  'agents',
  'policies',
  'components',
  'people',
] as const;
export type Noun = (typeof NOUNS)[number];

export type GetInput = {
  readonly noun: string;
  readonly name?: string;
  readonly for?: string;
  readonly without?: string;
  readonly notInPlan?: boolean;
  readonly standing?: string;
  readonly state?: string;
  readonly stage?: string;
  readonly wave?: number;
  readonly selector?: string;
  readonly by?: string;
  readonly limit: number;
  readonly all?: boolean;
  readonly watch?: boolean;
};

/** Tables of the other nouns. Targets, stages and evidence are those of one fix, so they need `--for`. */
export async function get(context: Context, input: GetInput): Promise<ExitCode> {
  const noun = nounOf(input.noun);
  const about = withoutIt({
    ...input,
    more: allOf(context.command),
  });
  const sights: Record<Noun, () => Promise<ExitCode>> = {
    fixes: () => show(context, fixesSight(context, about), input.watch),
    targets: async () =>
      show(context, targetsSight(context, about, await forFix(context, about)), input.watch),
    stages: async () => show(context, stagesSight(context, await forFix(context, about)), input.watch),
    evidence: async () =>
      show(context, evidenceSight(context, about, await forFix(context, about)), input.watch),
    gates: () => show(context, gatesSight(context, about), input.watch),
    debts: () => show(context, debtsSight(context, about), input.watch),
    tests: () => show(context, testsSight(context, about), input.watch),
    agents: () => show(context, agentsSight(context, about), input.watch),
    policies: () => show(context, namedSight(context, about, 'policies'), input.watch),
    components: () => show(context, namedSight(context, about, 'components'), input.watch),
    people: () => show(context, peopleSight(context, about), input.watch),
  };
  return await sights[noun]();
}

/** The same list without a limit. */
function allOf(command: string): string {
  const unlimited = command.replace(/ --limit(=| )\S+/g, '');
  return / --all(?= |$)/.test(unlimited) ? unlimited : `${unlimited} --all`;
}

type About = GetInput & { readonly more: string };

function nounOf(text: string): Noun {
  const found = NOUNS.find(
    (noun) =>
      noun === text ||
      noun === `${text}s` ||
      noun === text.replace(/y$/, 'ies') ||
      (text === 'fix' && noun === 'fixes'),
  );
  if (text === 'waves' || text === 'wave')
    throw misuse('get waves: a wave is what started together; expected stages, or the targets of one wave', [
      'fleetfix get stages --for FIX-1',
      'fleetfix get targets --for FIX-1 --wave 1',
    ]);
  if (!found) throw misuse(`get ${text}: expected one of ${NOUNS.join(', ')}`);
  return found;
}

async function forFix(context: Context, about: About): Promise<FixId> {
  if (!about.for)
    throw misuse(`get ${about.noun} shows those of one fix: --for is missing`, [
      `fleetfix get ${about.noun} --for FIX-1`,
    ]);
  return await fixOf(context, about.for);
}

/** At most `limit` of a list, unless all are wanted; a name picks one. */
function part<T>(items: readonly T[], about: About, nameOf: (item: T) => string): T[] {
  const named = about.name === undefined ? items : items.filter((item) => nameOf(item) === about.name);
  if (about.name !== undefined && named.length === 0)
    throw misuse(
      `no ${about.noun} named ${about.name}: there are ${items.map(nameOf).slice(0, 10).join(', ') || 'none'}`,
    );
  return about.all ? [...named] : named.slice(0, about.limit);
}

function fixesSight(context: Context, about: About): Sight<Items<FixRow>> {
  const { client } = context;
  // --all means the ended ones too.
  const query = about.all || about.name ? {} : { open: true };
  return {
    key: `get fixes ${JSON.stringify(query)}`,
    load: () => client.get<Items<FixRow>>('/fixes', query),
    reading: ({ items }) => {
      const rows = part(items, about, (row) => row.id);
      return {
        value: { items: rows },
        names: rows.map((row) => row.id),
        text: async (paper) => {
          const { renderFixes } = await import('../render/fixes.ts');
          const { truncation } = await import('../render/targets.ts');
          const more = truncation(rows.length, about.name ? rows.length : items.length, about.more);
          return `${renderFixes(rows, undefined, paper)}${more.join('\n')}${more.length > 0 ? '\n' : ''}`;
        },
      };
    },
  };
}

const PAGE_MAX = 1_000;

function targetsSight(context: Context, about: About, fix: FixId): Sight<TargetPage> {
  const queries = targetQueries(about);
  const limit = about.all || about.name ? Number.POSITIVE_INFINITY : about.limit;
  return {
    key: `get targets ${fix} ${JSON.stringify(queries)} ${limit}`,
    fix,
    load: () => targetsOf(context, fix, queries, limit),
    reading: (page) => {
      const items =
        about.name === undefined ? page.items : part(page.items, { ...about, all: true }, (t) => t.name);
      const total = about.name === undefined ? page.total : items.length;
      return {
        value: { ...page, items },
        names: items.map((target) => target.name),
        text: async (paper) =>
          (await import('../render/targets.ts')).renderTargets(
            { ...page, items, total },
            { now: context.now(), more: about.more },
            paper,
          ),
      };
    },
  };
}

/** Who may still have what a fix heals, accounted for by name or not; who is unknown is never counted as done. */
const WITHOUT = 'exposed,excluded,unknown';

/** Targets that lack a fix are those of that fix, by where they stand. */
function withoutIt(about: About): About {
  const { without } = about;
  if (without === undefined) return about;
  const instead = (flag: string) =>
    misuse(`get ${about.noun} --without ${without} and ${flag}: expected one of them`, [
      `fleetfix get targets --without ${without}`,
    ]);
  if (nounOf(about.noun) !== 'targets')
    throw misuse(`get ${about.noun} --without ${without}: expected targets`, [
      `fleetfix get targets --without ${without}`,
    ]);
  if (about.for !== undefined) throw instead('--for');
  if (about.standing !== undefined) throw instead('--standing');
  return { ...about, for: without, standing: WITHOUT };
}

/** One query for each standing and state asked for: the hub takes one at a time. */
function targetQueries(about: About): Query[] {
  const query: Query = {
    ...(about.selector ? selectorOf(about.selector, '--selector') : {}),
    stage: about.stage,
    wave: about.wave,
    inPlan: about.notInPlan ? false : undefined,
  };
  // A state of two words is typed with a dash, so that it needs no quotes.
  const states = about.state?.split(',').map((state) => state.trim().replaceAll('-', ' '));
  const standings = about.standing?.split(',').map((standing) => standing.trim());
  const byStanding = standings
    ? [...new Set(standings)].map((standing) => ({ ...query, standing }))
    : [query];
  return states
    ? byStanding.flatMap((one) => [...new Set(states)].map((state) => ({ ...one, state })))
    : byStanding;
}

async function targetsOf(
  context: Context,
  fix: FixId,
  queries: readonly Query[],
  limit: number,
): Promise<TargetPage> {
  const items: TargetView[] = [];
  let total = 0;
  for (const query of queries) {
    let after: string | undefined;
    let counted = false;
    do {
      const room = Math.min(PAGE_MAX, Math.max(1, limit - items.length));
      const page = await context.client.get<TargetPage>(`/fixes/${fix}/targets`, {
        ...query,
        limit: room,
        after,
      });
      if (!counted) total += page.total;
      counted = true;
      items.push(...page.items.slice(0, Math.max(0, limit - items.length)));
      after = page.items.length > 0 ? page.next : undefined;
    } while (after !== undefined && items.length < limit);
  }
  return { items, total };
}

function stagesSight(context: Context, fix: FixId): Sight<FixView> {
  return {
    key: `get stages ${fix}`,
    fix,
    load: () => context.client.get<FixView>(`/fixes/${fix}`),
    reading: (view) => ({
      value: { items: view.rollout },
      names: view.rollout.map((row) => row.name),
      text: async (paper) => {
        const { rollout } = await import('../render/status.ts');
        const { clean, screen } = await import('../render/paper.ts');
        if (view.rollout.length === 0)
          return screen([`${fix} has no rollout yet.`, `  next   fleetfix plan ${fix}`], paper);
        return screen(rollout(clean(view), view.at, paper), paper);
      },
    }),
    change: (view) => JSON.stringify(view.rollout),
  };
}

function evidenceSight(context: Context, about: About, fix: FixId): Sight<EvidenceAnswer> {
  return {
    key: `get evidence ${fix}`,
    fix,
    load: () => context.client.get<EvidenceAnswer>(`/fixes/${fix}/evidence`),
    reading: (answer) => {
      const evidence = part(answer.evidence, about, (e) => e.gate);
      return {
        value: { ...answer, evidence },
        names: evidence.map((e) => `${e.gate}/${e.line}`),
        text: async (paper) =>
          (await import('../render/lists.ts')).renderEvidence(
            { ...answer, evidence },
            {
              now: context.now(),
              total: about.name ? evidence.length : answer.evidence.length,
              more: about.more,
            },
            paper,
          ),
      };
    },
  };
}

function gatesSight(context: Context, about: About): Sight<GatePage> {
  return {
    key: 'get /gates',
    load: () => context.client.get<GatePage>('/gates'),
    reading: (page) => {
      const items = part(page.items, about, (row) => row.gate);
      const total = about.name ? items.length : page.items.length;
      return {
        value: { ...page, items },
        names: items.map((row) => row.gate),
        text: async (paper) =>
          (await import('../render/gates.ts')).renderGates(
            { ...page, items },
            { now: context.now(), total, more: about.more },
            paper,
          ),
      };
    },
  };
}

function debtsSight(context: Context, about: About): Sight<Items<DebtRow>> {
  return listSight(context, about, {
    path: '/debts',
    nameOf: (debt) => debt.fix,
    text: async (items, list, paper) => (await import('../render/gates.ts')).renderDebts(items, list, paper),
  });
}

const ORDERS = ['slowest', 'failing', 'id'] as const satisfies readonly TimesOrder[];

/** The name is the component's: nobody types the name of a test. */
function testsSight(context: Context, about: About): Sight<TimedTestsAnswer> {
  const { name: component, by = 'slowest' } = about;
  if (component === undefined)
    throw misuse('get tests shows those of one component: its name is missing', [
      'fleetfix get tests COMPONENT',
      'fleetfix get components',
    ]);
  const order = ORDERS.find((one) => one === by);
  if (order === undefined) throw misuse(`--by ${by}: expected one of ${ORDERS.join(', ')}`);
  const limit = about.all ? Number.POSITIVE_INFINITY : about.limit;
  return {
    key: `get tests ${component} ${order} ${limit}`,
    load: () => testTimesOf(context.client, component, { by: order, limit }),
    reading: (page) => ({
      value: page,
      names: page.items.map((test) => test.name),
      text: async (paper) =>
        (await import('../render/test-times.ts')).renderTestTimes(
          page,
          { now: context.now(), component, more: about.more },
          paper,
        ),
    }),
  };
}

function agentsSight(context: Context, about: About): Sight<Items<AgentRow>> {
  return listSight(context, about, {
    path: '/agents',
    nameOf: (agent) => agent.managementCluster,
    text: async (items, list, paper) => (await import('../render/lists.ts')).renderAgents(items, list, paper),
  });
}

function peopleSight(context: Context, about: About): Sight<Items<Person>> {
  return listSight(context, about, {
    path: '/people',
    nameOf: (person) => person.name,
    text: async (items, list, paper) => (await import('../render/lists.ts')).renderPeople(items, list, paper),
  });
}

function namedSight(context: Context, about: About, noun: 'policies' | 'components'): Sight<Items<unknown>> {
  return listSight(context, about, {
    path: `/${noun}`,
    nameOf: (item) => String((item as { name?: unknown } | null)?.name ?? '-'),
    text: async (items, list, paper) =>
      (await import('../render/lists.ts')).renderNamed(items, { ...list, noun }, paper),
  });
}

type Paper = Context['out']['paper'];
type ListText<T> = (
  items: readonly T[],
  about: { now: string; total: number; more: string },
  paper: Paper,
) => Promise<string>;

function listSight<T>(
  context: Context,
  about: About,
  list: { readonly path: string; readonly nameOf: (item: T) => string; readonly text: ListText<T> },
): Sight<Items<T>> {
  return {
    key: `get ${list.path}`,
    load: () => context.client.get<Items<T>>(list.path),
    reading: ({ items }) => {
      const rows = part(items, about, list.nameOf);
      const total = about.name ? rows.length : items.length;
      return {
        value: { items: rows },
        names: rows.map(list.nameOf),
        text: (paper) => list.text(rows, { now: context.now(), total, more: about.more }, paper),
      };
    },
  };
}
