import { EXPLAINED_MAX } from '../../core/assembly/explanation.ts';
import { type FixId, short } from '../../core/base/ids.ts';
import { fail, ok } from '../../core/base/result.ts';
import { type Fix, type FixLine, lineNamed } from '../../core/life/fix.ts';
import type { DiffView } from '../../core/views/diff-view.ts';
import { type ExplainedLine, makeDiffView } from '../../core/views/make-diff-view.ts';
import { type Repository, SourceProblem } from '../../ports/repository.ts';
import type { ComponentConfig } from '../../wire/config.ts';
import type { Case, Cases } from '../cases.ts';
import type { Answer, Trouble } from '../desk.ts';
import type { Parts } from '../parts.ts';
import { unknownFix } from './acts.ts';

/** What the candidates of a fix are made of, read from the hub's own copy of the repository. */
export async function diffOf(
  parts: Parts,
  cases: Cases,
  id: FixId,
  query: { readonly line?: string; readonly patches: boolean },
): Answer<DiffView> {
  const it = await cases.open(id);
  if (it === undefined) return fail(unknownFix(id));
  const asked = linesAsked(it.fix, query.line);
  if (asked === undefined) return fail(unknownLine(it.fix, query.line!));
  const component = cases.component(it.fix.component)!;
  const open = () => parts.repositories.open(component.repository);
  const own = { it, component, patches: query.patches, lines: asked };
  try {
    // Without a candidate there is nothing to read, and a source that is away does not matter.
    const repository = asked.some(hasCandidate) ? await open() : undefined;
    const explained: ExplainedLine[] = [];
    for (const line of asked) {
      const found = repository && hasCandidate(line) ? await explainLine(repository, own, line) : undefined;
      if (found !== undefined && 'code' in found) return fail(found);
      explained.push({ line, explained: found });
    }
    return ok(makeDiffView(it.fix, explained, it.facts, parts.clock.now()));
  } catch (problem) {
    if (!(problem instanceof SourceProblem)) throw problem;
    return fail({ code: 'source-problem', detail: problem.message });
  }
}

/** Lines whose control planes are gone are left out unless they are asked for. */
function linesAsked(fix: Fix, name: string | undefined): readonly FixLine[] | undefined {
  if (name === undefined) return Object.values(fix.lines).filter((line) => !line.emptied);
  const line = lineNamed(fix, name);
  return line && [line];
}

const hasCandidate = ({ assembly }: FixLine): boolean => assembly?.commit !== undefined;

type Asked = {
  readonly it: Case;
  readonly component: ComponentConfig;
  readonly patches: boolean;
  readonly lines: readonly FixLine[];
};

async function explainLine(repository: Repository, { it, component, patches, lines }: Asked, line: FixLine) {
  const { fix, facts } = it;
  const assembly = line.assembly!;
  const candidate = assembly.commit!;
  if ((await repository.resolve(candidate)) === undefined) return lost(fix, line);
  const carried = line.line.carries.flatMap(
    (id) => facts.others.find((other) => other.id === id)?.change ?? [],
  );
  return repository.explain({
    fix: fix.id,
    release: assembly.onto,
    candidate,
    picked: assembly.picked,
    passengers: assembly.passengers,
    change: fix.change,
    carried,
    branch: component.branch,
    pathClasses: component.pathClasses,
    isReused: line.accepted?.kind === 'reuse',
    patches,
    patchBytesMax: Math.floor(EXPLAINED_MAX.patchBytes / lines.filter(hasCandidate).length),
  });
}

/** Assembling is deterministic: done again it gives the same commit. */
function lost(fix: Fix, line: FixLine): Trouble {
  const { name } = line.line;
  const how = line.accepted
    ? 'assemble the line again and take the same proposal, which give the same commit'
    : 'assemble the line again, which gives the same commit';
  return {
    code: 'source-problem',
    detail: `candidate ${short(line.assembly!.commit!)} of line ${name} is not in this hub's copy of the repository any more: ${how}`,
    next: [`fleetfix backport ${fix.id} --to ${name}`],
  };
}

function unknownLine(fix: Fix, line: string): Trouble {
  const known = Object.keys(fix.lines).join(', ') || 'none yet';
  return {
    code: 'unknown-line',
    detail: `${fix.id} has no line ${line}: it has ${known}`,
    next: [`fleetfix diff ${fix.id}`],
  };
}
