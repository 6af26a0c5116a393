import { pino } from 'pino';
import type { FixId } from '../../core/base/ids.ts';
import type { Instant } from '../../core/base/instant.ts';
import { createApi } from '../../hub/api/app.ts';
import type { Api } from '../../hub/api/context.ts';
import { createHub, type Hub } from '../../hub/hub.ts';
import { createMetrics } from '../../hub/metrics.ts';
import type { Parts } from '../../hub/parts.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Clusters } from '../../ports/clusters.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { Signer } from '../../ports/signer.ts';
import type { Config } from '../../wire/config.ts';
import { createMemoryJobs } from './memory/jobs.ts';
import type { HubStorage } from './memory/storage.ts';
import type { Remembered } from './remembered.ts';
import type { Life, Turnstile } from './turnstile.ts';
import type { Workshop } from './workshop.ts';

/** A hub process of a trial: the real hub and its API over gated ports, until it stops or is killed. */
export type HubLife = {
  readonly life: Life;
  readonly hub: Hub;
  readonly app: Api;
  /** Rejects with `Killed` when it dies; what was asked of it is never answered. */
  readonly died: Promise<never>;
  /** Abandons it where it stands, without any clean-up. */
  kill(): void;
};

export class Killed extends Error {
  override name = 'Killed';
}

export type Surroundings = {
  readonly config: Config;
  readonly clock: Clock;
  readonly storage: HubStorage;
  /** Whether a fix may have events after that version. */
  readonly hasNews: Remembered['hasNews'];
  readonly clusters: Clusters;
  readonly workshop: Workshop;
  readonly signer: Signer;
  readonly turnstile: Turnstile;
  readonly onImage: NonNullable<Parts['onImage']>;
  /** Told of jobs that failed; the hub tries them again. */
  readonly troubled: (problem: unknown) => void;
};

const VERSION = '0.0.0-trial';
const LOG = pino({ level: 'silent' });
/** One for all: nobody scrapes it, and a registry is dear to make. */
const METRICS = createMetrics({ version: VERSION });

export function bearHub(name: string, around: Surroundings): HubLife {
  const life: Life = { name, isDead: false };
  const death = Promise.withResolvers<never>();
  // Whoever waits hears of it; that nobody does is no fault.
  death.promise.catch(() => {});
  const clock = mortal(around.clock, life);
  const parts: Parts = {
    ...gatedPorts(around, life),
    clusters: reached(around, life, death.promise),
    config: around.config,
    signer: around.signer,
    logs: around.workshop.logs,
    clock,
    jobs: createMemoryJobs(clock, (_queue, _job, problem) => around.troubled(problem)),
    layout: '/nowhere',
    log: LOG,
    metrics: METRICS,
    stepped: true,
    onImage: (image) => around.turnstile.pass(life, 'registry.tell', () => around.onImage(image)),
  };
  const hub = createHub(parts);
  const app = createApi({
    desk: hub.desk,
    feed: parts.ledger,
    ready: async () => [],
    metrics: METRICS,
    log: LOG,
    version: VERSION,
    now: (): Instant => clock.now(),
  });
  return {
    life,
    hub,
    app,
    died: death.promise,
    kill() {
      if (life.isDead) return;
      life.isDead = true;
      death.reject(new Killed(`${name} was killed`));
    },
  };
}

/** Its wake-ups end with it. */
const mortal = (clock: Clock, life: Life): Clock => ({
  now: () => clock.now(),
  at: (at, wake) => clock.at(at, () => (life.isDead ? undefined : wake())),
});

/** Who reports to it learns that it died; the report is not received then. */
function reached({ clusters, turnstile }: Surroundings, life: Life, died: Promise<never>): Clusters {
  return {
    ...turnstile.gated(life, 'clusters', clusters, ['deliver']),
    listen: (listener) => clusters.listen((report) => Promise.race([listener(report), died])),
  };
}

function gatedPorts({ storage, workshop, turnstile, hasNews }: Surroundings, life: Life) {
  const { gated } = turnstile;
  const { repositories } = workshop;
  const ledger: Ledger = gated(life, 'ledger', storage.ledger, [
    'nextFixId',
    'events',
    'since',
    'head',
    'append',
    'answered',
  ]);
  return {
    ledger: {
      ...ledger,
      // A hub asks so for every fix there ever was whenever it looks at one: it needs no turn to hear of nothing.
      events: async (fix: FixId, after = 0) =>
        life.isDead || hasNews(fix, after) ? ledger.events(fix, after) : [],
    },
    outbox: gated(life, 'outbox', storage.outbox, ['pending', 'accepted']),
    plans: gated(life, 'plans', storage.plans, ['keep', 'find']),
    fixes: gated(life, 'fixes', storage.fixes, ['list']),
    fleet: gated(life, 'fleet', storage.fleet, ['report', 'planes', 'plane', 'images', 'agents']),
    people: gated(life, 'people', storage.people, ['byToken', 'issue', 'list']),
    repositories: {
      open: async (location: string) => {
        const opened = await turnstile.pass(life, 'repositories.open', () => repositories.open(location));
        return gated(life, 'repository', opened, ['resolve', 'assemble', 'publish', 'checkout', 'describe']);
      },
    },
    // These take simulated time: to hold the turnstile all the while would stop everybody else.
    builder: workshop.builder,
    gates: workshop.gates,
  };
}
