import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

const NAMES = [
  'http_request_duration_seconds',
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'fleetfix_build_info',
  'fleetfix_event_streams',
  'fleetfix_facts_up',
  'fleetfix_fixes',
  'fleetfix_ledger_events_total',
  'fleetfix_loop_duration_seconds',
  'fleetfix_loop_last_success_timestamp_seconds',
  'fleetfix_rollout_targets',
];

test('every measure that is promised is there, with help', async () => {
  const { body, type } = await createMetrics({ version: '1.2.3' }).text();
  expect(type).toMatch(/^text\/plain/);
  for (const name of NAMES) expect(body).toMatch(new RegExp(`^# HELP ${name} \\S`, 'm'));
});

test('names keep the conventions: ours begin with fleetfix, counters end in total, units are base units', async () => {
  const { body } = await createMetrics({ version: '1.2.3' }).text();
  const types = [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, kind]) => ({ name: name!, kind }));
  for (const { name, kind } of types.filter(({ name }) => name.startsWith('fleetfix_'))) {
    expect(name.endsWith('_total')).toBe(kind === 'counter');
    expect(name).not.toMatch(/(_ms|_millis|_minutes|_kb|_mb|_percent)(_|$)/);
    if (kind === 'histogram') expect(name).toMatch(/_seconds$/);
  }
});

test('fixes and targets are counted by state, and states without any are 0', async () => {
  const metrics = createMetrics({
    version: '1',
    facts: async () => ({ fixes: { delivering: 2 }, targets: { patched: 210, failed: 1 } }),
  });
  const { body } = await metrics.text();
  expect(body).toContain('fleetfix_fixes{state="delivering"} 2');
  expect(body).toContain('fleetfix_fixes{state="closed"} 0');
  expect(body).toContain('fleetfix_rollout_targets{state="patched"} 210');
  expect(body).toContain('fleetfix_rollout_targets{state="rolled back"} 0');
  expect(body).toContain('fleetfix_facts_up 1');
});

test('counts that cannot be read are left out, not kept from before, and the scrape succeeds', async () => {
  let down = false;
  const facts = async () => {
    if (down) throw new Error('no database');
    return { fixes: { delivering: 2 }, targets: {} };
  };
  const metrics = createMetrics({ version: '1', facts });
  expect((await metrics.text()).body).toContain('fleetfix_fixes{state="delivering"} 2');
  down = true;
  const { body } = await metrics.text();
  expect(body).not.toContain('fleetfix_fixes{');
  expect(body).toContain('fleetfix_facts_up 0');
});

test('a loop that fails has no success', async () => {
  const metrics = createMetrics({ version: '1' });
  metrics.loopRan({ loop: 'rollout', outcome: 'failed', seconds: 0.2 });
  metrics.loopRan({ loop: 'build', outcome: 'ok', seconds: 3 });
  const { body } = await metrics.text();
  expect(body).toContain('fleetfix_loop_duration_seconds_count{loop="rollout",outcome="failed"} 1');
  expect(body).toMatch(/fleetfix_loop_last_success_timestamp_seconds\{loop="build"\} \d/);
  expect(body).not.toContain('fleetfix_loop_last_success_timestamp_seconds{loop="rollout"}');
});

test('two hubs in one process count apart', async () => {
  const [one, two] = [createMetrics({ version: '1' }), createMetrics({ version: '1' })];
  one.eventsAppended('Paused', 3);
  expect((await one.text()).body).toContain('fleetfix_ledger_events_total{type="Paused"} 3');
  expect((await two.text()).body).not.toContain('type="Paused"');
});
