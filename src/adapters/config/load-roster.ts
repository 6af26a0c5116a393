import { z } from 'zod';
import { fail, ok, type Result } from '../../core/base/result.ts';
import { type RosterConfig, rosterSchema } from '../../wire/roster.ts';
import { ConfigProblem, parseWith, textOf } from './load.ts';

/** Whatever else a configuration holds is judged by who uses it. */
const holderSchema = z.looseObject({ roster: rosterSchema });

/** The roster of a configuration file, YAML of at most 1 MiB. The errors are lines with file, line, column and path. */
export async function loadRoster(file: string): Promise<Result<RosterConfig, readonly string[]>> {
  try {
    const read = parseWith(await textOf(file), file, {
      schema: holderSchema,
      crossFaults: () => [],
      needs: 'it needs roster (docs/roster.md)',
    });
    return ok(read.roster);
  } catch (problem) {
    if (problem instanceof ConfigProblem) return fail(problem.message.split('\n'));
    throw problem;
  }
}
