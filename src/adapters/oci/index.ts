import { fail, ok, type Result } from '../../core/base/result.ts';
import { type LayoutWork, type WrittenImage, writeImage } from './layout.ts';
import { LayoutProblem, systemCode } from './problem.ts';

/**
 * Puts a folder into an OCI image layout as an image of one layer; the same input gives the same digest.
 * The error is one line that says what cannot be: an output that is no image, a layout that is something
 * else, a full disk, work that was stopped. Only faults of the program itself are thrown.
 */
export async function keepImage(work: LayoutWork): Promise<Result<WrittenImage, string>> {
  try {
    return ok(await writeImage(work));
  } catch (problem) {
    if (problem instanceof LayoutProblem) return fail(problem.message);
    if (work.signal?.aborted) return fail('stopped while the image was written');
    if (systemCode(problem) === undefined) throw problem;
    return fail(`the image could not be written: ${(problem as Error).message}`);
  }
}
