import type { PathClass, Proposal } from '../../../core/assembly/assembly.ts';
import type { Step } from '../change/steps.ts';
import { MissingObject } from '../objects/git.ts';
import type { Store } from '../objects/store.ts';
import type { Bench } from './memo-merge.ts';
import { type How, type Resolved, resolveSteps } from './resolve-steps.ts';

/** The tree before the change, the steps of the change that must become clean, and what all remedies share. */
export type RemedySearch = {
  readonly tree: string;
  readonly steps: readonly Pick<Step, 'delta'>[];
  readonly bench: Bench;
};

type Remedy = { readonly kind: 'adjacent' | 'regenerate'; readonly how: How };

const MADE_AGAIN: readonly PathClass[] = ['generated', 'docs'];
const NOT_PRODUCT: readonly PathClass[] = [...MADE_AGAIN, 'test', 'build'];

const ADJACENT: Remedy = { kind: 'adjacent', how: { adjacent: true, leave: [] } };
const REGENERATE: Remedy = { kind: 'regenerate', how: { adjacent: false, leave: MADE_AGAIN } };
const PRODUCT_ONLY: Remedy = { kind: 'regenerate', how: { adjacent: false, leave: NOT_PRODUCT } };
const TOGETHER: Remedy = { kind: 'adjacent', how: { adjacent: true, leave: MADE_AGAIN } };
const TOGETHER_PRODUCT_ONLY: Remedy = { kind: 'adjacent', how: { adjacent: true, leave: NOT_PRODUCT } };

// The second of each pair leaves more to a person; with what it adds to the first it is tried all the same.
const ALONE = [ADJACENT, REGENERATE, PRODUCT_ONLY];
const COMBINED = [TOGETHER, TOGETHER_PRODUCT_ONLY];

/**
 * Tries for real to put edits side by side that touch no common line, and to leave paths to be made again; both
 * together when neither alone is enough. No two proposals give the same tree, and none that of the line itself.
 */
export async function proposeRemedies(store: Store, search: RemedySearch): Promise<Proposal[]> {
  const found = new Map<string, Proposal>();
  const attempt = async (remedy: Remedy) => {
    const resolved = await tryRemedy(store, remedy, search);
    const tree = resolved?.trees.at(-1);
    if (!resolved || tree === undefined || tree === search.tree) return false;
    if (!found.has(tree)) found.set(tree, proposalOf(remedy, tree, resolved));
    return true;
  };
  const worked: Remedy[] = [];
  for (const remedy of ALONE) if (await attempt(remedy)) worked.push(remedy);
  if (worked.includes(ADJACENT) || worked.includes(REGENERATE)) return [...found.values()];
  for (const remedy of COMBINED) if (await attempt(remedy)) break;
  return [...found.values()];
}

/** Does once more the remedy of this kind that gave the tree `wanted`; undefined when none gives it any more. */
export async function acceptRemedy(
  store: Store,
  work: RemedySearch & { readonly kind: Remedy['kind']; readonly wanted: string },
): Promise<Resolved | undefined> {
  for (const remedy of [...ALONE, ...COMBINED].filter((one) => one.kind === work.kind)) {
    const resolved = await tryRemedy(store, remedy, work);
    if (resolved?.trees.at(-1) === work.wanted) return resolved;
  }
  return undefined;
}

/** What a clone lacks is no remedy here. */
async function tryRemedy(
  store: Store,
  { how }: Remedy,
  { tree, steps, bench }: RemedySearch,
): Promise<Resolved | undefined> {
  try {
    return await resolveSteps(store, { tree, steps, how, bench });
  } catch (problem) {
    if (problem instanceof MissingObject) return undefined;
    throw problem;
  }
}

function proposalOf({ kind }: Remedy, tree: string, resolved: Resolved): Proposal {
  return {
    kind,
    outcome: resolved.left.length === 0 ? 'clean' : 'incomplete',
    commits: [],
    subjects: [],
    tree,
    passengers: { commits: 0, files: 0, lines: 0 },
    left: resolved.left,
    look: lookAt(resolved),
  };
}

/** What a person must still look at when a remedy is taken, one sentence each. */
export function lookAt({ sideBySide, left }: Pick<Resolved, 'sideBySide' | 'left'>): string[] {
  const touching = sideBySide.filter((one) => one.places > 0);
  const named = touching.map((one) => `${one.path} (${one.places} ${one.places === 1 ? 'place' : 'places'})`);
  const imports = sideBySide.filter((one) => one.imports).map((one) => one.path);
  const leftOf = (of: PathClass) => left.filter((one) => one.class === of).map((one) => one.path);
  return [
    ...say(named, 'edits of both sides stand side by side: read them together in'),
    ...say(imports, 'import blocks were put together: see that it builds and no import is unused in'),
    ...say(leftOf('generated'), 'generated files are as the line has them and must be made again:'),
    ...say(leftOf('docs'), 'documents are as the line has them and do not tell of the change:'),
    ...say(leftOf('test'), 'tests are as the line has them and do not try the change:'),
    ...say(leftOf('build'), 'build files are as the line has them and lack their part of the change:'),
  ];
}

const NAMED_MAX = 8;

function say(names: readonly string[], what: string): string[] {
  if (names.length === 0) return [];
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
  return [`${what} ${names.slice(0, NAMED_MAX).join(', ')}${more}`];
}
