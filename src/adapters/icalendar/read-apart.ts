import { Worker } from 'node:worker_threads';
import type { Ms } from '../../core/base/instant.ts';
import { fail, type Result } from '../../core/base/result.ts';
import type { Asked, ReadCalendar } from './read-calendar.ts';

export type ThreadLimits = { readonly timeoutMs: Ms; readonly heapMbMax: number };

/** Reads calendars on a thread of its own, one after another. `end` it when all are read. */
export type Reader = {
  readonly read: (bytes: Uint8Array, asked: Asked) => Promise<Result<ReadCalendar, string>>;
  readonly end: () => Promise<void>;
};

/**
 * A calendar is written by others and may repeat for ever or fill all memory, whatever is counted; so the thread is
 * ended when it takes longer or more than the limits, and the next calendar gets a new one.
 */
export function readApart(limits: ThreadLimits): Reader {
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const stop = async () => {
    const old = worker;
    worker = undefined;
    await old?.terminate();
  };
  const readOne: Reader['read'] = async (bytes, asked) => {
    const isNew = worker === undefined;
    worker ??= new Worker(new URL('./thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: limits.heapMbMax },
      // The environment may hold secrets, and options of this process may not suit a thread.
      env: {},
      execArgv: [],
    });
    const answer = await answerOf(worker, { bytes, asked }, { ...limits, isNew });
    if (!answer.isAlive) await stop();
    return answer.result;
  };
  return {
    read: (bytes, asked) => {
      const next = last.then(() => readOne(bytes, asked));
      last = next.catch(() => {});
      return next;
    },
    end: stop,
  };
}

const LOAD_MS: Ms = 60_000;

type Answer = { readonly result: Result<ReadCalendar, string>; readonly isAlive: boolean };

function answerOf(
  worker: Worker,
  question: unknown,
  limits: ThreadLimits & { readonly isNew: boolean },
): Promise<Answer> {
  return new Promise((resolve) => {
    const end = (answer: Answer) => {
      clearTimeout(timeout);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      // What a thread says on its way out must not end the process.
      if (!answer.isAlive) worker.on('error', () => {});
      resolve(answer);
    };
    const dead = (message: string) => end({ result: fail(message), isAlive: false });
    const onMessage = (said: Answer['result'] | 'ready') => {
      if (said !== 'ready') return end({ result: said, isAlive: true });
      clearTimeout(timeout);
      timeout = setTimeout(onTimeout, limits.timeoutMs);
    };
    const onError = (problem: Error & { code?: string }) => dead(deathOf(problem, limits));
    const onExit = () => dead('it cannot be read: the thread ended');
    const onTimeout = () => dead(`reading it took longer than ${limits.timeoutMs / 1_000} s`);
    // A busy machine may take a while to load a thread; that is not the calendar's time.
    let timeout = setTimeout(onTimeout, limits.isNew ? LOAD_MS + limits.timeoutMs : limits.timeoutMs);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(question);
  });
}

const deathOf = (problem: Error & { readonly code?: string }, { heapMbMax }: ThreadLimits): string =>
  problem.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? `reading it took more than ${heapMbMax} MB of memory`
    : `it cannot be read: ${problem.message}`;
