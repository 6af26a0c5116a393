// A toy fleet for core's own tests: what runs, what is reported, and a hub that looks at it.
import type { Actor } from '../approval/approval.ts';
import type { Digest, Uid } from '../base/ids.ts';
import { type Instant, MINUTE, type Ms, plus } from '../base/instant.ts';
import type { ControlPlane, RunningComponent } from '../fleet/control-plane.ts';
import type { Order } from '../rollout/order.ts';
import type { Plan } from '../rollout/plan.ts';
import type { StageSpec } from '../rollout/stages.ts';
import { agenda } from './agenda.ts';
import type { Command } from './command.ts';
import { type Delivery, deliver } from './deliver.ts';
import type { Event } from './event.ts';
import type { Facts } from './facts.ts';
import { planFor } from './plan-for.ts';
import type { Policy } from './policy.ts';
import { retire } from './retire.ts';
import {
  act,
  BOB,
  EVE,
  factsOf,
  fixImage,
  POLICY,
  planeOf,
  proven,
  type Story,
  tell,
  wait,
} from './testing.ts';

/**
 * A toy fleet behind its agents: `truth` is what runs, `seen` what was last reported. An agent that is
 * silent neither fetches orders nor reports, while its control planes go on changing images.
 */
export type Toy = {
  readonly truth: Map<Uid, ControlPlane>;
  readonly seen: Map<Uid, ControlPlane>;
  readonly story: Story;
  plan: Plan | undefined;
  readonly facts: Omit<Facts, 'fleet' | 'plan' | 'actor'>;
  readonly silent: Set<string>;
  /** Digests that make a control plane unhealthy, and whom. */
  readonly breaks: (uid: Uid, digest: Digest) => boolean;
  /** How one that an image broke is reported. */
  readonly brokenAs: string;
  readonly rollMs: (uid: Uid) => Ms;
  readonly orders: Order[];
  readonly refused: { readonly order: Order; readonly because: string }[];
  readonly acts: { readonly uid: Uid; readonly digest: Digest | undefined; readonly at: Instant }[];
  readonly waiting: Order[];
  readonly rolling: Map<Uid, Instant>;
};

export function toyOf(planes: readonly ControlPlane[], over: Partial<Toy> & { readonly story: Story }): Toy {
  const { images, ...facts } = factsOf();
  const { fleet: _, actor: __, ...rest } = facts;
  return {
    truth: new Map(planes.map((p) => [p.uid, p])),
    seen: new Map(planes.map((p) => [p.uid, { ...p, reportedAt: over.story.now }])),
    plan: undefined,
    facts: { ...rest, images },
    silent: new Set(),
    breaks: () => false,
    brokenAs: 'API server unavailable',
    rollMs: () => 3 * MINUTE,
    orders: [],
    refused: [],
    acts: [],
    waiting: [],
    rolling: new Map(),
    ...over,
  };
}

export const toyFacts = (toy: Toy, actor: Actor = EVE): Facts => ({
  ...toy.facts,
  actor,
  fleet: [...toy.seen.values()],
  ...(toy.plan && { plan: toy.plan }),
});

/** What the hub does when it looks: asks core, records the events, hands the orders over. */
export function tend(toy: Toy): Delivery {
  const { story, plan } = toy;
  const facts = toyFacts(toy);
  const todo = agenda(story.fix, facts, story.now);
  const given =
    plan !== undefined && story.fix.rollout?.plan === plan.id
      ? deliver(story.fix, plan, facts, story.now)
      : { events: [], orders: [], because: 'nothing is being delivered' };
  const retiring = retire(story.fix, facts, story.now);
  const events = [...todo.events, ...given.events, ...retiring.events];
  const orders = [...given.orders, ...retiring.orders];
  tell(story, 'fleetfix', ...events);
  toy.orders.push(...orders);
  toy.waiting.push(...orders);
  return { ...given, events, orders };
}

/** Time passes: agents fetch orders, control planes change images, agents report. */
export function pass(toy: Toy, ms: Ms): void {
  const now = wait(toy.story, ms).now;
  for (const order of toy.waiting.splice(0)) {
    if (toy.silent.has(order.managementCluster)) toy.waiting.push(order);
    else carryOut(toy, order);
  }
  for (const [uid, endsAt] of toy.rolling) {
    const plane = toy.truth.get(uid);
    if (plane === undefined || endsAt > now) continue;
    const { cpo } = plane.components as { cpo: RunningComponent };
    const digest = cpo.override ?? cpo.release;
    const { unhealthy: _, ...healthy } = plane;
    const broken = toy.breaks(uid, digest) ? { unhealthy: toy.brokenAs } : {};
    toy.truth.set(uid, { ...healthy, ...broken, components: { cpo: { ...cpo, digest } } });
    toy.rolling.delete(uid);
  }
  report(toy);
}

function report(toy: Toy): void {
  for (const [uid, plane] of toy.truth) {
    if (!toy.silent.has(plane.managementCluster)) toy.seen.set(uid, { ...plane, reportedAt: toy.story.now });
  }
  for (const [uid, plane] of toy.seen) {
    if (!toy.truth.has(uid) && !toy.silent.has(plane.managementCluster)) toy.seen.delete(uid);
  }
}

function carryOut(toy: Toy, order: Order): void {
  const plane = toy.truth.get(order.uid);
  const now = toy.story.now;
  const cpo = plane?.components.cpo;
  const because =
    cpo === undefined
      ? 'gone'
      : order.expiresAt <= now
        ? 'expired'
        : (cpo.override ?? null) !== order.ifOverride
          ? 'another override is in place'
          : undefined;
  if (because !== undefined) {
    toy.refused.push({ order, because });
    return;
  }
  const { override: _, digest: __, ...bare } = cpo!;
  const override = order.action === 'set' ? { override: order.digest! } : {};
  toy.truth.set(order.uid, { ...plane!, components: { cpo: { ...bare, ...override } } });
  toy.rolling.set(order.uid, plus(now, toy.rollMs(order.uid)));
  toy.acts.push({ uid: order.uid, digest: order.digest, at: now });
}

/** Approves a plan by bob and starts it by eve, after a halt with a reason. Throws when core refuses. */
export function launch(toy: Toy, plan: Plan, reason?: string): void {
  toy.plan = plan;
  const facts = toyFacts(toy);
  for (const [who, command] of [
    [BOB, { do: 'approve', plan: plan.id }],
    [EVE, { do: 'start', plan: plan.id, ...(reason !== undefined && { reason }) }],
  ] as const) {
    const decision = act(toy.story, who, command, facts);
    if (!decision.ok) throw new Error(decision.error.detail);
  }
}

export const IMAGE = fixImage('FIX-1', '4.19.1').digest;
export const four = (...clusters: string[]) =>
  ['a', 'b', 'c', 'd'].map((name, i) =>
    planeOf(name, { managementCluster: clusters[i % clusters.length] ?? 'mc-1' }),
  );

export const fleet = (count: number, clusters: number, over: Parameters<typeof planeOf>[1] = {}) =>
  Array.from({ length: count }, (_, i) =>
    planeOf(`cp-${i}`, { managementCluster: `mc-${i % clusters}`, ...over }),
  );
/** Control planes of a release that the plan has no image for: only compared with. */
export const others = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    planeOf(`other-${i}`, { managementCluster: 'mc-9', version: '4.20.1' }),
  );

/** Who is first in the random order of a plan over these. */
export function planFirst(planes: readonly ControlPlane[]): string {
  const { story } = toyOf(planes, { story: proven() });
  return planFor(story.fix, toyFacts(toyOf(planes, { story })), story.now).targets[0]!.uid;
}

/** So many of the plan's order, then the rest. */
export const first = (count: number, soakMs: Ms = 0, approval = false): readonly StageSpec[] => [
  { name: 'first', take: { count }, soakMs, approval },
];

export function delivering(
  planes: readonly ControlPlane[],
  over: Partial<Toy> & { policy?: Partial<Policy> } = {},
): Toy {
  const story = proven();
  const { policy, ...rest } = over;
  const { facts } = toyOf([], { story });
  const toy = toyOf(planes, { story, facts: { ...facts, policy: { ...POLICY, ...policy } }, ...rest });
  launch(toy, planFor(story.fix, toyFacts(toy), story.now));
  return toy;
}

/** Looks, then lets a minute pass, so many times. Returns the types of the events of all looks. */
export function minutes(toy: Toy, count: number): string[] {
  const types: string[] = [];
  for (let i = 0; i < count; i += 1) {
    types.push(...tend(toy).events.map((e) => e.type));
    pass(toy, MINUTE);
  }
  return types;
}
export const says = (toy: Toy, command: Command) => {
  const decision = act(toy.story, EVE, command, toyFacts(toy));
  if (!decision.ok) throw new Error(decision.error.detail);
};
export const states = (toy: Toy) =>
  Object.values(toy.story.fix.rollout!.targets)
    .map((t) => t.state)
    .sort();
export const last = <T extends Event['type']>(toy: Toy, type: T) =>
  toy.story.rows.map((r) => r.event).findLast((e): e is Extract<Event, { type: T }> => e.type === type);
export const nth = (toy: Toy, i: number) => toy.plan!.targets[i]!;
export const truth = (toy: Toy, i: number) => toy.truth.get(nth(toy, i).uid)!.components.cpo!;
export const set = (toy: Toy, i: number, over: Partial<ControlPlane>) => {
  const { uid } = nth(toy, i);
  toy.truth.set(uid, { ...toy.truth.get(uid)!, ...over });
};
