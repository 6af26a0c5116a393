const RETRY_MS = 100;

export type Queue = {
  /** To be worked on, once more if it is being worked on. */
  add(key: string): void;
  addAfter(key: string, ms: number): void;
  /** Ends it and waits for what is being worked on. */
  stop(): Promise<void>;
};

/** Works on keys, each by one at a time, and again a moment later when that fails. */
export function startQueue(
  work: (key: string) => Promise<void>,
  { atOnce, onProblem }: { readonly atOnce: number; readonly onProblem: (problem: unknown) => void },
): Queue {
  const waiting = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const timers = new Map<string, NodeJS.Timeout>();
  let isOver = false;

  const add = (key: string) => {
    if (isOver) return;
    waiting.add(key);
    pump();
  };
  const addAfter = (key: string, ms: number) => {
    clearTimeout(timers.get(key));
    if (!isOver) timers.set(key, setTimeout(add, Math.min(ms, 2 ** 31 - 1), key));
  };
  const pump = () => {
    for (const key of waiting) {
      if (running.size >= atOnce) return;
      if (running.has(key)) continue;
      waiting.delete(key);
      const done = work(key)
        .catch((problem) => {
          onProblem(problem);
          addAfter(key, RETRY_MS);
        })
        .finally(() => {
          running.delete(key);
          pump();
        });
      running.set(key, done);
    }
  };
  return {
    add,
    addAfter,
    stop: async () => {
      isOver = true;
      waiting.clear();
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all(running.values());
    },
  };
}
