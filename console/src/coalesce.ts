/**
 * Makes many calls into few: at most one run at a time, at least `gapMs` between the starts of two,
 * and always one more run after the last call, so that nothing that was said goes unseen.
 */
export function coalesce(run: () => Promise<unknown>, gapMs: number): { call(): void; stop(): void } {
  let wanted = false;
  let busy = false;
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const go = (): void => {
    wanted = false;
    busy = true;
    const gap = new Promise<void>((done) => {
      timer = setTimeout(done, gapMs);
    });
    Promise.allSettled([run(), gap]).then(() => {
      busy = false;
      if (wanted && !stopped) go();
    });
  };

  return {
    call() {
      if (stopped) return;
      if (busy) wanted = true;
      else go();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
