// Goal: whoever finds no times of tests learns what is missing, a report or a run. Method: configurations as a hub reads them.
import { expect, test } from 'vitest';
import type { TestTimes } from '../../ports/test-times.ts';
import { gateSchema } from '../../wire/config.ts';
import type { Parts } from '../parts.ts';
import { createTestTimesDesk } from './test-times.ts';

const component = (name: string, gates: readonly object[]) => ({
  name,
  gates: gates.map((gate) => gateSchema.parse(gate)),
});
const config = {
  components: [
    component('lease', [
      { name: 'unit', command: ['make', 'unit'], junit: 'report.xml' },
      { name: 'lint', command: ['make', 'lint'] },
      { name: 'shown', check: 'own-test', command: ['make', 'unit'], junit: 'report.xml' },
    ]),
    component('operator', [
      { name: 'lint', command: ['make', 'lint'] },
      { name: 'qe', attest: 'qe' },
    ]),
  ],
} as unknown as Parts['config'];
const keeps = (total: number): TestTimes => ({
  record: () => Promise.reject(new Error('nothing is run here')),
  page: async () => ({ items: [], total }),
});
const query = { by: 'slowest', limit: 10 } as const;

test.each([
  ['lease', 'no run of the gates of lease that name a report (unit, shown) has told of a test yet'],
  ['operator', 'no gate of operator names a report (junit), so none tells of its tests'],
])('of %s no times are known, and why is said', async (name, because) => {
  const desk = createTestTimesDesk({ testTimes: keeps(0), config });
  expect(await desk.testTimes(name, query)).toEqual({ ok: true, value: { items: [], total: 0, because } });
});

test('a hub that keeps none says so, and an empty page behind the last one has nothing to explain', async () => {
  expect(await createTestTimesDesk({ config }).testTimes('lease', query)).toMatchObject({
    value: { because: 'this hub keeps no times of tests' },
  });
  const { testTimes } = createTestTimesDesk({ testTimes: keeps(3), config });
  expect(await testTimes('lease', query)).toEqual({ ok: true, value: { items: [], total: 3 } });
});

test('a component that is not configured is not found', async () => {
  expect(await createTestTimesDesk({ testTimes: keeps(0), config }).testTimes('other', query)).toMatchObject({
    ok: false,
    error: { code: 'not-found', detail: expect.stringContaining('there are lease, operator') },
  });
});
