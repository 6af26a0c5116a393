// Goal: what is followed is what there is, whatever happens on the way. A real API server, and something between that
// misbehaves.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Thing } from '../../../test/cluster/api.ts';
import { withCluster } from '../../../test/cluster/testing.ts';
import { connect, type Kube } from './client.ts';
import { inform, type Seen } from './informer.ts';
import { type Between, between } from './testing.ts';

const cluster = withCluster({ identities: [{ user: 'nobody-special' }] });
const RESOURCE = { api: '/api/v1', plural: 'configmaps', labelSelector: 'test=informer' };
const maps = '/api/v1/namespaces/default/configmaps';

let way: Between;
let kube: Kube;
let stop: AbortController;
let following: Promise<void> | undefined;
let known: Map<string, string>;
let troubles: string[];
let lists: number;

beforeEach(async () => {
  way = await between({ url: cluster().url, ca: cluster().ca, token: cluster().tokenOf('admin') });
  kube = connect({ server: way.url, options: async () => ({}) });
  stop = new AbortController();
  known = new Map();
  troubles = [];
  lists = 0;
  following = undefined;
});
afterEach(async () => {
  stop?.abort();
  await following;
  kube?.close();
  await way?.close();
  await cluster()?.admin.ask({ method: 'DELETE', path: `${maps}?labelSelector=test%3Dinformer` });
});

const make = (name: string, value = '1') =>
  cluster().admin.ask({
    method: 'POST',
    path: maps,
    body: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, labels: { test: 'informer' } },
      data: { value },
    },
  });
const set = (name: string, value: string) =>
  cluster().admin.ask({
    method: 'PATCH',
    path: `${maps}/${name}`,
    contentType: 'application/merge-patch+json',
    body: { data: { value } },
  });
const remove = (name: string) => cluster().admin.ask({ method: 'DELETE', path: `${maps}/${name}` });

const textOf = (object: Seen) => {
  const { metadata, data } = object as unknown as Thing;
  return data.value === 'hidden' ? undefined : `${metadata.name}=${data.value}`;
};

function follow(): void {
  following = inform<string>(
    kube,
    RESOURCE,
    {
      keep: textOf,
      random: () => 0,
      onSynced: (all) => {
        lists += 1;
        known = new Map(all);
      },
      onChanged: (text, uid) => void known.set(uid, text),
      onGone: (uid) => void known.delete(uid),
      onTrouble: (because) => void troubles.push(because),
    },
    stop.signal,
  );
}
const seen = () => [...known.values()].sort();
const sees = (...texts: string[]) => expect.poll(seen, { interval: 20 }).toEqual(texts);

describe('what is followed', () => {
  test('is what there was, what comes, what changes and what goes', async () => {
    await make('a');
    await make('b', 'hidden');
    follow();
    await sees('a=1');
    await make('c');
    await set('a', '2');
    await sees('a=2', 'c=1');
    await set('b', 'shown');
    await set('c', 'hidden');
    await sees('a=2', 'b=shown');
    await remove('a');
    await sees('b=shown');
    expect([lists, troubles]).toEqual([1, []]);
  });

  test('is all of it, in pages', async () => {
    const many = Array.from({ length: 1_203 }, (_, i) => `m-${i}`);
    for (let i = 0; i < many.length; i += 100) await Promise.all(many.slice(i, i + 100).map((n) => make(n)));
    follow();
    await expect.poll(() => known.size).toBe(1_203);
    expect(way.asked.filter((r) => !r.watch).length).toBe(3);
  });
});

describe('it goes on by itself', () => {
  test('after watches that are cut, from where it was, without listing again', async () => {
    await make('a');
    follow();
    await sees('a=1');
    for (const value of ['2', '3', '4']) {
      way.cutWatches();
      await set('a', value);
      await sees(`a=${value}`);
    }
    expect(lists).toBe(1);
  });

  test('after 429, 500 and hung up connections, and says so', async () => {
    await make('a');
    const moods = [
      { do: 'answer', status: 429, retryAfter: 0 },
      { do: 'answer', status: 500 },
      { do: 'hang up' },
    ] as const;
    let n = 0;
    way.mood = () => moods[n++];
    follow();
    await sees('a=1');
    expect(troubles.map((t) => t.replace(/.*configmaps: /, ''))).toEqual([
      '429 as the test says',
      '500 as the test says',
      'socket hang up',
    ]);
  });

  test('with a new list after 410, and what went meanwhile is gone', async () => {
    await make('a');
    await make('b');
    follow();
    await sees('a=1', 'b=1');
    // Seen by a watch, so there is one to cut.
    await set('b', '1.5');
    await sees('a=1', 'b=1.5');
    way.mood = ({ watch }) => (watch ? { do: 'answer', status: 410 } : undefined);
    way.cutWatches();
    await remove('a');
    await sees('b=1.5');
    way.mood = () => undefined;
    await set('b', '2');
    await sees('b=2');
    expect(lists).toBeGreaterThan(1);
  });

  test('after the API server was away', async () => {
    await make('a');
    follow();
    await sees('a=1');
    await cluster().apiServer.stop({ signal: 'SIGKILL' });
    await cluster().apiServer.start();
    await set('a', '2');
    await sees('a=2');
  });
});

test('who may not list is told why, and asks seldom', async () => {
  const { token, ca, url } = {
    token: cluster().tokenOf('nobody-special'),
    ca: cluster().ca,
    url: cluster().url,
  };
  await way.close();
  way = await between({ url, ca, token });
  kube.close();
  kube = connect({ server: way.url, options: async () => ({}) });
  follow();
  await expect.poll(() => troubles.length).toBe(4);
  expect(troubles[0]).toMatch(/^GET \/api\/v1\/configmaps: 403 .*cannot list resource "configmaps"/);
  expect(way.asked.length).toBe(4);
});
