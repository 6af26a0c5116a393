import type { Line } from '../../core/assembly/assembly.ts';
import type { FixId } from '../../core/base/ids.ts';
import type { Fix } from '../../core/life/fix.ts';
import { type AssemblyWork, SourceProblem } from '../../ports/repository.ts';

/**
 * The fixes a line carries as an assembly takes them, in ledger order. Throws a `SourceProblem` that names those this
 * ledger does not know: a candidate without them would take them away from the line.
 */
export async function carryOf(
  line: Line,
  load: (id: FixId) => Promise<Fix | undefined>,
): Promise<AssemblyWork['carry']> {
  const fixes = await Promise.all(line.carries.map(async (id) => ({ id, fix: await load(id) })));
  const lost = fixes.flatMap(({ id, fix }) => (fix === undefined ? [id] : []));
  if (lost.length > 0)
    throw new SourceProblem(
      `line ${line.name} carries ${lost.join(', ')}, which this hub's ledger does not know: a candidate would drop ` +
        `${lost.length === 1 ? 'it' : 'them'}. Next: use the hub that delivered ${lost.length === 1 ? 'it' : 'them'}, ` +
        `or put the line's release image back and try again.`,
    );
  return fixes.flatMap(({ fix }) => (fix === undefined ? [] : [carried(fix, line)]));
}

/**
 * With the prerequisites it was given where it was put on the same release. Where a person took a proposal the
 * change does not go on by itself: there it is carried as its candidate has it.
 */
function carried(fix: Fix, line: Line): AssemblyWork['carry'][number] {
  const before = Object.values(fix.lines).find((one) => one.line.release === line.release);
  const candidate = before?.assembly?.commit;
  if (before?.accepted && candidate !== undefined) {
    const change = { kind: 'range', from: before.line.base, to: candidate } as const;
    return { fix: fix.id, change, prerequisites: [] };
  }
  return { fix: fix.id, change: fix.change, prerequisites: before?.prerequisites ?? [] };
}
