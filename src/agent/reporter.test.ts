// Goal: what the hub is told of what an agent sees, and of what it does not see. A mirror that is fed by hand.
import { beforeEach, expect, test } from 'vitest';
import type { Meta } from '../core/hypershift/objects.ts';
import type { Journal } from '../ports/journal.ts';
import { reportSchema } from '../wire/agent.ts';
import { createMirror, type Mirror } from './mirror/mirror.ts';
import type { AgentParts } from './parts.ts';
import { createReporter, type Reporter } from './reporter.ts';

let elapsedMs: number;
let nowMs: number | undefined;
let mirror: Mirror;
let reporter: Reporter;
const settings = {
  managementCluster: 'mc-1',
  region: 'eu',
  sector: 'main',
  components: [{ name: 'cpo', lever: 'annotation', repository: 'quay.example/cpo' }],
  labels: {},
} as const;

const kind = (plural: string) => mirror.kinds.find((k) => k.resource.plural === plural)!;
const hosted = (name: string, more: object = {}) => ({
  metadata: { name, namespace: 'clusters', uid: name } as Meta,
  spec: { release: { image: 'r:4.20.1' } },
  status: { version: { history: [{ state: 'Completed', version: '4.20.1', image: 'r:4.20.1' }] } },
  ...more,
});
const say = (one: ReturnType<typeof hosted>) =>
  kind('hostedclusters').onChanged(kind('hostedclusters').keep(one)!, one.metadata.uid);

beforeEach(() => {
  elapsedMs = 0;
  nowMs = Date.parse('2026-11-21T20:00:00.000Z');
  mirror = createMirror(settings, () => elapsedMs);
  const memories = new Map<string, unknown>();
  const journal = {
    memory: (uid: string) => memories.get(uid),
    remember: async (values: ReadonlyMap<string, unknown>) => {
      for (const [uid, value] of values) memories.set(uid, value);
    },
    unsettled: () => [],
    settle: async () => {},
  } as unknown as Journal;
  const parts = {
    settings,
    mirror,
    journal,
    clock: { heard: () => {}, nowMs: () => nowMs },
    sameImage: (digest) => digest,
    commitOf: () => undefined,
    run: 'run-1',
  } as Partial<AgentParts> as AgentParts;
  reporter = createReporter(parts);
});

const listAll = () => {
  for (const one of mirror.kinds) one.onSynced(new Map());
};
/** Looks, and sends what there is; undefined when there is nothing to say. */
async function sent() {
  const news = await reporter.look();
  if (!reporter.isReady() || !news) return undefined;
  const report = reporter.report();
  await reporter.answered({ taken: true, resync: false });
  return report;
}
const names = (report: Awaited<ReturnType<typeof sent>>) => report?.planes.map((p) => p.name);

test('what somebody wrote into one object does not keep the others from the hub', async () => {
  listAll();
  const long = 'a'.repeat(300);
  say(hosted(long, { metadata: { name: long, namespace: 'clusters', uid: 'a' } }));
  say(hosted('b'));
  const report = await sent();
  expect(reportSchema.safeParse(report).error?.issues).toBeUndefined();
  expect(report?.planes.map((p) => p.uid)).toEqual(['a', 'b']);
});

test('nothing is said before everything was seen once and the hub’s clock is known', async () => {
  say(hosted('a'));
  expect(await sent()).toBeUndefined();
  listAll();
  say(hosted('a'));
  nowMs = undefined;
  expect(await sent()).toBeUndefined();
  nowMs = 0;
  expect(await sent()).toMatchObject({ full: true, number: 1, planes: [{ name: 'a.clusters' }] });
});

test('first all, then what changed, and nothing when nothing did', async () => {
  listAll();
  say(hosted('a'));
  say(hosted('b'));
  expect(names(await sent())).toEqual(['a.clusters', 'b.clusters']);
  say(hosted('b'));
  expect(await sent()).toBeUndefined();
  say(hosted('b', { spec: { release: { image: 'r:4.20.1' }, pausedUntil: 'true' } }));
  const report = await sent();
  expect([report?.full, report?.number, names(report)]).toEqual([undefined, 2, ['b.clusters']]);
  kind('hostedclusters').onGone('a');
  expect(await sent()).toMatchObject({ planes: [], gone: ['a'], number: 3 });
});

test('a report that was not taken is sent again as it was, and what changed since comes after it', async () => {
  listAll();
  say(hosted('a'));
  await reporter.look();
  const first = reporter.report();
  say(hosted('b'));
  await reporter.look();
  expect(reporter.report()).toBe(first);
  await reporter.answered({ taken: true, resync: false });
  expect(names(await sent())).toEqual(['b.clusters']);
  await reporter.look();
  reporter.report();
  await reporter.answered({ taken: false, resync: true });
  const again = await sent();
  expect([again?.full, names(again)]).toEqual([true, ['a.clusters', 'b.clusters']]);
});

test('what cannot be seen is lost, not unchanged, and is told anew once it can be seen again', async () => {
  listAll();
  say(hosted('a'));
  await sent();
  kind('pods').onTrouble('403 pods');
  elapsedMs = 60_000;
  await reporter.look();
  expect(reporter.report()).toMatchObject({ planes: [], gone: [], lost: ['a'] });
  await reporter.answered({ taken: true, resync: false });
  kind('pods').onFollowed();
  expect(await sent()).toMatchObject({ planes: [{ name: 'a.clusters' }], lost: [] });
});

test('a first, full report is not made of what cannot be seen: it would say that all are gone', async () => {
  listAll();
  say(hosted('a'));
  kind('pods').onTrouble('403 pods');
  elapsedMs = 60_000;
  await reporter.look();
  expect(reporter.isReady()).toBe(false);
  kind('pods').onFollowed();
  expect(names(await sent())).toEqual(['a.clusters']);
});

test('what only time changes is told when it does', async () => {
  listAll();
  const until = '2026-11-21T20:10:00.000Z';
  say(hosted('a', { spec: { release: { image: 'r:4.20.1' }, pausedUntil: until } }));
  expect((await sent())?.planes[0]?.paused).toBe(true);
  nowMs! += 5 * 60_000;
  expect(await sent()).toBeUndefined();
  nowMs! += 6 * 60_000;
  expect((await sent())?.planes[0]?.paused).toBeUndefined();
});
