import type { Digest } from '../../core/base/ids.ts';
import type { Instant } from '../../core/base/instant.ts';
import type { Recorded } from '../../core/life/event.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Clusters } from '../../ports/clusters.ts';
import { StorageDown } from '../../ports/storage.ts';
import { ANSWER_CHECKS } from './check-answers.ts';
import { misprojected } from './check-end.ts';
import { neverWritten, WRITE_CHECKS } from './check-orders.ts';
import { ROW_CHECKS, type Terms } from './check-rows.ts';
import { Killed } from './hub-life.ts';
import type { HubStorage } from './memory/storage.ts';
import type { Call } from './people.ts';
import { endStep, newStory, type Story, tellReport, tellRow, tellWritten, type Written } from './story.ts';

/** The first thing that must never be and was. */
export type Failure = {
  readonly at: Instant;
  readonly invariant: string;
  readonly finding: string;
  /** The last events before it, oldest first, and the one that broke it. */
  readonly last: readonly string[];
};

/** Sees everything that passes between hubs and the world, tells the story, and checks it as it goes. */
export type Watch = {
  readonly story: Story;
  over(storage: HubStorage): HubStorage;
  overClusters(clusters: Clusters): Clusters;
  answered(call: Call): void;
  /** A fault that a hub must live with: it is fine when it comes from outside. */
  troubled(problem: unknown): void;
  /** Something of the trial itself went wrong. */
  broke(what: string, problem: unknown): void;
  findings(invariant: string, found: readonly string[]): void;
  isBuilt(digest: Digest): boolean;
  endStep(input: { readonly storage: HubStorage; readonly isAway: boolean }): Promise<void>;
  failure(): Failure | undefined;
};

const LAST_ROWS = 12;

export function createWatch({ clock, terms }: { readonly clock: Clock; readonly terms: Terms }): Watch {
  const story = newStory();
  let failure: Failure | undefined;
  let isWritten = false;

  const findings = (invariant: string, found: readonly string[], row?: Recorded) => {
    if (failure !== undefined || found.length === 0) return;
    failure = {
      at: clock.now(),
      invariant,
      finding: found[0]!,
      last: [...story.rows.slice(-LAST_ROWS), ...(row ? [row] : [])].map(brief),
    };
  };

  const wrote = (written: Written) => {
    isWritten = true;
    for (const row of written.rows) {
      for (const [name, check] of Object.entries(ROW_CHECKS))
        findings(name, check(row, story, terms, written), row);
      tellRow(story, row);
    }
    for (const [name, check] of Object.entries(WRITE_CHECKS)) findings(name, check(written, story, terms));
    tellWritten(story, written);
  };

  return {
    story,
    findings,
    failure: () => failure,
    isBuilt: (digest) => story.images.has(digest),
    over(storage) {
      const { ledger, fleet, plans } = storage;
      return {
        ...storage,
        ledger: {
          ...ledger,
          async append(write) {
            const outcome = await ledger.append(write);
            const { orders, images, answer } = write;
            if (outcome.outcome === 'appended')
              wrote({ rows: outcome.recorded, orders, images, answer, now: clock.now() });
            return outcome;
          },
        },
        fleet: {
          ...fleet,
          async report(report, at) {
            const heard = await fleet.report(report, at);
            findings('time is the hub’s own', at === clock.now() ? [] : [`a report was dated ${at}`]);
            tellReport(story, report, at);
            return heard;
          },
        },
        plans: {
          ...plans,
          async keep(plan) {
            await plans.keep(plan);
            story.plans.set(plan.id, plan);
          },
        },
      };
    },
    overClusters: (clusters) => ({
      ...clusters,
      async deliver(orders) {
        findings('only what is on the ledger is handed over', neverWritten(orders, story));
        await clusters.deliver(orders);
      },
    }),
    answered(call) {
      for (const [name, check] of Object.entries(ANSWER_CHECKS)) findings(name, check(call, story, terms));
    },
    troubled(problem) {
      if (problem instanceof StorageDown || problem instanceof Killed) return;
      this.broke('a loop of the hub', problem);
    },
    broke(what, problem) {
      const text = problem instanceof Error ? (problem.stack ?? problem.message) : String(problem);
      findings('nothing fails but by the faults of the trial', [`${what}: ${text}`]);
    },
    async endStep({ storage, isAway }) {
      endStep(story);
      if (!isWritten || isAway) return;
      isWritten = false;
      findings('lists show the fold', misprojected(await storage.fixes.list({}), story));
    },
  };
}

function brief({ at, fix, version, author, event }: Recorded): string {
  const { type, ...rest } = event;
  const text = JSON.stringify(rest);
  return `${at} ${fix} v${version} ${author} ${type} ${text.length > 300 ? `${text.slice(0, 300)}…` : text}`;
}
