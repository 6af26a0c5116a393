import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { State } from '../core/life/fix.ts';
import { STATES } from '../core/life/fix.ts';
import { TARGET_STATES, type TargetState } from '../core/rollout/observed.ts';

/** Counts read from the projections when somebody scrapes. States left out are 0. */
export type MetricFacts = {
  readonly fixes: Readonly<Partial<Record<State, number>>>;
  readonly targets: Readonly<Partial<Record<TargetState, number>>>;
};

/** What the hub measures about itself. No label ever holds text of a person. */
export type Metrics = {
  /** `route` is the template (`/api/fixes/{id}`), never the path asked for. */
  requestEnded(request: RequestMeasure): void;
  streamOpened(): void;
  streamClosed(): void;
  /** Counts events this hub has appended. `type` is a member of `Event['type']`. */
  eventsAppended(type: string, count?: number): void;
  loopRan(run: { readonly loop: string; readonly outcome: 'ok' | 'failed'; readonly seconds: number }): void;
  /** Prometheus text and its content type. */
  text(): Promise<{ readonly type: string; readonly body: string }>;
};

export type RequestMeasure = {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
};

/**
 * A registry of its own, so that two hubs in one process do not share counts. `facts` is asked once a
 * scrape; when it fails the counts are left out, `fleetfix_facts_up` says 0, and the scrape succeeds.
 */
export function createMetrics(input: {
  readonly version: string;
  readonly facts?: () => Promise<MetricFacts>;
}): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the head of its answer, by route template',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  const streams = new Gauge({
    name: 'fleetfix_event_streams',
    help: 'Open streams of events',
    registers: [registry],
  });
  const events = new Counter({
    name: 'fleetfix_ledger_events_total',
    help: 'Events this hub has appended to the ledger, by type',
    labelNames: ['type'],
    registers: [registry],
  });
  const build = new Gauge({
    name: 'fleetfix_build_info',
    help: 'Always 1; the label holds the version',
    labelNames: ['version'],
    registers: [registry],
  });
  build.set({ version: input.version }, 1);
  const loopRan = loopMetrics(registry);
  const refresh = factMetrics(registry, input.facts);

  return {
    requestEnded: ({ method, route, status, seconds }) =>
      requests.observe({ method, route, status: String(status) }, seconds),
    streamOpened: () => streams.inc(),
    streamClosed: () => streams.dec(),
    eventsAppended: (type, count = 1) => events.inc({ type }, count),
    loopRan,
    async text() {
      await refresh();
      return { type: registry.contentType, body: await registry.metrics() };
    },
  };
}

function loopMetrics(registry: Registry): Metrics['loopRan'] {
  const seconds = new Histogram({
    name: 'fleetfix_loop_duration_seconds',
    help: 'Time of one run of a loop, by loop and outcome',
    labelNames: ['loop', 'outcome'],
    buckets: [0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120, 600],
    registers: [registry],
  });
  const lastGood = new Gauge({
    name: 'fleetfix_loop_last_success_timestamp_seconds',
    help: 'When a loop last ended well, in seconds since the Unix epoch',
    labelNames: ['loop'],
    registers: [registry],
  });
  return (run) => {
    seconds.observe({ loop: run.loop, outcome: run.outcome }, run.seconds);
    if (run.outcome === 'ok') lastGood.setToCurrentTime({ loop: run.loop });
  };
}

function factMetrics(registry: Registry, facts: (() => Promise<MetricFacts>) | undefined) {
  const byState = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: ['state'], registers: [registry] });
  const fixes = byState('fleetfix_fixes', 'Fixes, by state');
  const targets = byState('fleetfix_rollout_targets', 'Targets of rollouts that have not ended, by state');
  const up = new Gauge({
    name: 'fleetfix_facts_up',
    help: '1 when the counts of fixes and targets could be read for this scrape',
    registers: [registry],
  });

  return async () => {
    fixes.reset();
    targets.reset();
    const read = await facts?.().catch(() => undefined);
    up.set(read ? 1 : 0);
    if (!read) return;
    for (const state of STATES) fixes.set({ state }, read.fixes[state] ?? 0);
    for (const state of TARGET_STATES) targets.set({ state }, read.targets[state] ?? 0);
  };
}
