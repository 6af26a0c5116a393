import { HOUR, type Instant, type Ms, plus } from '../../core/base/instant.ts';
import type { FixView } from '../../core/views/fix-view.ts';
import type { FixRow } from '../../core/views/list-view.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Acted, CommandRequest, Problem } from '../../wire/api.ts';
import { chance, exponentialMs, type Random } from '../random.ts';
import type { HubLife } from './hub-life.ts';
import { CREW } from './settings.ts';
import { commitFrom } from './workshop.ts';

/** One request and what came back. `status` 0: the hub died before it answered. */
export type Call = {
  readonly who: string;
  readonly what: string;
  readonly command?: CommandRequest['do'] | 'declare';
  readonly sentAt: Instant;
  readonly status: number;
  readonly body: unknown;
};

/** What people meet: the hub that is there at the moment, time, and names to point at. */
export type Office = {
  readonly clock: Clock;
  readonly hub: () => HubLife | undefined;
  readonly tokens: ReadonlyMap<string, string>;
  /** Names of control planes there are. */
  readonly planes: () => readonly string[];
  readonly heard: (call: Call) => void;
  readonly counted: (what: string) => void;
};

type Member = (typeof CREW)[number];

/** Tries a command again, with its key, as long as nobody has answered it. */
const TRIES_MAX = 20;
const TRY_AGAIN_MS: Ms = 30_000;
const OPEN_MAX = 3;

/** The people of a trial: they look from time to time and do what comes to their mind and they may do. */
export type People = {
  /** One of them looks at the fixes and does something, or two do at once. Resolves when it is answered. */
  visit(mood: 'wild' | 'helpful'): Promise<void>;
  /** When the next visit is. */
  nextVisitMs(): Ms;
};

export function createPeople(office: Office, random: Random): People {
  const { clock } = office;
  let keys = 0;
  let declared = 0;
  let isBusyTime = false;
  const anyOf = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];

  const request = async (who: Member, path: string, init: Init = {}): Promise<Call> => {
    const sentAt = clock.now();
    const what = `${init.method ?? 'GET'} ${path}`;
    const to = office.hub();
    const answer = to === undefined ? NOBODY : await ask(to, office.tokens.get(who.name)!, path, init);
    const call: Call = {
      who: who.name,
      what,
      sentAt,
      ...answer,
      ...(init.command && { command: init.command }),
    };
    office.heard(call);
    return call;
  };

  /** Sends it, and again with the same key until somebody answers. */
  const act = async (who: Member, path: string, body: Body, seen?: number): Promise<Call> => {
    keys += 1;
    const init: Init = {
      method: 'POST',
      body,
      key: `${who.name}-${keys}`,
      command: body.do,
      ...(seen && { seen }),
    };
    let call = await request(who, path, init);
    for (let tries = 1; tries < TRIES_MAX && isUnanswered(call); tries += 1) {
      await new Promise<void>((resolve) => clock.at(plus(clock.now(), TRY_AGAIN_MS), resolve));
      call = await request(who, path, init);
    }
    office.counted(`${body.do} ${call.status >= 200 && call.status < 300 ? 'done' : 'not done'}`);
    return call;
  };

  const may = (...roles: readonly string[]): Member =>
    anyOf(CREW.filter((m) => m.roles.some((role) => roles.includes(role)))) ?? CREW[0]!;

  const approvers = (): Member[] =>
    CREW.filter((m) => m.roles.includes('approver'))
      .map((m) => ({ m, turn: random() }))
      .sort((a, b) => a.turn - b.turn)
      .map(({ m }) => m);

  const declare = async () => {
    declared += 1;
    const change = { kind: 'commits', commits: [commitFrom({ change: declared, n: random() })] } as const;
    const severity = anyOf(['critical', 'high', 'moderate'] as const)!;
    const body = {
      do: 'declare',
      title: `etcd leases are lost, ${declared}`,
      severity,
      reason: 'customers cannot log in',
      ...(chance(random, 0.5) && { symptom: 'etcd lost' }),
      change,
      component: 'control-plane-operator',
    } as const;
    await act(may('engineer', 'on-call'), '/api/fixes', body as unknown as Body);
  };

  const plan = async (fix: FixRow): Promise<string | undefined> => {
    const call = await request(may('operator'), `/api/fixes/${fix.id}/plan`, {
      method: 'POST',
      body: chance(random, 0.1) ? { budget: anyOf([1, 'routine', 'urgent', 2_000])! } : {},
    });
    return call.status === 200 ? (call.body as { id: string }).id : undefined;
  };

  /** What helps a fix on, by its state. */
  const help = async (fix: FixRow, view: FixView): Promise<Deed[]> => {
    switch (view.state) {
      case 'declared':
      case 'assembled':
      case 'built':
        return helpPreparing(view);
      case 'proven':
      case 'approved':
      case 'delivering': {
        if (view.paused && !view.halted)
          return [{ by: ['operator'], do: { do: 'resume', reason: 'it is fine' } }];
        if (!view.actions.some((a) => a.name === 'start' && a.allowed)) return [];
        const id = await plan(fix);
        if (id === undefined) return [];
        // A wide budget needs many: all who may are asked, in any order, until enough have said yes.
        const yes = approvers().map(
          (as): Deed => ({ by: ['approver'], as, do: { do: 'approve', plan: id } as Body }),
        );
        const start = { do: 'start', plan: id, reason: 'it is better now' } as Body;
        return [...yes.slice(0, 2 + Math.floor(random() * 4)), { by: ['operator', 'on-call'], do: start }];
      }
      case 'covered':
        return [{ by: ['operator'], do: { do: 'retire' } }];
      case 'retired':
        return [{ by: ['operator'], do: { do: 'close', as: 'done' } }];
      default:
        return [];
    }
  };

  const helpPreparing = (view: FixView): Deed[] => {
    const troubled = view.lines.find((l) => l.outcome === 'refused' || l.outcome === 'conflict');
    if (troubled !== undefined)
      return [
        { by: ['engineer'], do: { do: 'backport', not: [{ line: troubled.line, reason: 'no such code' }] } },
      ];
    if (view.lines.some((l) => l.build === 'failed'))
      return [{ by: ['engineer'], do: { do: 'retry', stage: 'build' } }];
    const gates = view.lines.flatMap((l) => l.gates);
    if (gates.some((g) => g.gate === 'bvt' && g.state === 'failed'))
      return [
        chance(random, 0.5)
          ? { by: ['engineer'], do: { do: 'retry', stage: 'proof' } }
          : {
              by: ['qe'],
              do: { do: 'waive', gate: 'bvt', reason: 'known flake', expiresAt: hence(12 * HOUR) },
            },
      ];
    if (gates.some((g) => g.gate === 'qe-smoke' && g.state !== 'met'))
      return [
        {
          by: ['qe'],
          do: { do: 'attest', gate: 'qe-smoke', result: chance(random, 0.95) ? 'pass' : 'fail' },
        },
      ];
    return [];
  };

  const hence = (ms: Ms): Instant => plus(clock.now(), Math.round(ms));

  /** What comes to people's mind, sense or not. */
  const whim = (view: FixView): Deed => {
    const target = anyOf(office.planes()) ?? 'cp-none';
    const whims: Deed[] = [
      { by: ['on-call', 'requester', 'qe'], do: { do: 'pause', reason: 'let me look' } },
      { by: ['operator'], do: { do: 'resume', reason: 'looked' } },
      { by: ['on-call', 'engineer'], do: { do: 'rollback', target, reason: 'the customer asked' } },
      { by: ['on-call'], do: { do: 'rollback', reason: 'it looks bad' } },
      {
        by: ['on-call'],
        do: { do: 'exclude', target, until: hence(random() * 24 * HOUR + 1), reason: 'busy' },
      },
      { by: ['operator'], do: { do: 'advance', stage: openStage(view), reason: 'go' } },
      { by: ['engineer'], do: { do: 'retry', stage: anyOf(['assembly', 'build', 'proof'] as const)! } },
      { by: ['engineer'], do: { do: 'backport' } },
      {
        by: ['qe'],
        do: { do: 'waive', gate: 'qe-smoke', reason: 'no time', expiresAt: hence(random() * HOUR + 1) },
      },
      { by: ['qe'], do: { do: 'attest', gate: 'qe-smoke', result: 'fail', note: 'slow' } },
      { by: ['operator'], do: { do: 'retire' } },
      { by: ['requester'], do: { do: 'withdraw', reason: 'not needed' } },
      { by: ['operator'], do: { do: 'close', as: 'given up' } },
    ];
    return anyOf(whims)!;
  };

  const carryOut = ({ by, as, do: body }: Deed, { id, version }: Seen): Promise<Call> =>
    act(as ?? may(...by), `/api/fixes/${id}/commands`, body, version);

  /** One after the other, each on what the last one was told, or on another look where that was a no. */
  const carryOutInTurn = async (deeds: readonly Deed[], view: FixView) => {
    let seen: Seen = view;
    for (const deed of deeds) {
      const { status, body } = await carryOut(deed, seen);
      const isDone = status === 200 || status === 202;
      seen = isDone ? { id: view.id, version: (body as Acted).version } : ((await fresh(view)) ?? view);
    }
  };

  const visitFix = async (fix: FixRow, mood: 'wild' | 'helpful') => {
    const looked = await request(may('operator', 'on-call', 'admin'), `/api/fixes/${fix.id}`);
    if (looked.status !== 200) return;
    const view = looked.body as FixView;
    const wild = mood === 'wild' && chance(random, view.state === 'delivering' ? 0.3 : 0.1);
    const first = wild ? [whim(view)] : await help(fix, view);
    // Two press buttons at once, having seen the same.
    if (mood === 'wild' && chance(random, 0.2)) {
      office.counted('two people at once');
      await Promise.all([...first.slice(-1), whim(view)].map((deed) => carryOut(deed, view)));
    } else await carryOutInTurn(first, view);
  };

  const fresh = async (view: FixView): Promise<FixView | undefined> => {
    const looked = await request(may('operator'), `/api/fixes/${view.id}`);
    return looked.status === 200 ? (looked.body as FixView) : undefined;
  };

  return {
    nextVisitMs: () => exponentialMs(random, isBusyTime ? 8 : 0.8),
    async visit(mood) {
      const listed = await request(may('operator', 'admin'), '/api/fixes?open=true');
      if (listed.status !== 200) return;
      const open = (listed.body as { items: FixRow[] }).items.filter((f) => !OVER.has(f.state));
      const news = mood === 'wild' && (open.length === 0 || chance(random, 0.05)) && open.length < OPEN_MAX;
      if (news) await declare();
      const fix = anyOf(open);
      isBusyTime = news || open.some((f) => f.state !== 'covered');
      if (fix !== undefined && !news) await visitFix(fix, mood);
    },
  };
}

/** The first that has not passed; the only one has the name it has without people's stages. */
const openStage = (view: FixView): string =>
  view.rollout.find((row) => row.state !== 'passed')?.name ?? 'all';

type Body = CommandRequest;
type Seen = Pick<FixView, 'id' | 'version'>;
type Deed = { readonly by: readonly string[]; readonly as?: Member; readonly do: CommandRequest };
type Init = {
  readonly method?: 'POST';
  readonly body?: unknown;
  readonly key?: string;
  readonly seen?: number;
  readonly command?: CommandRequest['do'] | 'declare';
};

const OVER: ReadonlySet<string> = new Set(['closed', 'withdrawn']);
const NOBODY = { status: 0, body: undefined };

/** Nobody was there, or whoever was could not reach the database: what became of it is not known. */
const isUnanswered = ({ status }: Call): boolean => status === 0 || status === 503;

async function ask({ app, died }: HubLife, token: string, path: string, init: Init) {
  const { method = 'GET', body, key, seen } = init;
  const answered = (async () => {
    const response = await app.request(path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
        ...(seen !== undefined && { 'if-match': `"${seen}"` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Problem | unknown };
  })();
  return Promise.race([answered, died]).catch((problem: Error) => {
    if (problem.name === 'Killed') return NOBODY;
    throw problem;
  });
}
