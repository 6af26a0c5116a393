import { folderOf, isWithin, nameOf } from '../code/folders.ts';
import type { Meaning } from './go-changes.ts';
import { isJsForeign, isJsSettings, jsNode, npmNode } from './js-graph.ts';
import { readJsPackage } from './js-project.ts';
import type { Seed } from './reach.ts';
import type { Sources } from './sources.ts';

const JS_LOCKS = /^(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?)$/;
const JS_TOOLS =
  /^(?:(?:vitest|vite|jest|babel|karma|mocha|playwright|cypress|webpack|rollup|rspack|tsup|svelte|next|nuxt|astro)\.(?:[\w-]+\.)*(?:config|workspace)\.[cm]?[jt]s|(?:vitest|jest)\.(?:config|workspace)\.json|\.(?:babelrc|mocharc|swcrc|npmrc|nvmrc|node-version|yarnrc)(?:\.\w+)?|pnpm-workspace\.yaml|lerna\.json|nx\.json|turbo\.json|\.pnp\.[cl]?js)$/;
const PY_SETTINGS = /^(?:pyproject\.toml|setup\.py|setup\.cfg|tox\.ini|pytest\.ini|\.python-version)$/;
const PY_LOCKS =
  /^(?:poetry\.lock|uv\.lock|Pipfile|Pipfile\.lock|pdm\.lock|(?:.*[-_])?requirements(?:[-_.].*)?\.(?:txt|in)|constraints.*\.txt)$/;

/** Whether a file of this name sets up a tool that runs JavaScript tests; what it names is taken in by each of them. */
export const isJsTool = (name: string): boolean => JS_TOOLS.test(name);

/** Tests below a folder, of one language. */
export type Below = (folder: string, language: 'js' | 'py') => readonly string[];

/** What a change of settings means: for all tests below, or for those that import what got another version. */
export function meaningOfSettings(
  path: string,
  sides: readonly [Sources, Sources],
  testsBelow: Below,
): Meaning | undefined {
  if (isJsForeign(path)) return undefined;
  const name = nameOf(path);
  const everything = (language: 'js' | 'py', distance: number, as: string): Meaning => {
    const seeds = testsBelow(folderOf(path), language).map((test) => ({
      node: jsNode(test),
      distance,
      because: path,
    }));
    return { as, seeds, ...(seeds.length === 0 && { because: 'no test lies below it' }) };
  };
  if (name === 'package.json') return ofPackage(path, sides, () => everything('js', 1, 'js settings'));
  if (isJsSettings(name) || isJsTool(name)) return everything('js', 1, 'js settings');
  if (JS_LOCKS.test(name)) return everything('js', 2, 'js lock');
  if (PY_SETTINGS.test(name)) return everything('py', 1, 'python settings');
  if (PY_LOCKS.test(name)) return everything('py', 2, 'python lock');
  return undefined;
}

function ofPackage(path: string, sides: readonly [Sources, Sources], everything: () => Meaning): Meaning {
  const [before, after] = sides.map((side) => readJsPackage(side.text(path) ?? '', () => {}));
  if (before!.rest !== after!.rest) return everything();
  const names = new Set([...before!.needs.keys(), ...after!.needs.keys()]);
  const seeds: Seed[] = [...names]
    .filter((name) => before!.needs.get(name) !== after!.needs.get(name))
    .flatMap((name) => {
      const because = `${path}: ${name}${before!.needs.get(name) ?? ' none'} →${after!.needs.get(name) ?? ' none'}`;
      return [
        name,
        name.replace(/^@types\/(?:(.+)__)?(.+)$/, (_, scope, bare) => (scope ? `@${scope}/${bare}` : bare)),
      ].map((one) => ({ node: npmNode(one), distance: 0, because }));
    });
  return { as: 'js package', seeds, ...(seeds.length === 0 && { because: 'nothing in it changes a test' }) };
}

export const testsIn = (tests: readonly string[], folder: string): string[] =>
  tests.filter((test) => isWithin(test, folder));
