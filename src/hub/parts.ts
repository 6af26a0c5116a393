import type { Logger } from 'pino';
import type { ImageQuestion } from '../core/proof/image-policy.ts';
import type { Agents } from '../ports/agents.ts';
import type { Attempts } from '../ports/attempts.ts';
import type { Builder, GateRunner } from '../ports/builder.ts';
import type { Clock } from '../ports/clock.ts';
import type { Clusters } from '../ports/clusters.ts';
import type { Fleet } from '../ports/fleet.ts';
import type { Fixes, Ledger, Outbox, Plans } from '../ports/ledger.ts';
import type { Links } from '../ports/links.ts';
import type { Logs } from '../ports/logs.ts';
import type { People } from '../ports/people.ts';
import type { Registry, RegistryReach } from '../ports/registry.ts';
import type { Repositories } from '../ports/repository.ts';
import type { Signer } from '../ports/signer.ts';
import type { Templates } from '../ports/templates.ts';
import type { TestTimes } from '../ports/test-times.ts';
import type { Trees } from '../ports/trees.ts';
import type { Config } from '../wire/config.ts';
import type { Duties } from './duties.ts';
import type { Jobs } from './jobs.ts';
import type { Metrics } from './metrics.ts';

/** Registries, for gates that look at images. */
export type GateRegistry = {
  /** The signal ends every look. */
  readonly open: (reach: RegistryReach, signal: AbortSignal) => Registry;
  /** What a gate of a component asks, with its keys as they were at the start. */
  readonly questionOf: (component: string, gate: string) => ImageQuestion;
};

/** Everything a hub is made of. main.ts names the adapters; nothing else does. */
export type Parts = {
  readonly config: Config;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly plans: Plans;
  readonly fixes: Fixes;
  readonly fleet: Fleet;
  readonly people: People;
  /** How long tests took. Absent: nothing is kept of it. */
  readonly testTimes?: TestTimes;
  /** Who may speak for the management clusters. Absent over a simulated fleet, which needs nobody's leave. */
  readonly agents?: Agents;
  readonly clusters: Clusters;
  readonly repositories: Repositories;
  /** Reads trees of a repository's own copy, by its git directory. Absent: no tests are selected. */
  readonly trees?: (gitDir: string) => Promise<Trees>;
  /** What texts are made by. Absent: only templates that come with the request. */
  readonly templates?: Templates;
  readonly builder: Builder;
  readonly gates: GateRunner;
  /** Counts what ends the hub. Absent: nothing is counted. */
  readonly attempts?: Attempts;
  /** Who is on duty; absent where no roster is configured. */
  readonly duties?: Duties;
  /** Absent where no gate looks at images. */
  readonly registry?: GateRegistry;
  /** Looks at what people show for closing checklists. Absent: at nothing. */
  readonly links?: Links;
  readonly signer: Signer;
  readonly logs: Logs;
  readonly clock: Clock;
  readonly jobs: Jobs;
  /** Folder of the OCI image layout that builds write to. */
  readonly layout: string;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'eventsAppended' | 'loopRan'>;
  /** Time moves only when somebody asks whether the hub has settled: reports are acted on then, all at once. */
  readonly stepped?: boolean;
  /** Tells what runs images that one was built; a real registry needs no telling. */
  readonly onImage?: (image: {
    readonly digest: `sha256:${string}`;
    readonly component: string;
    readonly commit: string;
  }) => Promise<void>;
};
