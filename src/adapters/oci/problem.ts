/** The output cannot become an image, or the layout cannot be written; the message is one line for people. */
export class LayoutProblem extends Error {
  override name = 'LayoutProblem';
}

/** What the system says about a failed call, e.g. `ENOSPC`; undefined for anything else. */
export function systemCode(problem: unknown): string | undefined {
  if (!(problem instanceof Error) || !('code' in problem)) return undefined;
  return typeof problem.code === 'string' && /^E[A-Z0-9]+$/.test(problem.code) ? problem.code : undefined;
}
