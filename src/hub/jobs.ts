import { PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import type { FixId } from '../core/base/ids.ts';
import type { Severity } from '../core/life/policy.ts';

/** tend: decide what follows for a fix. assemble, build, gate, look: one task each. post: hand orders over. */
export const QUEUES = ['tend', 'assemble', 'build', 'gate', 'look', 'post'] as const;
export type Queue = (typeof QUEUES)[number];

/** One entry of a queue; the same `key` waits at most once. */
export type Job = { readonly fix: FixId; readonly key: string };

/** An urgent fix goes before everything else that waits (R9). */
const PRIORITY: Readonly<Record<Severity, number>> = { critical: 100, high: 50, moderate: 10 };

/**
 * short: one waiting a key, and another may start while one runs, which then sees what the first did not.
 * exclusive: one waiting or running a key, for work that must not be done twice at once.
 */
const POLICY: Readonly<Record<Queue, string>> = {
  tend: 'short',
  assemble: 'exclusive',
  build: 'exclusive',
  gate: 'exclusive',
  look: 'exclusive',
  post: 'short',
};

const AT_ONCE: Readonly<Record<Queue, number>> = {
  tend: 1,
  assemble: 2,
  build: 1,
  gate: 1,
  look: 2,
  post: 1,
};

export type Jobs = {
  start(work: Readonly<Record<Queue, (job: Job) => Promise<void>>>): Promise<void>;
  /** Queues work; does nothing when the same is waiting already. */
  send(queue: Queue, job: Job, severity?: Severity): Promise<void>;
  /** Resolves when nothing waits and nothing runs in these queues, in any hub on this database. */
  idle(queues: readonly Queue[]): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Shares work out among hubs with pg-boss: a job whose hub died is taken over after its heartbeat.
 * `connection` as `pg` takes it. `alone`: no other hub can use this database, so whatever ran when the
 * last one ended runs no more, and nothing waits for a heartbeat.
 */
export function createJobs(
  connection: Record<string, unknown>,
  log: Logger,
  { alone = false }: { readonly alone?: boolean } = {},
): Jobs {
  const boss = new PgBoss({
    ...connection,
    max: 6,
    useListenNotify: true,
    schedule: false,
    // How soon a job is missed whose hub died. By itself it looks once a minute.
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
  });
  boss.on('error', (problem) => log.warn({ problem: problem.message }, 'job queue'));
  const workers = new Map<Queue, string>();
  let stopping = false;
  /** Jobs that run here, and who waits for one of them to end: the database need not be asked meanwhile. */
  let running = 0;
  const onEnd = new Set<() => void>();
  const ran = () => {
    running -= 1;
    for (const wake of onEnd) wake();
  };

  const waiting = async (queues: readonly Queue[]) => {
    const { rows } = await boss.getDb().executeSql(
      `select count(*)::int as n from pgboss.job
        where name = any($1) and state in ('created', 'retry', 'active') and start_after <= now()`,
      [queues],
    );
    return rows[0].n as number;
  };

  return {
    async start(work) {
      await boss.start();
      for (const queue of QUEUES) {
        await boss.createQueue(queue, {
          policy: POLICY[queue],
          retryLimit: 5,
          retryDelay: 1,
          heartbeatSeconds: 10,
          expireInSeconds: 7_200,
          deleteAfterSeconds: 3_600,
          notify: true,
        });
        // What is to be done is queued anew from the ledger by whoever starts us.
        if (alone) await boss.deleteAllJobs(queue);
        const worker = await boss.work<Job>(
          queue,
          { localConcurrency: AT_ONCE[queue], pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 1 },
          async ([job]) => {
            if (stopping || job === undefined) throw new Error('the hub is stopping');
            running += 1;
            try {
              await work[queue](job.data);
            } catch (problem) {
              log.error({ queue, ...job.data, problem: String(problem) }, 'job failed, it is tried again');
              throw problem;
            } finally {
              ran();
            }
          },
        );
        workers.set(queue, worker);
      }
    },
    async send(queue, job, severity) {
      if (stopping) return;
      await boss.send(queue, job, {
        singletonKey: job.key,
        priority: severity === undefined ? 0 : PRIORITY[severity],
      });
      // Our own workers need not wait for the notification to come round.
      const worker = workers.get(queue);
      if (worker !== undefined) boss.notifyWorker(worker);
    },
    async idle(queues) {
      while ((await waiting(queues)) > 0)
        await new Promise<void>((resolve) => {
          const wake = () => {
            clearTimeout(timer);
            onEnd.delete(wake);
            resolve();
          };
          const timer = setTimeout(wake, running > 0 ? 50 : 3);
          onEnd.add(wake);
        });
    },
    async stop() {
      stopping = true;
      await boss.stop({ graceful: true, timeout: 10_000 });
    },
  };
}
