import type { Change } from '../../core/assembly/assembly.ts';
import type { FixId } from '../../core/base/ids.ts';
import type { Instant } from '../../core/base/instant.ts';
import { type AssemblyWork, type Repository, SourceProblem } from '../../ports/repository.ts';
import { EXIT } from '../exit.ts';
import { namesIn } from './names.ts';
import { type Answered, answered, type Result, refused } from './result.ts';

/** One assembly as it is asked for; commits by any name. */
export type Request = {
  readonly id: NonNullable<Result['id']>;
  readonly change: Change;
  readonly onto: string;
  /** One change each, in the order they were put on the line. */
  readonly carry: readonly string[];
  readonly with: readonly string[];
  readonly asOf?: Instant;
  readonly accept?: NonNullable<AssemblyWork['accept']>;
  readonly regenerate?: NonNullable<AssemblyWork['regenerate']>;
  /** What reading the request gave to say. */
  readonly warnings?: readonly string[];
};

export type Answer = (request: Request) => Promise<Answered>;

/**
 * Answers requests on one repository, as many at once as are asked. Never rejects: what cannot be tried is a refused
 * result that says why, and so is trouble of the machine, with the exit code of an error of ours.
 */
export function answering(
  repository: Repository,
  more: { readonly branch?: string; readonly fix?: FixId; readonly signs?: boolean },
): Answer {
  const names = namesIn(repository);
  let usual: Promise<string> | undefined;
  const branchOf = async () => {
    usual ??= names.branch();
    return more.branch ?? (await usual);
  };
  return async (request) => {
    try {
      const work: AssemblyWork = {
        ...(more.fix && { fix: more.fix }),
        line: String(request.id),
        branch: await branchOf(),
        ...(more.signs === undefined ? {} : { signs: more.signs }),
        onto: await names.commit(request.onto, 'onto'),
        change: await names.change(request.change),
        carry: (await names.commits(request.carry, 'carried fix')).map((commit) => ({
          change: { kind: 'commits', commits: [commit] },
          prerequisites: [],
        })),
        prerequisites: await names.commits(request.with, 'prerequisite'),
        ...(request.accept && { accept: request.accept }),
        ...(request.regenerate && { regenerate: request.regenerate }),
        ...(request.asOf && { asOf: request.asOf }),
      };
      return answered(request.id, await repository.assemble(work), request.warnings);
    } catch (problem) {
      const because = problem instanceof Error ? problem.message : String(problem);
      return refused(request, because, problem instanceof SourceProblem ? EXIT.usage : EXIT.ours);
    }
  };
}
