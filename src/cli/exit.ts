import { PROBLEMS, type ProblemCode } from '../wire/problems.ts';

/** Exit codes of the command line (docs/cli.md). Part of the product: scripts read them. */
export const EXIT = {
  done: 0,
  /** An error of ours, or the network. */
  ours: 1,
  usage: 2,
  /** Time is up; the goal is still possible. */
  notYet: 3,
  /** A gate, an approval or a right is missing. */
  refused: 4,
  /** The goal cannot be reached any more. */
  failed: 5,
  /** The world moved since the view the act was based on. */
  moved: 6,
  /** `plan --exit-code`: there is something to do. */
  changes: 7,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code of a problem of the hub; a code this version does not know is judged by its HTTP status. */
export function exitOf(problem: { readonly code: string; readonly status: number }): ExitCode {
  const known = PROBLEMS[problem.code as ProblemCode];
  if (known) return known.exit;
  if (problem.status === 412) return EXIT.moved;
  if (problem.status === 401 || problem.status === 403) return EXIT.refused;
  return problem.status >= 400 && problem.status < 500 ? EXIT.usage : EXIT.ours;
}

/** Ends the command with a code, a message for people, and commands that help. */
export class Ending extends Error {
  override name = 'Ending';
  readonly exit: ExitCode;
  readonly next: readonly string[];

  constructor(exit: ExitCode, message: string, next: readonly string[] = []) {
    super(message);
    this.exit = exit;
    this.next = next;
  }
}

/** The command was used wrongly: what, what is allowed, and what to type instead. */
export const misuse = (message: string, next: readonly string[] = []): Ending =>
  new Ending(EXIT.usage, message, next);
