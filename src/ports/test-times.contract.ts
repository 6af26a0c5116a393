import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TEST_SECONDS_MAX, type TestTime, TIMES_KEPT, type TimedTest } from '../core/select/test-times.ts';
import type { TestTimes, TimedRun } from './test-times.ts';

export type OpenTestTimes = { readonly testTimes: TestTimes; close(): Promise<void> };

const minute = (n: number) => `2026-11-21T20:${String(n).padStart(2, '0')}:00.000Z`;
const timed = (name: string, seconds = 1, more: Partial<TestTime> = {}): TestTime => ({
  suites: ['leases'],
  file: 'test/leases.test.mjs',
  classname: 'test',
  name,
  seconds,
  result: 'passed',
  ...more,
});
export const timedRun = (tests: readonly TestTime[], more: Partial<TimedRun> = {}): TimedRun => ({
  component: 'lease-operator',
  fix: 'FIX-1',
  line: '4.20.3',
  gate: 'bvt',
  digest: `sha256:${'a'.repeat(64)}`,
  attempt: 0,
  at: minute(0),
  tests,
  ...more,
});

/** What keeps the times of tests promises (ports/test-times.ts). `open` gives an empty one that keeps so many tests. */
export function testTimesContract(name: string, open: (testsKept: number) => Promise<OpenTestTimes>) {
  describe(`the times of tests of ${name}`, () => {
    let store: OpenTestTimes;
    beforeEach(async () => {
      store = await open(5);
    });
    afterEach(() => store.close());

    const record = (tests: readonly TestTime[], more: Partial<TimedRun> = {}) =>
      store.testTimes.record(timedRun(tests, more));
    const all = async (component = 'lease-operator'): Promise<readonly TimedTest[]> =>
      (await store.testTimes.page(component, { by: 'slowest', limit: 100 })).items;
    const names = async (by: 'slowest' | 'failing') =>
      (await store.testTimes.page('lease-operator', { by, limit: 100 })).items.map((one) => one.name);

    test('a test keeps its names, the middle of its times, and how its runs ended, latest first', async () => {
      const odd = timed('a "b" \\ {c,d} \u{1f41b}', 0.1, { suites: ['x', 'null', ''], classname: '' });
      await record([odd]);
      await record([{ ...odd, seconds: 0.4, result: 'failed' }], { attempt: 1, at: minute(1) });
      await record([{ ...odd, seconds: 0.2, result: 'flaky' }], { attempt: 2, at: minute(2) });
      const [found] = await all();
      const { seconds: _, result: __, ...named } = odd;
      expect(found).toStrictEqual({
        ...named,
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        seconds: 0.2,
        runs: 3,
        failed: 1,
        flaky: 1,
        seenAt: minute(2),
        last: [
          { run: expect.any(Number), seconds: 0.2, result: 'flaky' },
          { run: expect.any(Number), seconds: 0.4, result: 'failed' },
          { run: expect.any(Number), seconds: 0.1, result: 'passed' },
        ],
      });
      expect(new Set(found!.last.map(({ run }) => run)).size).toBe(3);
    });

    test('tests of one run share its number', async () => {
      await record([timed('a'), timed('b')]);
      const [a, b] = await all();
      expect(a!.last[0]!.run).toBe(b!.last[0]!.run);
    });

    test('a run that is told again, also with other times and at once, counts once', async () => {
      await Promise.all([1, 2, 3, 4].map((seconds) => record([timed('a', seconds)])));
      await record([timed('a', 9), timed('b')]);
      expect(await all()).toMatchObject([{ name: 'a', runs: 1 }]);
      for (const other of [
        { fix: 'FIX-2' },
        { line: '4.21' },
        { gate: 'unit' },
        { digest: `sha256:${'b'.repeat(64)}` },
        { attempt: 1 },
      ] satisfies Partial<TimedRun>[])
        await record([timed('a')], other);
      expect(await all()).toMatchObject([{ name: 'a', runs: 6 }]);
    });

    test('the same test twice in one run is one, as long as both and as bad as the worse', async () => {
      await record([timed('a', 1), timed('a', 2, { result: 'flaky' }), timed('a', 4)]);
      expect(await all()).toMatchObject([{ seconds: 7, runs: 1, flaky: 1, failed: 0 }]);
    });

    test('no time is longer than a test can take, also of several together', async () => {
      await record([timed('a', Number.POSITIVE_INFINITY), timed('b', 1e308), timed('b', 1e308)]);
      const { items, next } = await store.testTimes.page('lease-operator', { by: 'slowest', limit: 1 });
      const rest = await store.testTimes.page('lease-operator', { by: 'slowest', limit: 1, after: next! });
      expect([...items, ...rest.items].map(({ seconds }) => seconds)).toEqual([
        TEST_SECONDS_MAX,
        TEST_SECONDS_MAX,
      ]);
    });

    test.each(['slowest', 'failing', 'id'] as const)(
      'a page by %s begins nowhere else than at next',
      async (by) => {
        for (const after of ['1e999', '1e-999', 'x', ''].map((rank) => `${rank}~${'a'.repeat(32)}`))
          await expect(store.testTimes.page('lease-operator', { by, limit: 1, after })).rejects.toThrow(
            'expected what a page before gave as next',
          );
      },
    );

    test(`the latest ${TIMES_KEPT} runs of a test are kept`, async () => {
      for (let n = 0; n < TIMES_KEPT + 3; n += 1)
        await record([timed('a', n, { result: n < 3 ? 'failed' : 'passed' })], { attempt: n });
      const [found] = await all();
      expect(found).toMatchObject({ runs: TIMES_KEPT, failed: 0 });
      expect(found!.last.map(({ seconds }) => seconds)).toEqual(
        Array.from({ length: TIMES_KEPT }, (_, n) => TIMES_KEPT + 2 - n),
      );
    });

    test('of more tests than are kept those go that were not seen for longest; other components lose none', async () => {
      await record(
        ['other'].map((one) => timed(one)),
        { component: 'other' },
      );
      await record(
        ['a', 'b', 'c'].map((one) => timed(one)),
        { attempt: 1, at: minute(1) },
      );
      await record(
        ['a', 'd', 'e'].map((one) => timed(one)),
        { attempt: 2, at: minute(2) },
      );
      expect((await names('slowest')).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
      await record(
        ['f', 'c'].map((one) => timed(one)),
        { attempt: 3, at: minute(3) },
      );
      expect((await names('slowest')).sort()).toEqual(['a', 'c', 'd', 'e', 'f']);
      await record(
        ['g'].map((one) => timed(one)),
        { attempt: 3, at: minute(4) },
      );
      expect((await names('slowest')).sort()).toEqual(['a', 'c', 'd', 'e', 'f']);
      await record(
        [1, 2, 3, 4, 5, 6, 7].map((n) => timed(`n${n}`)),
        { attempt: 4, at: minute(5) },
      );
      expect(await names('slowest')).toHaveLength(5);
      expect(await all('other')).toHaveLength(1);
    });

    test('the slowest and those that fail most come first', async () => {
      const failed = { result: 'failed' } as const;
      await record([
        timed('a', 5),
        timed('b', 9),
        timed('c', 1, { result: 'flaky' }),
        timed('d', 0.5, failed),
      ]);
      expect(await names('slowest')).toEqual(['b', 'a', 'c', 'd']);
      expect((await names('failing')).slice(0, 2)).toEqual(['d', 'c']);
    });

    test.each(['slowest', 'failing', 'id'] as const)(
      'pages by %s follow each other, also where tests are alike',
      async (by) => {
        await record([
          timed('a', 0.1),
          timed('b', 0.1),
          timed('c', 1e-9),
          timed('d', 123_456.789),
          timed('e', 0.1),
        ]);
        const found: string[] = [];
        let after: string | undefined;
        do {
          const page = await store.testTimes.page('lease-operator', {
            by,
            limit: 2,
            ...(after !== undefined && { after }),
          });
          expect(page.total).toBe(5);
          expect(page.items.length).toBeGreaterThan(0);
          found.push(...page.items.map((one) => one.name));
          after = page.next;
        } while (after !== undefined);
        expect(found).toHaveLength(5);
        expect(new Set(found).size).toBe(5);
      },
    );

    test('of a component that nothing was told of there are none', async () => {
      expect(await store.testTimes.page('other', { by: 'slowest', limit: 10 })).toStrictEqual({
        items: [],
        total: 0,
      });
    });

    test('a run whose tests cannot be kept leaves nothing, and is still to be told', async () => {
      await expect(record([timed('a'), timed('b\0')])).rejects.toThrow('U+0000');
      expect(await all()).toEqual([]);
      await record([timed('a')]);
      expect(await all()).toHaveLength(1);
    });
  });
}
