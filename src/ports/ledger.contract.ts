import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hashOf } from '../core/base/hash.ts';
import type { Digest, FixId } from '../core/base/ids.ts';
import { verifyChain } from '../core/life/chain.ts';
import type { Event } from '../core/life/event.ts';
import { paceOf, USUAL } from '../core/pace/pace.ts';
import type { SignedOrder } from '../core/rollout/order.ts';
import type { Plan, PlanBody } from '../core/rollout/plan.ts';
import type { Fleet } from './fleet.ts';
import type { Append, Fixes, Ledger, Outbox, Plans } from './ledger.ts';
import { Unstorable } from './storage.ts';

/** Two openings of one empty store, as two hubs have them. */
export type OpenLedger = {
  readonly hubs: readonly [LedgerPorts, LedgerPorts];
  close(): Promise<void>;
};
export type LedgerPorts = {
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly plans: Plans;
  readonly fixes: Fixes;
  readonly fleet: Pick<Fleet, 'images'>;
};

export const AT = '2026-11-21T20:31:07.123Z';

export const declared = (reason = 'customers lose data'): Event => ({
  type: 'Declared',
  title: 'Stop the leak',
  severity: 'critical',
  reason,
  change: { kind: 'commits', commits: ['a'.repeat(40)] },
  component: 'control-plane-operator',
  policy: 'default',
});

/** An append of one declaration, with anything changed. */
export function write(changes: Partial<Append> = {}): Append {
  const fix = changes.fix ?? 'FIX-1';
  return {
    fix,
    expectedVersion: 0,
    events: [declared()],
    at: AT,
    author: 'ana',
    surface: 'cli',
    seen: 0,
    orders: [],
    images: [],
    summary: {
      id: fix,
      title: 'Stop the leak',
      severity: 'critical',
      state: 'declared',
      component: 'control-plane-operator',
      author: 'ana',
      declaredAt: AT,
    },
    ...changes,
  };
}

const paused = (reason: string): Event => ({ type: 'Paused', reason });
const digest = (hex: string): Digest => `sha256:${hex.repeat(64)}`;

export const order = (sequence: number): SignedOrder => ({
  key: `FIX-1/uid-1/${sequence}`,
  fix: 'FIX-1',
  uid: 'uid-1',
  name: 'cp-1',
  managementCluster: 'mc-1',
  component: 'control-plane-operator',
  action: 'set',
  digest: digest('b'),
  ifOverride: null,
  expiresAt: '2026-11-21T21:31:07.000Z',
  sequence,
  keyId: 'hub-1',
  signature: 'c2lnbmVk',
});

const answer = (key: string, body = 'a'.repeat(64)) => ({
  key,
  actor: 'ana',
  body,
  status: 201,
  answer: { fix: 'FIX-1', did: ['declared'] },
  at: AT,
});

function planOf(changes: Partial<PlanBody> = {}): Plan {
  const body: PlanBody = {
    fix: 'FIX-1',
    policy: 'default',
    at: AT,
    validUntil: '2026-11-21T21:31:07.123Z',
    targets: [],
    leftOut: [],
    controls: [],
    stages: [{ name: 'all', size: 0, soakMs: 600_000, approval: false }],
    pace: paceOf({ ...USUAL, harmBudget: 12 }),
    urgency: { burning: 0, hazardPerHour: 0, computedBudget: 12, because: 'none burn' },
    limits: {
      unknownMax: 0,
      convergeWithinMs: 1_200_000,
      silentAfterMs: 600_000,
    },
    ...changes,
  };
  const hash = hashOf(body);
  return { ...body, id: `P-${hash.slice(0, 8)}`, hash };
}

/** What every store of the ledger promises (ports/ledger.ts). `open` gives an empty one each time. */
export function ledgerContract(name: string, open: () => Promise<OpenLedger>) {
  describe(`the ledger of ${name}`, () => {
    let store: OpenLedger;
    let hub: LedgerPorts;
    let other: LedgerPorts;
    beforeEach(async () => {
      store = await open();
      [hub, other] = store.hubs;
    });
    afterEach(() => store.close());

    describe('an append', () => {
      test('is read back as it was returned, by every hub', async () => {
        const done = await hub.ledger.append(
          write({ events: [declared(), paused('wait'), paused('wait more')] }),
        );
        if (done.outcome !== 'appended') throw new Error(done.outcome);
        expect(done.recorded.map((row) => row.version)).toEqual([1, 2, 3]);
        expect(await other.ledger.events('FIX-1')).toEqual(done.recorded);
        expect(await other.ledger.since(0, 100)).toEqual(done.recorded);
        expect(await other.ledger.head()).toBe(done.recorded[2]!.seq);
      });

      test('decided on an older version is refused as moved, and changes nothing', async () => {
        await hub.ledger.append(write());
        const images = [
          { digest: digest('b'), component: 'c', commit: 'd'.repeat(40), fixes: ['FIX-1' as const] },
        ];
        const again = write({ orders: [order(1)], images, answer: answer('k-2') });
        expect(await other.ledger.append(again)).toEqual({ outcome: 'moved', version: 1 });
        expect(await other.ledger.append({ ...again, expectedVersion: 7 })).toEqual({
          outcome: 'moved',
          version: 1,
        });
        expect(await hub.ledger.events('FIX-1')).toHaveLength(1);
        expect(await hub.outbox.pending(10)).toEqual([]);
        expect(await hub.fleet.images()).toEqual([]);
        expect(await hub.ledger.answered('k-2', 'ana')).toBeUndefined();
      });

      test('writes events, orders, images, summary and answer together', async () => {
        const image = {
          digest: digest('b'),
          component: 'c',
          commit: 'd'.repeat(40),
          fixes: ['FIX-1' as const],
        };
        const both = write({ orders: [order(1), order(2)], images: [image], answer: answer('k-1') });
        await hub.ledger.append(both);
        expect(await other.outbox.pending(10)).toEqual([order(1), order(2)]);
        expect(await other.fleet.images()).toEqual([image]);
        expect(await other.fixes.list({})).toEqual([both.summary]);
        expect(await other.ledger.answered('k-1', 'ana')).toEqual(answer('k-1'));
      });

      test('with an order key that was used before is refused whole', async () => {
        await hub.ledger.append(write({ orders: [order(1)] }));
        const again = write({ expectedVersion: 1, events: [paused('x')], orders: [order(2), order(1)] });
        await expect(hub.ledger.append(again)).rejects.toThrow(/FIX-1\/uid-1\/1/);
        expect(await hub.ledger.events('FIX-1')).toHaveLength(1);
        expect(await hub.outbox.pending(10)).toEqual([order(1)]);
      });

      test('tells every hub, and a listener that has stopped no more', async () => {
        const heard: string[] = [];
        const stop = other.ledger.onAppend((fix, seq) => heard.push(`${fix} ${seq}`));
        const first = await heardOnce(other.ledger, () => hub.ledger.append(write()));
        stop();
        const second = await heardOnce(other.ledger, () => hub.ledger.append(write({ fix: 'FIX-2' })));
        expect(second.fix).toBe('FIX-2');
        expect(second.seq).toBe(await hub.ledger.head());
        expect(heard).toEqual([`${first.fix} ${first.seq}`]);
      });
    });

    describe('the chain', () => {
      test('verifies after the trip through the store, whatever is in the events', async () => {
        const texts = ['', 'ü€𝄞 \u2028 "\\u0000" \\ \n', 'x'.repeat(100_000), '{"a":1}', '\u007f\uffff'];
        const odd = {
          'z y': [[], [{}], null, true],
          ключ: { b: -0, a: [0.1, 1e21, 5e-324, 1.7976931348623157e308] },
        };
        const numbers = { n: 9_007_199_254_740_991, m: -9_007_199_254_740_991, tiny: 1e-7, ...odd };
        const events = texts.map((text) => ({ ...paused(text), extra: numbers, __proto__x: text }));
        await hub.ledger.append(write({ events: [declared('ü'), ...events] }));
        await other.ledger.append(write({ expectedVersion: 6, events: [paused('last')] }));
        expect(verifyChain(await other.ledger.events('FIX-1'))).toEqual({ verified: true, events: 7 });
      });

      test('members that are undefined are as if they were not there', async () => {
        const event = { ...declared(), incident: undefined } as unknown as Event;
        const done = await hub.ledger.append(write({ events: [event] }));
        expect(done).toMatchObject({ outcome: 'appended' });
        const [row] = await hub.ledger.events('FIX-1');
        expect(row!.event).toStrictEqual(declared());
        expect(verifyChain([row!])).toMatchObject({ verified: true });
      });

      test.each([
        ['the character U+0000', paused('a\0b'), /event Paused\.reason holds the character U\+0000/],
        ['half a surrogate pair', paused('a\ud800b'), /event Paused\.reason holds half of a surrogate/],
        [
          'a number that is none',
          { ...paused('x'), n: Number.NaN } as unknown as Event,
          /event Paused .*NaN/,
        ],
      ])(
        'an event with %s is refused with its place, and nothing is written',
        async (_what, event, message) => {
          const refused = hub.ledger.append(write({ events: [declared(), event] }));
          await expect(refused).rejects.toThrow(Unstorable);
          await expect(refused).rejects.toThrow(message);
          expect(await hub.ledger.head()).toBe(0);
        },
      );

      test('a time in another spelling is refused, since its hash would not verify', async () => {
        const refused = hub.ledger.append(write({ at: '2026-11-21T20:31:07Z' }));
        await expect(refused).rejects.toThrow(/expected the form/);
      });
    });

    describe('two hubs at once', () => {
      test('of 200 appends racing for the versions of one fix each version is taken once, and the chain verifies', async () => {
        await hub.ledger.append(write());
        const race = async (mine: LedgerPorts, n: number) => {
          for (let expectedVersion = 1; ; ) {
            const done = await mine.ledger.append(write({ expectedVersion, events: [paused(`${n}`)] }));
            if (done.outcome === 'appended') return done.recorded[0]!.version;
            if (done.outcome !== 'moved') throw new Error(done.outcome);
            expectedVersion = done.version;
          }
        };
        const runners = Array.from({ length: 20 }, async (_, lane) => {
          const versions: number[] = [];
          for (let i = 0; i < 10; i++) versions.push(await race(lane % 2 === 0 ? hub : other, lane * 10 + i));
          return versions;
        });
        const versions = (await Promise.all(runners)).flat().sort((a, b) => a - b);
        expect(versions).toEqual(Array.from({ length: 200 }, (_, i) => i + 2));
        const rows = await hub.ledger.events('FIX-1');
        expect(verifyChain(rows)).toEqual({ verified: true, events: 201 });
      });

      test('of 200 appends on one version at the same moment one is taken', async () => {
        const writes = Array.from({ length: 200 }, (_, i) =>
          (i % 2 === 0 ? hub : other).ledger.append(write()),
        );
        const outcomes = (await Promise.all(writes)).map((done) => done.outcome);
        expect(outcomes.filter((outcome) => outcome === 'appended')).toHaveLength(1);
        expect(outcomes.filter((outcome) => outcome === 'moved')).toHaveLength(199);
        expect(await hub.ledger.events('FIX-1')).toHaveLength(1);
      });

      test('one idempotency key used twice at once is one append and one stored answer', async () => {
        const both = await Promise.all([
          hub.ledger.append(write({ answer: answer('k-1', 'first') })),
          other.ledger.append(write({ answer: answer('k-1', 'second') })),
        ]);
        const stored = await hub.ledger.answered('k-1', 'ana');
        expect(both.map((done) => done.outcome).sort()).toEqual(['answered', 'appended']);
        expect(both.find((done) => done.outcome === 'answered')).toEqual({ outcome: 'answered', stored });
        expect(await hub.ledger.events('FIX-1')).toHaveLength(1);
      });

      test('a number for a new fix that two took is given to one, and the other is told it moved', async () => {
        const [mine, theirs] = await Promise.all([hub.ledger.nextFixId(), other.ledger.nextFixId()]);
        expect([mine, theirs]).toEqual(['FIX-1', 'FIX-1']);
        const [a, b] = [await hub.ledger.append(write()), await other.ledger.append(write())];
        expect([a.outcome, b.outcome]).toEqual(['appended', 'moved']);
        expect(await other.ledger.nextFixId()).toBe('FIX-2');
      });

      test('whoever reads past the last sequence seen misses no event', async () => {
        const seen: number[] = [];
        const fixes = Array.from({ length: 30 }, (_, i): FixId => `FIX-${i + 1}`);
        let writing = true;
        const read = (async () => {
          for (let last = false; !last; ) {
            last = !writing;
            for (const row of await other.ledger.since(seen.at(-1) ?? 0, 1_000)) seen.push(row.seq);
          }
        })();
        await Promise.all(
          fixes.map((fix) => hub.ledger.append(write({ fix, events: [declared(), paused('x')] }))),
        );
        writing = false;
        await read;
        expect(seen).toEqual((await hub.ledger.since(0, 1_000)).map((row) => row.seq));
        expect(seen).toHaveLength(60);
      });
    });

    describe('reading', () => {
      test('an unknown fix has no events, and an empty ledger has head 0', async () => {
        expect(await hub.ledger.events('FIX-9')).toEqual([]);
        expect(await hub.ledger.head()).toBe(0);
        expect(await hub.ledger.nextFixId()).toBe('FIX-1');
      });

      test('starts after a version or a sequence, stops at the limit, and keeps to one fix when asked', async () => {
        await hub.ledger.append(write({ events: [declared(), paused('1'), paused('2')] }));
        await hub.ledger.append(write({ fix: 'FIX-2' }));
        expect((await hub.ledger.events('FIX-1', 1)).map((row) => row.version)).toEqual([2, 3]);
        const all = await hub.ledger.since(0, 100);
        expect(await hub.ledger.since(all[0]!.seq, 2)).toEqual(all.slice(1, 3));
        expect(await hub.ledger.since(all[0]!.seq, 100, 'FIX-2')).toEqual(all.slice(3));
      });

      test('numbers go on after 9 as numbers do', async () => {
        for (let n = 1; n <= 11; n++) await hub.ledger.append(write({ fix: `FIX-${n}` }));
        expect(await hub.ledger.nextFixId()).toBe('FIX-12');
        expect((await hub.fixes.list({})).map((row) => row.id).at(-1)).toBe('FIX-11');
      });

      test('an answer belongs to its key and its person', async () => {
        await hub.ledger.append(write({ answer: answer('k-1') }));
        expect(await hub.ledger.answered('k-1', 'ben')).toBeUndefined();
        expect(await hub.ledger.answered('k-2', 'ana')).toBeUndefined();
      });
    });

    test('the list of fixes holds each as its last append left it, open or ended', async () => {
      const closed = { ...write().summary, state: 'closed' as const };
      await hub.ledger.append(write());
      await hub.ledger.append(write({ fix: 'FIX-2' }));
      await hub.ledger.append(
        write({ expectedVersion: 1, events: [{ type: 'Closed', as: 'done' }], summary: closed }),
      );
      expect((await hub.fixes.list({})).map((row) => [row.id, row.state])).toEqual([
        ['FIX-1', 'closed'],
        ['FIX-2', 'declared'],
      ]);
      expect((await hub.fixes.list({ open: true })).map((row) => row.id)).toEqual(['FIX-2']);
      expect((await hub.fixes.list({ open: false })).map((row) => row.id)).toEqual(['FIX-1']);
    });

    test('orders stay pending, oldest first, until they are accepted, and accepting twice is once', async () => {
      await hub.ledger.append(write({ orders: [order(2), order(1), order(3)] }));
      expect((await hub.outbox.pending(2)).map((o) => o.sequence)).toEqual([2, 1]);
      await other.outbox.accepted([order(2).key, 'FIX-1/unknown/1'], AT);
      await other.outbox.accepted([order(2).key], AT);
      await other.outbox.accepted([], AT);
      expect(await hub.outbox.pending(10)).toEqual([order(1), order(3)]);
    });

    describe('plans', () => {
      test('are found by id as they were kept, and keeping one twice is once', async () => {
        const plan = planOf();
        await hub.plans.keep(plan);
        await other.plans.keep(plan);
        expect(await other.plans.find(plan.id)).toEqual(plan);
        expect(await hub.plans.find('P-00000000')).toBeUndefined();
      });

      test('that do not match their hash are not kept', async () => {
        const plan = { ...planOf(), policy: 'another' };
        await expect(hub.plans.keep(plan)).rejects.toThrow(/does not match its hash/);
        expect(await hub.plans.find(plan.id)).toBeUndefined();
      });

      test('never share an id', async () => {
        const [plan, second] = [planOf(), planOf({ policy: 'another' })];
        await hub.plans.keep(plan);
        await expect(hub.plans.keep({ ...second, id: plan.id })).rejects.toThrow(/taken by another plan/);
        expect(await hub.plans.find(plan.id)).toEqual(plan);
      });
    });
  });
}

/** Does the act and waits until the ledger tells of it. */
async function heardOnce(ledger: Ledger, act: () => Promise<unknown>): Promise<{ fix: FixId; seq: number }> {
  const heard = Promise.withResolvers<{ fix: FixId; seq: number }>();
  const stop = ledger.onAppend((fix, seq) => heard.resolve({ fix, seq }));
  await act();
  return heard.promise.finally(stop);
}
