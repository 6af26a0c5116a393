import type { Commit, FixId } from '../../core/base/ids.ts';
import type { Ms } from '../../core/base/instant.ts';
import { fail, ok, type Result } from '../../core/base/result.ts';
import type { HandOff, HandOffTests } from '../../core/hand-off/hand-off.ts';
import type { Place } from '../../core/hand-off/how-to.ts';
import { earlierImages, makeHandOff, type ReadLine } from '../../core/hand-off/make-hand-off.ts';
import type { FixLine } from '../../core/life/fix.ts';
import { makeText } from '../../core/texts/make-text.ts';
import type { FixText, TextAsked, TextKind } from '../../core/texts/text-kinds.ts';
import type { LineDiffView } from '../../core/views/diff-view.ts';
import { SourceProblem } from '../../ports/repository.ts';
import { TemplateProblem } from '../../ports/templates.ts';
import type { ComponentConfig } from '../../wire/config.ts';
import type { Cases } from '../cases.ts';
import type { Answer, Desk, Trouble } from '../desk.ts';
import type { Parts } from '../parts.ts';
import type { TestSelections } from '../test-selections.ts';
import { unknownFix } from './acts.ts';
import { diffOf } from './diff.ts';

/** For the selections of all lines together; what is not found out in it is said to be so. */
const SELECT_WITHIN_MS: Ms = 20_000;

/** What people outside are given of a fix: the page for those who test it, and the texts for everybody else. */
export function createHandOffs(
  parts: Parts,
  cases: Cases,
  selections: TestSelections,
): Pick<Desk, 'handOff' | 'text'> {
  return {
    handOff: (id, query) => handOffOf(parts, cases, selections, { id, ...query }),
    text: (id, asked) => textOf(parts, cases, { id, ...asked }),
  };
}

async function handOffOf(
  parts: Parts,
  cases: Cases,
  selections: TestSelections,
  asked: { readonly id: FixId; readonly line?: string },
): Answer<HandOff> {
  const { id, line: only } = asked;
  const read = await readDiffs(parts, cases, asked);
  if (!read.ok) return read;
  const tests = await readTests(parts, cases, selections, { id, diffs: read.value });
  // What takes time is read first: gates and digests are those of the moment the page is made.
  const it = await cases.open(id);
  if (it === undefined) return fail(unknownFix(id));
  const events = await parts.ledger.events(id);
  const lines = Object.values(it.fix.lines).filter(({ line, emptied }) =>
    only === undefined ? !emptied : line.name === only,
  );
  return ok(
    makeHandOff({
      fix: it.fix,
      facts: it.facts,
      place: placeOf(cases.component(it.fix.component)!),
      now: parts.clock.now(),
      lines: lines.map((line): ReadLine => {
        const { name } = line.line;
        const digest = line.build?.state === 'done' ? line.build.digest : undefined;
        const known = read.value.get(name);
        // A line that was assembled anew meanwhile is not what was read.
        const isSame = known?.of === line.assembly?.commit;
        return {
          line,
          earlier: earlierImages(events, name, digest),
          ...(isSame && known?.diff && { diff: known.diff }),
          ...(isSame && known?.notRead !== undefined && { notRead: known.notRead }),
          ...(!isSame && line.assembly?.commit && { notRead: 'it was assembled anew meanwhile: ask again' }),
          ...(isSame && tests.has(name) && { tests: tests.get(name)! }),
        };
      }),
    }),
  );
}

const placeOf = ({ image, levers, owners, branch }: ComponentConfig): Place => ({
  image,
  levers,
  owners,
  branch,
});

type Diffs = ReadonlyMap<
  string,
  { readonly of: string | undefined; readonly diff?: LineDiffView; readonly notRead?: string }
>;

/** What each candidate differs by. A source that is away takes nothing from the rest of the page. */
async function readDiffs(
  parts: Parts,
  cases: Cases,
  { id, line }: { readonly id: FixId; readonly line?: string },
): Promise<Result<Diffs, Trouble>> {
  const ask = (name?: string) =>
    diffOf(parts, cases, id, { patches: false, ...(name !== undefined && { line: name }) });
  const all = await ask(line);
  if (all.ok) return ok(new Map(all.value.lines.map((diff) => [diff.line, { of: diff.commit, diff }])));
  if (all.error.code !== 'source-problem') return all;
  const fix = await cases.load(id);
  const found = new Map<string, Diffs extends ReadonlyMap<string, infer One> ? One : never>();
  for (const one of Object.values(fix?.lines ?? {}).filter((own) => isAsked(own, line))) {
    const { name } = one.line;
    const of = one.assembly?.commit;
    // One candidate that is lost is no reason not to know the others; asked for alone, the answer is there already.
    const own = line === undefined ? await ask(name) : all;
    if (own.ok) found.set(name, { of, diff: own.value.lines[0]! });
    else found.set(name, { of, ...(of !== undefined && { notRead: own.error.detail }) });
  }
  return ok(found);
}

const isAsked = ({ line, emptied }: FixLine, only: string | undefined): boolean =>
  only === undefined ? !emptied : line.name === only;

async function readTests(
  parts: Parts,
  cases: Cases,
  selections: TestSelections,
  { id, diffs }: { readonly id: FixId; readonly diffs: Diffs },
): Promise<ReadonlyMap<string, HandOffTests>> {
  const found = new Map<string, HandOffTests>();
  const fix = await cases.load(id);
  const component = fix && cases.component(fix.component);
  if (component === undefined) return found;
  const ranges = new Map<string, { readonly from: Commit; readonly to: Commit }>();
  for (const [name, { of, diff, notRead }] of diffs) {
    if (of === undefined) continue;
    if (diff?.deployed) ranges.set(name, diff.deployed);
    else found.set(name, { known: false, because: notRead ?? 'the candidate is not known' });
  }
  if (ranges.size === 0) return found;
  const { branch, name: own } = component;
  const tests = await parts.repositories
    .open(component.repository)
    .then((repository) =>
      selections.ofEach({ repository, branch, component: own }, [...ranges.values()], SELECT_WITHIN_MS),
    )
    .catch((problem: unknown): HandOffTests[] => {
      if (!(problem instanceof SourceProblem)) throw problem;
      return [...ranges].map(() => ({ known: false, because: problem.message }));
    });
  [...ranges.keys()].forEach((name, i) => {
    found.set(name, tests[i]!);
  });
  return found;
}

async function textOf(
  parts: Parts,
  cases: Cases,
  { id, kind, template, allowed }: { readonly id: FixId } & TextAsked,
): Answer<FixText> {
  const it = await cases.open(id);
  if (it === undefined) return fail(unknownFix(id));
  const component = cases.component(it.fix.component)!;
  const used = await templateOf(parts, kind, template);
  if (!used.ok) return used;
  return makeText({
    fix: it.fix,
    facts: it.facts,
    place: placeOf(component),
    repository: component.repository,
    kind,
    template: used.value,
    ...(allowed && { allowed }),
    now: parts.clock.now(),
  });
}

async function templateOf(
  { templates }: Parts,
  kind: TextKind,
  given: string | undefined,
): Promise<Result<{ readonly text: string; readonly from: FixText['template'] }, Trouble>> {
  if (given !== undefined) return ok({ text: given, from: 'given' });
  const none = 'this hub has no templates: give one with the request';
  try {
    return templates ? ok(await templates.read(kind)) : fail({ code: 'invalid', detail: none });
  } catch (problem) {
    if (!(problem instanceof TemplateProblem)) throw problem;
    return fail({ code: 'invalid', detail: problem.message });
  }
}
