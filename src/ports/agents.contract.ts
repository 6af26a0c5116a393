import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SignedOrder } from '../core/rollout/order.ts';
import type { Agents } from './agents.ts';
import { order } from './ledger.contract.ts';

export type OpenAgents = {
  readonly agents: Agents;
  /** Writes orders, as an append does. */
  ordered(orders: readonly SignedOrder[]): Promise<void>;
  /** Everything that is kept, as text. */
  everything(): Promise<string>;
  close(): Promise<void>;
};

const minute = (n: number) => `2026-11-21T20:${String(n).padStart(2, '0')}:00.000Z`;

/** What keeps agents promises (ports/agents.ts). `open` gives an empty one each time. */
export function agentsContract(name: string, open: () => Promise<OpenAgents>) {
  describe(`the agents of ${name}`, () => {
    let store: OpenAgents;
    let agents: Agents;
    beforeEach(async () => {
      store = await open();
      agents = store.agents;
    });
    afterEach(() => store.close());

    const enrol = (token: string, changes: Partial<Parameters<Agents['enrol']>[0]> = {}) =>
      agents.enrol({ token, managementCluster: 'mc-1', publicKey: 'key-1', at: minute(1), ...changes });
    const enrolled = async (managementCluster: string, publicKey = 'key-1') =>
      (await enrol(await agents.invite(managementCluster, minute(30)), { managementCluster, publicKey }))!;

    describe('enrolment', () => {
      test('makes the holder of a token the agent of its management cluster', async () => {
        const agent = await enrolled('mc-1');
        const row = { agent, managementCluster: 'mc-1', publicKey: 'key-1', enrolledAt: minute(1) };
        expect(await agents.find(agent)).toStrictEqual(row);
        expect(await agents.list()).toStrictEqual([row]);
      });

      test('keeps no token, used or not', async () => {
        const [used, unused] = [
          await agents.invite('mc-1', minute(30)),
          await agents.invite('mc-2', minute(30)),
        ];
        expect(used).not.toBe(unused);
        expect(await enrol(used)).toBeDefined();
        const text = await store.everything();
        expect(text).toContain('mc-2');
        expect(text).not.toContain(used);
        expect(text).not.toContain(unused);
      });

      test('takes no token that is unknown, over, or of another management cluster, and uses none up so', async () => {
        const token = await agents.invite('mc-1', minute(30));
        expect(await enrol('ffa_nobody')).toBeUndefined();
        expect(await enrol(token, { at: minute(30) })).toBeUndefined();
        expect(await enrol(token, { managementCluster: 'mc-2' })).toBeUndefined();
        expect(await agents.list()).toEqual([]);
        expect(await enrol(token, { at: minute(29) })).toBeDefined();
      });

      test('with the same token and key again gives the same agent, even later than the token lasted', async () => {
        const token = await agents.invite('mc-1', minute(30));
        const agent = await enrol(token);
        expect(await enrol(token)).toBe(agent);
        expect(await enrol(token, { at: minute(50) })).toBe(agent);
        expect((await agents.list()).map((row) => row.enrolledAt)).toEqual([minute(1)]);
      });

      test('takes a used token with no other key and for no other management cluster', async () => {
        const token = await agents.invite('mc-1', minute(30));
        const agent = await enrol(token);
        expect(await enrol(token, { publicKey: 'key-2' })).toBeUndefined();
        expect(await enrol(token, { managementCluster: 'mc-2' })).toBeUndefined();
        expect((await agents.list()).map((row) => row.agent)).toEqual([agent]);
      });

      test('at the same time, with one token, makes one agent', async () => {
        const token = await agents.invite('mc-1', minute(30));
        const same = await Promise.all([1, 2, 3, 4].map(() => enrol(token)));
        expect(new Set(same).size).toBe(1);
        const other = await agents.invite('mc-1', minute(30));
        const keys = ['a', 'b', 'c', 'd'].map((publicKey) => enrol(other, { publicKey }));
        expect((await Promise.all(keys)).filter((agent) => agent !== undefined)).toHaveLength(1);
        expect(await agents.list()).toHaveLength(1);
      });

      test('voids an earlier unused token of the same management cluster', async () => {
        const first = await agents.invite('mc-1', minute(30));
        const second = await agents.invite('mc-1', minute(30));
        expect(await enrol(first)).toBeUndefined();
        expect(await enrol(second)).toBeDefined();
      });

      test('anew revokes the earlier agent of that management cluster, and no other', async () => {
        const elsewhere = await enrolled('mc-2');
        const before = await enrolled('mc-1');
        const after = await enrolled('mc-1', 'key-2');
        expect(after).not.toBe(before);
        expect(await agents.find(before)).toBeUndefined();
        expect((await agents.list()).map((row) => row.agent)).toEqual([after, elsewhere]);
      });
    });

    describe('a revoked agent', () => {
      test('is found no more, and its token does not bring it back', async () => {
        const token = await agents.invite('mc-1', minute(30));
        const agent = (await enrol(token))!;
        expect(await agents.revoke(agent)).toBe(true);
        expect(await agents.find(agent)).toBeUndefined();
        expect(await agents.list()).toEqual([]);
        expect(await enrol(token)).toBeUndefined();
        expect(await agents.revoke(agent)).toBe(true);
      });

      test('must have been one', async () => {
        await enrolled('mc-1');
        expect(await agents.revoke('agent-000000000000')).toBe(false);
        expect(await agents.list()).toHaveLength(1);
        expect(await agents.find('agent-000000000000')).toBeUndefined();
        expect(await agents.find('nobody')).toBeUndefined();
      });
    });

    describe('what waits for an agent', () => {
      const waiting = async (managementCluster: string, at: number, limit = 10) =>
        (await agents.waiting(managementCluster, minute(at), limit)).map((it) => it.key);
      const key = (n: number) => order(n).key;
      const until = (n: number, end: number, managementCluster = 'mc-1'): SignedOrder => ({
        ...order(n),
        managementCluster,
        expiresAt: minute(end),
      });

      test('is every order of its management cluster, as it was signed, in the order they were decided', async () => {
        const all = [until(3, 50), until(1, 40), until(2, 45)];
        await store.ordered(all);
        await store.ordered([until(4, 50, 'mc-2')]);
        expect(await agents.waiting('mc-1', minute(1), 10)).toStrictEqual(all);
        expect(await waiting('mc-1', 1, 2)).toEqual([key(3), key(1)]);
        expect(await waiting('mc-2', 1)).toEqual([key(4)]);
        expect(await waiting('mc-3', 1)).toEqual([]);
      });

      test('ends with its order', async () => {
        await store.ordered([until(1, 40), until(2, 45)]);
        expect(await waiting('mc-1', 39)).toEqual([key(1), key(2)]);
        expect(await waiting('mc-1', 40)).toEqual([key(2)]);
        expect(await waiting('mc-1', 45)).toEqual([]);
      });

      test('is handed over until it is settled, by its own management cluster', async () => {
        await store.ordered([until(1, 50), until(2, 50), until(3, 50)]);
        expect(await waiting('mc-1', 1)).toEqual([key(1), key(2), key(3)]);
        await agents.settle('mc-2', [key(1)], minute(2));
        await agents.settle('mc-1', [], minute(2));
        expect(await waiting('mc-1', 2)).toEqual([key(1), key(2), key(3)]);
        await agents.settle('mc-1', [key(2), 'FIX-9/unheard-of/1', key(2)], minute(2));
        await agents.settle('mc-1', [key(2)], minute(3));
        expect(await waiting('mc-1', 3)).toEqual([key(1), key(3)]);
      });

      test('is known by its management clusters, without asking each', async () => {
        await store.ordered([until(1, 50), until(2, 50)]);
        await store.ordered([until(3, 40, 'mc-2')]);
        await store.ordered([until(4, 50, 'mc-3')]);
        await agents.settle('mc-3', [key(4)], minute(1));
        expect(await agents.awaited(minute(39))).toEqual(['mc-1', 'mc-2']);
        expect(await agents.awaited(minute(40))).toEqual(['mc-1']);
      });

      test('is known as its own, settled or not', async () => {
        await store.ordered([until(1, 50), until(2, 50)]);
        await store.ordered([until(3, 50, 'mc-2')]);
        await agents.settle('mc-1', [key(1)], minute(2));
        const own = await agents.ordered('mc-1', [key(1), key(2), key(3), 'FIX-9/unheard-of/1']);
        expect(own.sort()).toEqual([key(1), key(2)]);
        expect(await agents.ordered('mc-1', [])).toEqual([]);
      });
    });
  });
}
