import type { FixId } from '../core/base/ids.ts';
import { type Instant, MINUTE, type Ms, plus } from '../core/base/instant.ts';
import type { Report } from '../core/fleet/report.ts';
import { isTended } from '../core/life/fix.ts';
import type { Heard } from '../ports/fleet.ts';
import { type Cases, createCases } from './cases.ts';
import { createActs } from './desk/acts.ts';
import { createAgentDesk } from './desk/agents.ts';
import { createAudit } from './desk/audit.ts';
import { createHandOffs } from './desk/hand-off.ts';
import { createReads } from './desk/reads.ts';
import { createRosterDesk } from './desk/roster.ts';
import { createTestTimesDesk } from './desk/test-times.ts';
import type { Desk } from './desk.ts';
import { type Job, QUEUES, type Queue } from './jobs.ts';
import { noteRefused } from './loops/note-refused.ts';
import { post } from './loops/post.ts';
import { tend } from './loops/tend.ts';
import { taskKey, work } from './loops/work.ts';
import type { Parts } from './parts.ts';
import { createTestSelections } from './test-selections.ts';

/** A running hub: the desk that the API asks, and the loops behind it. */
export type Hub = {
  readonly desk: Desk;
  readonly cases: Cases;
  /** Starts the loops and wakes every fix that is not over: nothing depends on what a dead hub remembered. */
  start(): Promise<void>;
  /**
   * Resolves when everything that is known has been acted on; with `work`, also when assemblies,
   * builds and gates are through. For simulated time, which moves only then.
   */
  settled(wait?: { readonly work: boolean }): Promise<void>;
  stop(): Promise<void>;
};

/** How often every open fix is looked at anyway: wake-ups are hints, this is the guarantee. */
const SWEEP_MS: Ms = 5 * MINUTE;

/** Reports that come within this time lead to one look at each fix. */
const GATHER_MS: Ms = 100;

/** While the database is away. */
const TRY_AGAIN_MS: Ms = 1_000;

/** After so many rounds in a row others get a turn first. */
const AGAIN_MAX = 8;

export function createHub(parts: Parts): Hub {
  const { jobs, clock, clusters, fleet, log } = parts;
  const cases = createCases(parts);
  const selections = createTestSelections(parts);
  const stopping = new AbortController();
  const alarms = new Map<FixId, { readonly at: Instant; readonly off: () => void }>();

  const wake = (fix: FixId): Promise<void> =>
    jobs
      .send('tend', { fix, key: fix })
      .catch((problem) => log.warn({ fix, problem: String(problem) }, 'not woken now; the sweep will'));

  const asksAtTheEnd = parts.config.policies.some(({ closing = [] }) => closing.length > 0);

  const wakeOpen = async () => {
    for (const row of await parts.fixes.list({ open: true })) {
      if (isTended(row.state, { asksAtTheEnd })) await jobs.send('tend', { fix: row.id, key: row.id });
    }
    await jobs.send('post', { fix: 'FIX-0', key: 'post' });
  };

  /** Something was heard or is due since the fixes were woken last. */
  let news = false;
  /** In stepped time an alarm waits until everything of its moment is known; the order in which it came must not matter. */
  const onAlarm = (fix: FixId) => {
    if (parts.stepped) news = true;
    else void wake(fix);
  };

  /** One alarm a fix, the latest asked for: an earlier wake-up only asks core once more. */
  const setAlarm = (fix: FixId, at: Instant | undefined) => {
    alarms.get(fix)?.off();
    alarms.delete(fix);
    if (at !== undefined) alarms.set(fix, { at, off: clock.at(at, () => onAlarm(fix)) });
  };

  const onTend = async ({ fix }: Job) => {
    let tended = await tend(parts, cases, fix);
    let orders = tended.orders;
    // What was written may lead to more at once.
    for (let again = 0; tended.wrote && again < AGAIN_MAX; again += 1) {
      tended = await tend(parts, cases, fix);
      orders += tended.orders;
    }
    setAlarm(fix, tended.askAgainAt);
    if (orders > 0) await jobs.send('post', { fix, key: 'post' });
    const severity = (await cases.load(fix))?.severity;
    for (const task of tended.tasks) await jobs.send(task.do, { fix, key: taskKey(fix, task) }, severity);
    if (tended.wrote) await jobs.send('tend', { fix, key: fix });
  };

  const onTask = async ({ fix, key }: Job) => {
    await work({ parts, cases, selections }, fix, key, stopping.signal);
    await jobs.send('tend', { fix, key: fix });
  };

  const flush = async () => {
    if (!news) return;
    news = false;
    try {
      await wakeOpen();
    } catch (problem) {
      // The news is still news; it is told when the database is back.
      news = true;
      throw problem;
    }
  };
  const gather = (ms: Ms) => {
    const again = () => gather(TRY_AGAIN_MS);
    setTimeout(() => flush().catch(again), ms).unref();
  };
  const onReport = async (report: Report): Promise<Heard> => {
    const heard = await fleet.report(report, clock.now());
    // Of a copy too: the first may have been taken by a hub that died before it came to this.
    if (report.refused.length > 0) await noteRefused(parts, cases, report.refused);
    if (report.planes.length + report.gone.length + report.lost.length + report.refused.length === 0)
      return heard;
    if (!news && !parts.stepped) gather(GATHER_MS);
    news = true;
    return heard;
  };

  const measured = (loop: Queue, run: (job: Job) => Promise<void>) => async (job: Job) => {
    const began = performance.now();
    let outcome: 'ok' | 'failed' = 'failed';
    try {
      await run(job);
      outcome = 'ok';
    } finally {
      parts.metrics.loopRan({ loop, outcome, seconds: (performance.now() - began) / 1_000 });
    }
  };

  let sweepOff = () => {};
  const sweep = () => {
    sweepOff = clock.at(plus(clock.now(), SWEEP_MS), () => {
      if (parts.stepped) news = true;
      else
        wakeOpen().catch((problem) =>
          log.warn({ problem: String(problem) }, 'sweep failed; the next one follows'),
        );
      sweep();
    });
  };

  return {
    desk: {
      ...createActs(parts, cases, wake),
      ...createReads(parts, cases),
      ...createHandOffs(parts, cases, selections),
      ...createRosterDesk(parts),
      ...createTestTimesDesk(parts),
      ...createAudit(parts),
      ...createAgentDesk(parts),
    },
    cases,
    async start() {
      await jobs.start({
        tend: measured('tend', onTend),
        assemble: measured('assemble', onTask),
        build: measured('build', onTask),
        gate: measured('gate', onTask),
        look: measured('look', onTask),
        post: measured('post', async () => void (await post(parts))),
      });
      clusters.listen(onReport);
      await wakeOpen();
      sweep();
    },
    async settled({ work: withWork } = { work: true }) {
      await flush();
      await jobs.idle(withWork ? QUEUES : ['tend', 'post']);
    },
    async stop() {
      sweepOff();
      stopping.abort();
      for (const { off } of alarms.values()) off();
      await jobs.stop();
    },
  };
}
