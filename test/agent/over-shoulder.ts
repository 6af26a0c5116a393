// A hub that an agent's tests look over the shoulder of: it takes reports as the real one does, and hands out orders.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { openJournal } from '../../src/adapters/journal/index.ts';
import { connect } from '../../src/adapters/kubernetes/client.ts';
import { inform } from '../../src/adapters/kubernetes/informer.ts';
import { writerOn } from '../../src/adapters/kubernetes/writer.ts';
import { openSigner } from '../../src/adapters/signer/index.ts';
import { verifyOrder } from '../../src/adapters/signer/verify.ts';
import { runAgent } from '../../src/agent/agent.ts';
import { createHubClock } from '../../src/agent/hub-clock.ts';
import { createMirror } from '../../src/agent/mirror/mirror.ts';
import { pause } from '../../src/agent/pause.ts';
import type { Digest } from '../../src/core/base/ids.ts';
import { HOUR, instantOf } from '../../src/core/base/instant.ts';
import type { ReportedPlane } from '../../src/core/hypershift/inventory.ts';
import { FIELD_MANAGER } from '../../src/core/hypershift/objects.ts';
import { PROBE_MANAGER } from '../../src/core/hypershift/probe.ts';
import type { AgentSettings } from '../../src/core/hypershift/settings.ts';
import type { Order, SignedOrder } from '../../src/core/rollout/order.ts';
import type { Link } from '../../src/ports/link.ts';
import type { WireReport } from '../../src/wire/agent.ts';

export type OverShoulder = {
  readonly link: Link;
  readonly reports: WireReport[];
  /** What the hub believes, by name. */
  readonly planes: Map<string, ReportedPlane>;
  readonly refused: Map<string, string>;
  readonly settled: Set<string>;
  /** Hands an order out until it is settled; returns it. */
  order(plane: ReportedPlane, over: Partial<Order> & { readonly digest?: Digest }): SignedOrder;
  /** Hands out what was signed elsewhere, or altered. */
  handOut(order: SignedOrder): void;
  sign(order: Order): SignedOrder;
  isGenuine(order: SignedOrder): boolean;
  /** The hub's clock is ahead of the machine's by so much. */
  aheadMs: number;
  /** Questions fail; `lost`: they are taken, and the answer does not arrive. */
  mood: 'up' | 'down' | 'lost';
  close(): void;
};

export function overShoulder(managementCluster: string): OverShoulder {
  const dir = mkdtempSync(join(tmpdir(), 'agent-hub-'));
  const signer = openSigner({ dir });
  const waiting = new Map<string, SignedOrder>();
  const lastOf = new Map<string, number>();
  let sequence = 1;
  const fail = () => {
    if (it.mood === 'down') throw new Error('the hub is down');
  };
  const now = () => instantOf(Date.now() + it.aheadMs);
  const take = (report: WireReport) => {
    it.reports.push(structuredClone(report));
    const last = lastOf.get(report.run);
    if (last !== undefined && report.number <= last) return { taken: true, resync: false };
    if (last === undefined && !report.full) return { taken: false, resync: true };
    lastOf.set(report.run, report.number);
    if (report.full) it.planes.clear();
    for (const plane of report.planes) it.planes.set(plane.name, plane);
    for (const uid of report.gone)
      for (const [name, plane] of it.planes) if (plane.uid === uid) it.planes.delete(name);
    for (const { key, because } of report.refused) it.refused.set(key, because);
    for (const key of report.settled) {
      it.settled.add(key);
      waiting.delete(key);
    }
    return { taken: true, resync: false };
  };
  const it: OverShoulder = {
    reports: [],
    planes: new Map(),
    refused: new Map(),
    settled: new Set(),
    aheadMs: 0,
    mood: 'up',
    link: {
      async report(report) {
        fail();
        const answer = { ...take(report), now: now() };
        if (it.mood === 'lost') throw new Error('the answer was lost');
        return answer;
      },
      async orders(waitMs, signal) {
        fail();
        for (let waited = 0; waited < waitMs && waiting.size === 0 && !signal.aborted; waited += 25)
          await pause(25, signal);
        fail();
        return { orders: [...waiting.values()], now: now() };
      },
    },
    order(plane, over) {
      sequence += 1;
      const component = over.component ?? Object.keys(plane.components)[0]!;
      const signed = signer.sign({
        key: `FIX-1/${plane.uid}/${sequence}`,
        fix: 'FIX-1',
        uid: plane.uid,
        name: plane.name,
        managementCluster,
        component,
        action: 'set',
        ifOverride: plane.components[component]?.override ?? null,
        expiresAt: instantOf(Date.now() + it.aheadMs + HOUR),
        sequence,
        ...over,
      });
      waiting.set(signed.key, signed);
      return signed;
    },
    handOut: (order) => void waiting.set(order.key, order),
    sign: (order) => signer.sign(order),
    isGenuine: (order) => order.keyId === signer.keyId && verifyOrder(signer.publicKey, order),
    close: () => rmSync(dir, { recursive: true, force: true }),
  };
  return it;
}

/** Signs as a hub nobody trusts. */
export function strangersKey(order: SignedOrder): SignedOrder {
  const dir = mkdtempSync(join(tmpdir(), 'stranger-'));
  try {
    const { keyId: _, signature: __, ...said } = order;
    return openSigner({ dir }).sign(said);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

export type RunningAgent = {
  /** Ends it as a person would, and waits for it. */
  stop(): Promise<void>;
};

/** An agent as `fleetfix agent run` puts it together, but for the way to the hub. */
export async function startAgent(it: {
  readonly hub: OverShoulder;
  readonly server: string;
  readonly ca?: string;
  readonly token?: string;
  readonly settings: AgentSettings;
  readonly dir: string;
  readonly sameImage?: (digest: Digest) => Digest;
}): Promise<RunningAgent> {
  const stop = new AbortController();
  const kube = connect({
    server: it.server,
    options: async () => ({
      ...(it.ca !== undefined && { ca: it.ca }),
      ...(it.token !== undefined && { headers: { authorization: `Bearer ${it.token}` } }),
    }),
  });
  const journal = await openJournal(join(it.dir, 'journal.jsonl'));
  const running = runAgent(
    {
      settings: it.settings,
      link: it.hub.link,
      writer: writerOn(kube, FIELD_MANAGER),
      poolWriter: writerOn(kube, PROBE_MANAGER),
      follow: (kind, signal) => inform(kube, kind.resource, kind, signal),
      mirror: createMirror(it.settings, () => performance.now()),
      journal,
      clock: createHubClock(() => performance.now()),
      isGenuine: it.hub.isGenuine,
      sameImage: it.sameImage ?? ((digest) => digest),
      commitOf: () => undefined,
      log: pino({ level: process.env.FLEETFIX_LOG ?? 'silent' }),
      run: crypto.randomUUID(),
      reportEveryMs: 1_000,
    },
    stop.signal,
  );
  return {
    async stop() {
      stop.abort();
      await running;
      await journal.close();
      kube.close();
    },
  };
}
