// Goal: the queue of a trial promises what the hub's real one does: a key waits once, failures are tried again.
import { expect, test } from 'vitest';
import type { Job } from '../../../hub/jobs.ts';
import { createSteppedClock } from '../../stepped-clock.ts';
import { createMemoryJobs } from './jobs.ts';

const START = '2026-03-02T03:00:00.000Z';
const job = (key: string): Job => ({ fix: 'FIX-1', key });

function queue(run: (job: Job) => Promise<void>) {
  const clock = createSteppedClock(START);
  const problems: string[] = [];
  const jobs = createMemoryJobs(clock, (_queue, _job, problem) => problems.push(String(problem)));
  const start = () => jobs.start({ tend: run, assemble: run, build: run, gate: run, look: run, post: run });
  return { clock, problems, jobs, start };
}

test('the same key waits once, and may wait again while it runs', async () => {
  const ran: string[] = [];
  const { jobs, start } = queue(async ({ key }) => {
    ran.push(key);
    // Asked for while it runs: it is seen once more.
    if (ran.length === 1) await jobs.send('tend', job('a'));
  });
  for (const key of ['a', 'a', 'b']) await jobs.send('tend', job(key));
  await start();
  await jobs.idle(['tend']);
  expect(ran).toEqual(['a', 'b', 'a']);
});

test('work that must not be done twice at once does not wait while it runs', async () => {
  const ran: string[] = [];
  const { jobs, start } = queue(async ({ key }) => {
    ran.push(key);
    await jobs.send('build', job('a'));
  });
  await start();
  await jobs.send('build', job('a'));
  await jobs.idle(['build']);
  expect(ran).toEqual(['a']);
});

test('a critical fix goes first', async () => {
  const ran: string[] = [];
  const { jobs, start } = queue(async ({ key }) => void ran.push(key));
  await jobs.send('gate', job('calm'), 'moderate');
  await jobs.send('gate', job('urgent'), 'critical');
  await start();
  await jobs.idle(['gate']);
  expect(ran).toEqual(['urgent', 'calm']);
});

test('a job that fails is tried again a second later, five times', async () => {
  let tries = 0;
  const { clock, problems, jobs, start } = queue(async () => {
    tries += 1;
    throw new Error('no database');
  });
  await start();
  await jobs.send('post', job('post'));
  for (let second = 1; second <= 10; second += 1) {
    await jobs.idle(['post']);
    clock.advanceTo(`2026-03-02T03:00:${String(second).padStart(2, '0')}.000Z`);
  }
  await jobs.idle(['post']);
  expect({ tries, problems: problems.length }).toEqual({ tries: 6, problems: 6 });
});
