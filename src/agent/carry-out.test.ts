// Goal: an order is carried out once, however often it is handed out and whatever gets lost on the way. A mirror that lags behind
// for good, and an API server that says when it was written to.
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { clusterWith, NEW, OLD, PAYLOAD, podsOf, SETTINGS, workloadsOf } from '../core/hypershift/testing.ts';
import type { SignedOrder } from '../core/rollout/order.ts';
import type { Journal, JournalEntry } from '../ports/journal.ts';
import type { KubeAnswer, KubePatch, KubeWriter } from '../ports/kube.ts';
import { carryOut } from './carry-out.ts';
import { createMirror } from './mirror/mirror.ts';
import type { AgentParts } from './parts.ts';
import { createProbes } from './probes/probes.ts';

const NOW_MS = Date.parse('2026-08-22T12:00:00.000Z');
const AWAY: KubeAnswer = { outcome: 'away', because: 'socket hang up' };
const { signal } = new AbortController();

let there: ReturnType<typeof clusterWith>;
/** Writes that were carried out, and what was asked for, in order. */
let written: KubePatch[];
let asked: string[];
/** What becomes of the next questions: carried out and answered, unless it says otherwise. */
let fates: ('answer lost' | 'not arrived' | 'somebody came in between')[];
let parts: AgentParts;
let journal: Journal;

const take = (patch: KubePatch): KubeAnswer => {
  if (!patch.dryRun) written.push(patch);
  const { annotations } = patch.object.metadata as { annotations: Record<string, string> };
  if (!patch.dryRun) there = { ...there, metadata: { ...there.metadata, annotations } };
  return { outcome: 'done', object: there };
};
const writer: KubeWriter = {
  async patch(patch) {
    asked.push(patch.dryRun ? 'dry run' : 'write');
    const fate = fates.shift();
    if (fate === 'somebody came in between') return { outcome: 'conflict', because: '409' };
    if (fate === 'not arrived') return AWAY;
    const answer = take(patch);
    return fate === 'answer lost' ? AWAY : answer;
  },
  async get() {
    asked.push('read');
    return fates.shift() === undefined ? { outcome: 'done', object: there } : AWAY;
  },
};

function journalInMemory(): Journal {
  const entries = new Map<string, JournalEntry>();
  const sequences = new Map<string, number>();
  return {
    entry: (key) => entries.get(key),
    sequenceOf: (uid) => sequences.get(uid) ?? 0,
    async write(entry) {
      entries.set(entry.key, entry);
      if (entry.state !== 'begun') sequences.set(entry.uid, entry.sequence);
    },
    unsettled: () => [...entries.values()].filter(({ state }) => state !== 'begun'),
    settle: async (keys) => {
      for (const key of keys) entries.delete(key);
    },
    memory: () => undefined,
    remember: async () => {},
    close: async () => {},
  };
}

const order: SignedOrder = {
  key: 'FIX-1/uid-1/7',
  fix: 'FIX-1',
  uid: 'uid-1',
  name: 'hc1.ocm-prod-abc',
  managementCluster: SETTINGS.managementCluster,
  component: 'control-plane-operator',
  action: 'set',
  digest: NEW,
  ifOverride: null,
  expiresAt: '2100-01-01T00:00:00.000Z',
  sequence: 7,
  keyId: 'k',
  signature: 's',
} as SignedOrder;

afterEach(() => void vi.useRealTimers());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  written = [];
  asked = [];
  fates = [];
  there = clusterWith();
  const mirror = createMirror(SETTINGS, () => 0);
  const workloads = workloadsOf({ operator: `${PAYLOAD}@${OLD}` });
  const of: Record<string, readonly { readonly metadata: { readonly uid: string } }[]> = {
    hostedclusters: [there],
    deployments: workloads.filter(({ kind }) => kind === 'Deployment'),
    statefulsets: workloads.filter(({ kind }) => kind === 'StatefulSet'),
    pods: podsOf(workloads),
  };
  for (const { resource, keep, onSynced } of mirror.kinds)
    onSynced(new Map((of[resource.plural] ?? []).map((one) => [one.metadata.uid, keep(one)!])));
  journal = journalInMemory();
  parts = {
    settings: SETTINGS,
    mirror,
    journal,
    writer,
    clock: { heard: () => {}, nowMs: () => NOW_MS },
    isGenuine: () => true,
    sameImage: (digest) => digest,
    log: pino({ level: 'silent' }),
  } as Partial<AgentParts> as AgentParts;
});

async function carriedOut(rehearse = false): Promise<void> {
  const task = carryOut(parts, order, {
    rehearse,
    probes: createProbes(parts, signal),
    signal,
    giveUp: signal,
  });
  let ended = false;
  const end = task.finally(() => {
    ended = true;
  });
  // It waits longer and longer between its tries.
  while (!ended) await vi.advanceTimersByTimeAsync(1_000);
  await end;
}
const state = () => journal.entry(order.key)?.state;

describe('one order is one write', () => {
  test('when all goes well', async () => {
    await carriedOut(true);
    expect([state(), written.length, asked]).toEqual(['done', 1, ['dry run', 'write']]);
  });

  test('when the answer is lost: what is there tells that it was done', async () => {
    fates = ['answer lost'];
    await carriedOut();
    expect([state(), written.length, asked]).toEqual(['done', 1, ['write', 'read']]);
  });

  test('when the answer is lost and the server cannot be read for a while: nothing is written before it can', async () => {
    fates = ['answer lost', 'not arrived', 'not arrived'];
    await carriedOut();
    expect([state(), written.length, asked]).toEqual(['done', 1, ['write', 'read', 'read', 'read']]);
  });

  test('when the answer is lost and somebody takes it back meanwhile, who may have a reason: it is not put in place again', async () => {
    fates = ['answer lost', 'not arrived'];
    const { get } = writer;
    parts = { ...parts, writer: { ...writer, get: async (...of) => takenBack(await get(...of)) } };
    await carriedOut();
    expect([state(), written.length, asked]).toEqual(['done', 1, ['write', 'read', 'read']]);
  });

  test('when it never arrived: it is written once it can be', async () => {
    fates = ['not arrived', 'not arrived'];
    await carriedOut();
    expect([state(), written.length, asked]).toEqual(['done', 1, ['write', 'read', 'read', 'write']]);
  });

  test('when somebody came in between: it is written on what he wrote', async () => {
    fates = ['somebody came in between'];
    await carriedOut();
    expect([state(), written.length, asked]).toEqual(['done', 1, ['write', 'read', 'write']]);
  });

  test('when the dry run is lost', async () => {
    fates = ['answer lost'];
    await carriedOut(true);
    expect([state(), written.length, asked]).toEqual(['done', 1, ['dry run', 'read', 'dry run', 'write']]);
  });

  test('when it is handed out again, before the hub knows, after it knows, and when what is followed still lags behind', async () => {
    await carriedOut();
    await carriedOut();
    await journal.settle([order.key]);
    await carriedOut();
    expect([state(), written.length, asked]).toEqual(['done', 1, ['write']]);
  });
});

/** The lever alone: the mark beside it stays. */
function takenBack(answer: KubeAnswer): KubeAnswer {
  if (answer.outcome !== 'done') return answer;
  const object = answer.object as typeof there;
  const { 'fleetfix.dev/applied': mark } = object.metadata.annotations ?? {};
  return {
    ...answer,
    object: { ...object, metadata: { ...object.metadata, annotations: { 'fleetfix.dev/applied': mark! } } },
  };
}
