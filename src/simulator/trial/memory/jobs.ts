import { plus, SECOND } from '../../../core/base/instant.ts';
import type { Severity } from '../../../core/life/policy.ts';
import { type Job, type Jobs, QUEUES, type Queue } from '../../../hub/jobs.ts';
import type { Clock } from '../../../ports/clock.ts';

type Entry = { readonly job: Job; readonly priority: number; readonly turn: number; triesLeft: number };

type Line = { readonly waiting: Entry[]; readonly active: Set<Entry> };

const PRIORITY: Readonly<Record<Severity, number>> = { critical: 100, high: 50, moderate: 10 };
const EXCLUSIVE: ReadonlySet<Queue> = new Set(['assemble', 'build', 'gate', 'look']);
const AT_ONCE: Readonly<Record<Queue, number>> = {
  tend: 1,
  assemble: 2,
  build: 1,
  gate: 1,
  look: 2,
  post: 1,
};
const TRIES_MAX = 6;

/**
 * The promise of `hub/jobs.ts` in memory and in simulated time: the same key waits at most once, a failed
 * job is tried again a second later, five times. It dies with its hub, as the queue of a hub that has
 * its database to itself is emptied when that starts.
 */
export function createMemoryJobs(
  clock: Clock,
  failed: (queue: Queue, job: Job, problem: unknown) => void,
): Jobs {
  const lines = new Map<Queue, Line>(QUEUES.map((q) => [q, { waiting: [], active: new Set() }]));
  let run: Readonly<Record<Queue, (job: Job) => Promise<void>>> | undefined;
  let stopping = false;
  let turns = 0;
  let idlers: { readonly queues: readonly Queue[]; readonly resolve: () => void }[] = [];

  const isIdle = (queues: readonly Queue[]) =>
    queues.every((queue) => {
      const { waiting, active } = lines.get(queue)!;
      return waiting.length === 0 && active.size === 0;
    });

  const tellIdle = () => {
    const told = idlers.filter(({ queues }) => isIdle(queues));
    idlers = idlers.filter((idler) => !told.includes(idler));
    for (const { resolve } of told) resolve();
  };

  const put = (queue: Queue, entry: Entry) => {
    const line = lines.get(queue)!;
    const isHeld = (held: Entry) => held.job.key === entry.job.key;
    if (line.waiting.some(isHeld)) return;
    if (EXCLUSIVE.has(queue) && [...line.active].some(isHeld)) return;
    line.waiting.push(entry);
    line.waiting.sort((a, b) => b.priority - a.priority || a.turn - b.turn);
    begin(queue);
  };

  const begin = (queue: Queue) => {
    const line = lines.get(queue)!;
    while (run !== undefined && !stopping && line.active.size < AT_ONCE[queue] && line.waiting.length > 0)
      void carryOut(queue, line, line.waiting.shift()!);
  };

  const carryOut = async (queue: Queue, line: Line, entry: Entry) => {
    line.active.add(entry);
    try {
      await run![queue](entry.job);
      line.active.delete(entry);
    } catch (problem) {
      line.active.delete(entry);
      failed(queue, entry.job, problem);
      entry.triesLeft -= 1;
      if (entry.triesLeft > 0) clock.at(plus(clock.now(), SECOND), () => put(queue, entry));
    }
    begin(queue);
    tellIdle();
  };

  return {
    async start(work) {
      run = work;
      for (const queue of QUEUES) begin(queue);
    },
    async send(queue, job, severity) {
      if (stopping) return;
      turns += 1;
      const priority = severity === undefined ? 0 : PRIORITY[severity];
      put(queue, { job, priority, turn: turns, triesLeft: TRIES_MAX });
    },
    idle: (queues) =>
      new Promise((resolve) => {
        idlers.push({ queues, resolve });
        tellIdle();
      }),
    async stop() {
      stopping = true;
    },
  };
}
