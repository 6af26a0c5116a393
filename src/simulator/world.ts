import { canonical } from '../core/base/hash.ts';
import type { Uid } from '../core/base/ids.ts';
import { epochMs, type Instant, type Ms, plus } from '../core/base/instant.ts';
import type { Report } from '../core/fleet/report.ts';
import type { SignedOrder } from '../core/rollout/order.ts';
import type { Clusters } from '../ports/clusters.ts';
import type { FleetSpec } from './fleet.ts';
import { type Journal, journalPath, memoryJournal, openJournal } from './journal.ts';
import type { Verify } from './pinned-keys.ts';
import { fullReport, isDue, nextLookMs, type PlaneReport, reportPlane, takeReport } from './world-agents.ts';
import { elapse } from './world-behaviour.ts';
import { applyInput, whyImpossible } from './world-inputs.ts';
import {
  type Entry,
  type Fault,
  type Founding,
  type Input,
  LIVELY,
  type Nature,
  type RegisteredImage,
  type Upgrade,
} from './world-spec.ts';
import { type Delivery, foundState, nowOf, type State, type WorldRecord } from './world-state.ts';

/**
 * A fleet that exists only here, behind the port of the real ones. Nothing in it reads a clock or
 * draws from the machine's randomness: the same founding, and the same inputs at the same simulated
 * times, give the same reports.
 *
 * Inputs are kept in the journal before they take effect; each throws when it could not be kept, or
 * when it names a control plane or management cluster there is none of.
 */
export type World = Clusters & {
  now(): Instant;
  /** When a report may next come out. What happens before cannot be seen from outside. */
  nextEventAt(): Instant;
  /** Lets time pass up to and including `at` and waits for the listener after each report. Never goes back. */
  advanceTo(at: Instant): Promise<void>;
  /** Puts an image into the registry all agents pull from. The same again changes nothing. */
  registerImage(image: RegisteredImage): void;
  registerFault(fault: Fault): void;
  upgrade(upgrade: Upgrade): void;
  /** The agent neither reports nor fetches orders for a while; they wait for it. */
  silence(managementCluster: string, forMs: Ms): void;
  /** The agent is started again and says everything it sees; what it remembered besides is lost. */
  crash(managementCluster: string): void;
  /** Its agent cannot see it for a while. */
  lose(uid: Uid, forMs: Ms): void;
  /** It is unhealthy for a while, whatever it runs. */
  sicken(uid: Uid, because: string, forMs: Ms): void;
  /** Its reconciling is paused for a while: levers move, and nothing follows. */
  hold(uid: Uid, forMs: Ms): void;
  /** Deletes it; with `recreate`, one of the same name and another uid takes its place. */
  destroy(uid: Uid, how: { readonly recreate: boolean }): void;
  /** Adds one more control plane. */
  create(): void;
  /** As its agent would report it now, by uid or name; undefined when there is none. */
  plane(uidOrName: string): PlaneReport | undefined;
  /** What every agent would say now if it were asked for everything, silent ones too. By management cluster. */
  survey(): Report[];
  /** What became of each key that was handed over. */
  deliveries(): readonly Readonly<Delivery>[];
  record(): WorldRecord;
  readonly founding: Founding;
  close(): void;
};

export type WorldOptions = {
  readonly fleet: FleetSpec;
  /** When simulated time begins. A world that is opened again keeps its own. */
  readonly epoch: Instant;
  /** Differences from `LIVELY`; `CALM` for a world in which nothing happens by itself. */
  readonly nature?: Partial<Nature>;
  readonly verify: Verify;
  /** Told when the listener rejected a report; the agent says everything again half a minute later. Absent: `advanceTo` throws. */
  readonly trouble?: (error: unknown, report: Report) => void;
};

/**
 * Opens the world kept in a folder, or founds one there. An opened world is as it was at the last
 * moment its journal knows of, with every order it had accepted, and all its agents report in full.
 * Throws when the folder holds another world than the options ask for, or a broken journal.
 */
export function openWorld(dir: string, options: WorldOptions): World {
  const journal = openJournal(journalPath(dir));
  try {
    return createWorld({ ...options, journal });
  } catch (error) {
    journal.close();
    throw error;
  }
}

/** A world of its own; without a journal it ends with the process. */
export function createWorld(options: WorldOptions & { readonly journal?: Journal }): World {
  const journal = options.journal ?? memoryJournal();
  const state = replay(journal, options);
  let listener: ((report: Report) => Promise<unknown>) | undefined;
  let lookedAtMs: Ms | undefined;
  let isAdvancing = false;

  const take = (input: Input): void => {
    const impossible = whyImpossible(state, input);
    if (impossible !== undefined) throw new Error(impossible);
    journal.append({ ...input, at: nowOf(state) });
    applyInput(state, input);
  };

  const lookAll = async (listen: (report: Report) => Promise<unknown>): Promise<void> => {
    journal.mark(nowOf(state));
    // All are taken before the first is sent: what one brings about is for the next look to see.
    const due = [...state.clusters.values()].filter((cluster) => isDue(state, cluster));
    const reports = due.map((cluster) => ({ cluster, report: takeReport(state, cluster) }));
    for (const { cluster, report } of reports) {
      try {
        await listen(report);
      } catch (error) {
        cluster.unsaid.full = true;
        if (options.trouble === undefined) throw error;
        options.trouble(error, report);
      }
    }
  };

  const passTime = async (untilMs: Ms): Promise<void> => {
    while (listener !== undefined && nextLookMs(state, lookedAtMs) <= untilMs) {
      elapse(state, nextLookMs(state, lookedAtMs));
      lookedAtMs = state.nowMs;
      await lookAll(listener);
    }
    elapse(state, untilMs);
    journal.mark(nowOf(state));
  };

  return {
    founding: state.founding,
    now: () => nowOf(state),
    nextEventAt: () => plus(state.founding.epoch, nextLookMs(state, lookedAtMs)),
    async advanceTo(at) {
      const untilMs = epochMs(at) - state.epochMs;
      if (!(untilMs >= state.nowMs))
        throw new RangeError(`time is at ${nowOf(state)} and cannot go to ${at}: it only goes on`);
      if (isAdvancing) throw new Error('time is being advanced already: wait for the first call');
      isAdvancing = true;
      try {
        await passTime(untilMs);
      } finally {
        isAdvancing = false;
      }
    },
    listen(next) {
      listener = next;
      // A new listener knows nothing yet.
      for (const cluster of state.clusters.values()) cluster.unsaid.full = true;
    },
    async deliver(orders) {
      const input = sortOrders(state, orders, options.verify);
      if (input !== undefined) take(input);
    },
    registerImage(image) {
      if (whyImpossible(state, { kind: 'image', image }) === undefined && state.images.has(image.digest))
        return;
      const { digest, component, commit } = image;
      take({ kind: 'image', image: { digest, component, commit } });
    },
    registerFault: (fault) => take({ kind: 'fault', fault }),
    upgrade: (upgrade) => take({ kind: 'upgrade', upgrade }),
    silence: (managementCluster, forMs) => take({ kind: 'silence', managementCluster, forMs }),
    crash: (managementCluster) => take({ kind: 'crash', managementCluster }),
    lose: (uid, forMs) => take({ kind: 'lose', uid, forMs }),
    sicken: (uid, because, forMs) => take({ kind: 'sicken', uid, because, forMs }),
    hold: (uid, forMs) => take({ kind: 'hold', uid, forMs }),
    destroy: (uid, { recreate }) => take({ kind: 'destroy', uid, recreate }),
    create: () => take({ kind: 'create' }),
    plane(uidOrName) {
      const plane = state.planes.get(state.names.get(uidOrName) ?? uidOrName);
      return plane === undefined ? undefined : reportPlane(state, plane);
    },
    survey: () => [...state.clusters.values()].map((cluster) => fullReport(state, cluster)),
    deliveries: () => [...state.deliveries.values()],
    record: () => state.record,
    close: () => journal.close(),
  };
}

/** New keys apart from those that came before, in this call or an earlier one. */
function sortOrders(state: State, orders: readonly SignedOrder[], verify: Verify): Input | undefined {
  const fresh = new Map<string, SignedOrder>();
  const again: { key: string; same: boolean }[] = [];
  for (const order of orders) {
    const known = state.deliveries.get(order.key)?.order ?? fresh.get(order.key);
    if (known === undefined) fresh.set(order.key, { ...order });
    else again.push({ key: order.key, same: canonical(known) === canonical(order) });
  }
  if (orders.length === 0) return undefined;
  const kept = [...fresh.values()];
  return { kind: 'orders', orders: kept, genuine: kept.map(verify), again };
}

/** The state after everything the journal holds; founds a world when it holds nothing. */
function replay(journal: Journal, options: WorldOptions): State {
  const [first, ...entries] = journal.entries;
  if (first === undefined) {
    const founding = {
      epoch: options.epoch,
      fleet: fleetOf(options.fleet),
      nature: { ...LIVELY, ...options.nature },
    };
    const state = foundState(founding);
    journal.append({ kind: 'founded', format: 1, ...founding });
    return state;
  }
  if (first.kind !== 'founded')
    throw new Error(`expected the founding of a world first, found ${first.kind}`);
  refuseOther(first.fleet, options.fleet);
  const { epoch, fleet, nature } = first;
  const state = foundState({ epoch, fleet, nature });
  for (const entry of entries) replayEntry(state, entry);
  return state;
}

function replayEntry(state: State, entry: Entry): void {
  if (entry.kind === 'founded') throw new Error('a world cannot be founded twice: the journal is two in one');
  const { at, ...input } = entry;
  const atMs = epochMs(at) - state.epochMs;
  if (atMs < state.nowMs) throw new Error(`the journal goes back in time from ${nowOf(state)} to ${at}`);
  elapse(state, atMs);
  if (input.kind === 'time') return;
  const impossible = whyImpossible(state, input);
  if (impossible !== undefined)
    throw new Error(`the journal says what cannot have been at ${at}: ${impossible}`);
  applyInput(state, input);
}

/** The fleet's members alone, whatever else the caller's value has: a journal refuses what it does not know. */
function fleetOf(spec: FleetSpec): FleetSpec {
  const { seed, planes, component, managementClusters, regions, customers } = spec;
  const releases = spec.releases.map(({ version, commit, share }) => ({ version, commit, share }));
  return { seed, planes, component, releases, managementClusters, regions, customers };
}

/** Branches move and so may commits; what makes it another world is another seed, size or component. */
function refuseOther(kept: FleetSpec, asked: FleetSpec): void {
  for (const key of ['seed', 'planes', 'component'] as const) {
    if (kept[key] !== asked[key])
      throw new Error(
        `the simulated world was founded with ${key} ${kept[key]}, and ${asked[key]} is asked for: use another folder or the same ${key}`,
      );
  }
}
