import { folderOf } from '../code/folders.ts';
import { goBodies, readGoDeclarations } from '../code/go-declarations.ts';
import type { ScopeChange } from './change.ts';
import { type GoPiece, keyOf } from './go-file-change.ts';

/**
 * A function that the change alters or adds, and the tests that name it, or name one that calls it, in its package.
 * `inChange`: among them is one that the change itself brings or alters.
 */
export type Covered = {
  readonly path: string;
  readonly name: string;
  readonly by: readonly string[];
  readonly inChange: boolean;
};

const HOPS_MAX = 3;
/** Tests are looked for for so many functions; a change of more is none that a person reads function by function. */
const LOOKED_FOR_MAX = 300;
const TESTS_SHOWN_MAX = 5;

/**
 * Which functions tests of the same package reach, by names: a call through an interface or from another package is not
 * seen. The nearest tests come first.
 */
export function coveredFunctions(
  change: ScopeChange,
  altered: readonly GoPiece[],
  isOfChange: (path: string, test: string) => boolean,
): Covered[] {
  const packages = new Map<string, Package>();
  return altered.slice(0, LOOKED_FOR_MAX).map((one) => {
    const inside = packages.get(one.folder) ?? packageIn(change, one.folder);
    packages.set(one.folder, inside);
    const tests = testsOf(one.declared.name, inside);
    const ofChange = tests.filter(({ path, name }) => isOfChange(path, name));
    return {
      path: one.path,
      name: one.key,
      by: [...ofChange, ...tests.filter((test) => !ofChange.includes(test))]
        .slice(0, TESTS_SHOWN_MAX)
        .map(({ path, name }) => `${path}:${name}`),
      inChange: ofChange.length > 0,
    };
  });
}

type Func = {
  readonly path: string;
  readonly name: string;
  readonly isTest: boolean;
  readonly names: ReadonlySet<string>;
};
type Package = { readonly callers: ReadonlyMap<string, readonly Func[]> };

/** Functions of one folder by the names they use; tests of `_test` packages lie in the same folder. */
function packageIn({ files, neighbours }: ScopeChange, folder: string): Package {
  const callers = new Map<string, Func[]>();
  const all = [...files.map(({ path, now = '' }) => ({ path, text: now })), ...neighbours];
  for (const { path, text } of all) {
    if (!path.endsWith('.go') || folderOf(path) !== folder) continue;
    for (const func of functionsIn(path, text))
      for (const name of func.names) {
        const some = callers.get(name);
        if (some) some.push(func);
        else callers.set(name, [func]);
      }
  }
  return { callers };
}

function functionsIn(path: string, text: string): Func[] {
  const isTestFile = path.endsWith('_test.go');
  return goBodies(text).flatMap((body) => {
    if (body.kind !== 'func') return [];
    const declared = readGoDeclarations(text, body)[0];
    if (!declared) return [];
    const isTest = isTestFile && /^(Test|Fuzz|Benchmark|Example)/.test(declared.name);
    const names = wordsIn(text.slice(body.from, body.to));
    names.delete(declared.name);
    return [{ path, name: keyOf(declared), isTest, names }];
  });
}

/** Breadth first over callers, so that a test that names the function itself comes before one that reaches it. */
function testsOf(name: string, { callers }: Package): Func[] {
  const seen = new Set([name]);
  const tests = new Set<Func>();
  let names = [name];
  for (let hop = 0; hop < HOPS_MAX && names.length > 0; hop += 1) {
    const above = names.flatMap((one) => callers.get(one) ?? []);
    for (const func of above) if (func.isTest) tests.add(func);
    names = [...new Set(above.map((func) => func.name.slice(func.name.indexOf('.') + 1)))].filter(
      (one) => !seen.has(one),
    );
    for (const one of names) seen.add(one);
  }
  return [...tests];
}

/** Names in Go code; what stands in comments and strings is stepped over. */
function wordsIn(code: string): Set<string> {
  const words = new Set<string>();
  for (const [, word] of code.matchAll(WORD)) if (word !== undefined) words.add(word);
  return words;
}

// What is not closed reaches to its end, so that no text is read twice.
const WORD =
  /\/\/[^\n]*|\/\*(?:[\s\S]*?\*\/|[\s\S]*)|"(?:\\.|[^"\\\n])*"?|`[^`]*`?|([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)/g;
