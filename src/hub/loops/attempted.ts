import type { Attempts } from '../../ports/attempts.ts';

/** Begun so often and never ended: the hub ended each time, and the program is taken for the reason. */
const ATTEMPTS_MAX = 5;

/**
 * Runs a program of a candidate. Work that this machine has begun five times and seen no end of is not begun again: it
 * comes to `givenUp` of the reason, and whoever retries it then has five more.
 */
export async function attempted<T>(
  attempts: Attempts | undefined,
  work: { readonly name: string; readonly run: () => Promise<T>; readonly givenUp: (because: string) => T },
): Promise<T> {
  const before = (await attempts?.begin(work.name)) ?? 0;
  try {
    if (before < ATTEMPTS_MAX) return await work.run();
    return work.givenUp(
      `begun ${before} times on this machine, and the hub ended each time before it did: memory, or a program that stops others; its log says how far it came`,
    );
  } finally {
    await attempts?.end(work.name);
  }
}
