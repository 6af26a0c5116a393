/**
 * Works on items several at once and hands the results on in the order of the items, each as soon as it and all before
 * it are there.
 *
 * `parallel`: how many are worked on at once. `ahead`: how many may be read whose results are not handed on yet, so
 * that a slow reader of the results, or one slow item, stops the reading and not the memory. Resolves when everything
 * is handed on; rejects with what `items`, `work` or `emit` threw first, after what was begun has ended.
 */
export async function inOrder<Item, Result>(of: {
  readonly items: AsyncIterable<Item>;
  readonly work: (item: Item) => Promise<Result>;
  readonly emit: (result: Result) => Promise<void>;
  readonly parallel: number;
  readonly ahead: number;
}): Promise<void> {
  const working = turnstile(of.parallel);
  const open = turnstile(Math.max(of.ahead, of.parallel));
  const trouble: unknown[] = [];
  let last = Promise.resolve();
  try {
    for await (const item of of.items) {
      await open.enter();
      await working.enter();
      if (trouble.length > 0) break;
      const done = of.work(item).finally(working.leave);
      // Waited for in its turn; until then a failure is not unheard of.
      done.catch(() => {});
      last = last
        .then(async () => {
          const result = await done;
          if (trouble.length === 0) await of.emit(result);
        })
        .catch((problem) => void trouble.push(problem))
        .finally(open.leave);
    }
  } catch (problem) {
    trouble.push(problem);
  }
  await last;
  if (trouble.length > 0) throw trouble[0];
}

/** Lets `places` in at once; who comes later waits for one to leave. */
function turnstile(places: number) {
  let free = places;
  const waiting: (() => void)[] = [];
  return {
    async enter(): Promise<void> {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
    },
    leave() {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    },
  };
}
