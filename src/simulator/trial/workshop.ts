import type { Assembly } from '../../core/assembly/assembly.ts';
import { hashOf } from '../../core/base/hash.ts';
import type { Commit, Digest } from '../../core/base/ids.ts';
import { MINUTE, type Ms, plus } from '../../core/base/instant.ts';
import type { Builder, GateRunner } from '../../ports/builder.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logs } from '../../ports/logs.ts';
import type { AssemblyWork, Repositories, Repository } from '../../ports/repository.ts';
import { chance, lognormalMs, stream } from '../random.ts';

/** What stands in for git, builds and gates: prepared answers that depend on the seed and the work alone. */
export type Workshop = {
  readonly repositories: Repositories;
  readonly builder: Builder;
  readonly gates: GateRunner;
  readonly logs: Logs;
};

export type WorkshopSpec = {
  readonly seed: number;
  readonly clock: Clock;
  /** Releases that hold some changes already. */
  readonly releases: readonly Commit[];
};

const CONTAINED_SHARE = 0.15;
const REFUSED_SHARE = 0.03;
const BUILD_FAILS_SHARE = 0.08;
const GATE_FAILS_SHARE = 0.08;
const WORK_TAKES = { medianMs: 4 * MINUTE, sigma: 0.6 };

/** An id of 40 hex digits that the same input always gives. */
export const commitFrom = (value: unknown): Commit => hashOf(value).slice(0, 40);

export function createWorkshop(spec: WorkshopSpec): Workshop {
  const { seed, clock } = spec;
  /** Takes simulated time, or ends early when it is called off. */
  const takeTime = (signal: AbortSignal, ms: Ms): Promise<void> =>
    new Promise((resolve) => {
      clock.at(plus(clock.now(), ms), resolve);
      signal.addEventListener('abort', () => resolve());
    });
  let tries = 0;

  return {
    repositories: { open: async () => repository(spec) },
    builder: {
      async build({ commit, signal }) {
        tries += 1;
        const luck = stream(seed, 'build', commit, tries);
        const tookMs = lognormalMs(luck, WORK_TAKES);
        const fails = chance(luck, BUILD_FAILS_SHARE);
        await takeTime(signal, tookMs);
        if (fails) return { outcome: 'failed', because: 'the compiler ran out of memory', tookMs };
        return { outcome: 'built', digest: digestOfBuild(commit), tookMs };
      },
    },
    gates: {
      async run({ env, signal }) {
        tries += 1;
        const luck = stream(seed, 'gate', env.FLEETFIX_DIGEST ?? '', tries);
        const tookMs = lognormalMs(luck, WORK_TAKES);
        const fails = chance(luck, GATE_FAILS_SHARE);
        await takeTime(signal, tookMs);
        return { result: fails ? 'fail' : 'pass', note: fails ? '1 of 40 failed' : '40 of 40', tookMs };
      },
    },
    logs: { writer: () => ({ write: () => {}, close: async () => {} }), read: async () => undefined },
  };
}

/** The same commit gives the same image. */
const digestOfBuild = (commit: Commit): Digest => `sha256:${hashOf({ built: commit })}`;

function repository({ seed, releases }: WorkshopSpec): Repository {
  return {
    resolve: async (name) => (/^[0-9a-f]{40}$/.test(name) ? name : undefined),
    commitsOf: async (change) => (change.kind === 'commits' ? [...change.commits] : [commitFrom(change)]),
    assemble: async (work) => assemble(seed, releases, work),
    contains: async () => ({
      contained: false,
      how: [],
      gitReverted: false,
      because: 'not there',
      of: [],
      warnings: [],
    }),
    publish: async () => {},
    keep: async () => notPrepared('keep'),
    checkout: async () => ({ dir: '/nowhere', dispose: async () => {} }),
    describe: async () => ({ author: 'A Developer', at: '2026-01-01T00:00:00.000Z', subject: 'a change' }),
    explain: async () => notPrepared('explain'),
    survey: async () => notPrepared('survey'),
    change: async () => notPrepared('change'),
  };
}

const notPrepared = (what: string): never => {
  throw new Error(`the workshop of the trials has no answer prepared for ${what}`);
};

function assemble(seed: number, releases: readonly Commit[], work: AssemblyWork): Assembly {
  const { onto, change, carry } = work;
  const luck = stream(seed, 'assembly', hashOf(change), releases.indexOf(onto));
  const isContained = chance(luck, CONTAINED_SHARE);
  const isRefused = chance(luck, REFUSED_SHARE);
  const plain = { onto, picked: [], conflicts: [], proposals: [], warnings: [], passengers: [], ms: 5 };
  if (isContained) {
    const contained = { how: ['ancestry'], gitReverted: false };
    return { ...plain, outcome: 'contained', because: 'the release has it: ancestry', contained };
  }
  if (isRefused) return { ...plain, outcome: 'refused', because: 'the change does not apply to this line' };
  const commit = commitFrom({ onto, change, carry: carry.map(({ fix, change: c }) => ({ fix, c })) });
  const picked = [...carry.map((c) => commitFrom(c.change)), commitFrom(change)];
  return {
    ...plain,
    outcome: 'clean',
    because: 'applies cleanly',
    commit,
    tree: commitFrom({ commit }),
    picked,
  };
}
