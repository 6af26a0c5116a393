/** What counts of a package.json. Patterns have at most one star; targets are as written. */
export type JsPackage = {
  readonly name: string;
  /** `main`, `module`, `types` and the like, each as a path. */
  readonly main: readonly string[];
  readonly exports: readonly (readonly [string, readonly string[]])[];
  readonly imports: readonly (readonly [string, readonly string[]])[];
  /** Versions of what it depends on, by name. */
  readonly needs: ReadonlyMap<string, string>;
  /** The rest of what it says, as one text: scripts, type, settings of tools. */
  readonly rest: string;
};

/** What counts of a tsconfig.json or jsconfig.json. */
export type TsConfig = {
  readonly extends: readonly string[];
  readonly references: readonly string[];
  readonly baseUrl?: string;
  readonly paths: readonly (readonly [string, readonly string[]])[];
};

export type JsProject = {
  readonly packages: ReadonlyMap<string, JsPackage>;
  readonly configs: ReadonlyMap<string, TsConfig>;
};

const NEEDS = [
  'dependencies',
  'devDependencies',
  'peerDependencies',
  'optionalDependencies',
  'overrides',
  'resolutions',
];
const MAIN = ['main', 'module', 'browser', 'types', 'typings', 'source', 'svelte'];
/** Nothing that is run depends on these. */
const TALK = [
  'version',
  'description',
  'keywords',
  'author',
  'license',
  'homepage',
  'bugs',
  'repository',
  'funding',
];

/** Reads a package.json; what is broken is said and taken for empty. */
export function readJsPackage(text: string, say: (why: string) => void): JsPackage {
  const root = objectIn(text, say);
  const needs = new Map<string, string>();
  for (const kind of NEEDS)
    for (const [name, version] of Object.entries(asObject(root[kind])))
      needs.set(name, `${needs.get(name) ?? ''} ${JSON.stringify(version)}`);
  const others = Object.entries(root).filter(([key]) => ![...NEEDS, ...TALK].includes(key));
  return {
    name: typeof root.name === 'string' ? root.name : '',
    main: MAIN.flatMap((key) => (typeof root[key] === 'string' ? [root[key]] : [])),
    exports: patternsOf(root.exports, true),
    imports: patternsOf(root.imports, false),
    needs,
    rest: JSON.stringify(others),
  };
}

/** `exports` and `imports`: every target under any condition, since any may be the one that is taken. */
function patternsOf(value: unknown, isExports: boolean): [string, string[]][] {
  const isMap = asObject(value) === value && Object.keys(value as object).every((key) => /^[.#]/.test(key));
  if (value === undefined) return [];
  if (!isMap) return isExports ? [['.', textsIn(value)]] : [];
  return Object.entries(value as object).map(([pattern, targets]) => [pattern, textsIn(targets)]);
}

const DEPTH_MAX = 20;

function textsIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object' || depth > DEPTH_MAX) return [];
  return Object.values(value).flatMap((inner) => textsIn(inner, depth + 1));
}

/** Reads a tsconfig.json, which may have comments and commas at ends; what is broken is said and taken for empty. */
export function readTsConfig(text: string, say: (why: string) => void): TsConfig {
  const root = objectIn(withoutTalk(text), say);
  const options = asObject(root.compilerOptions);
  const references = Array.isArray(root.references) ? root.references : [];
  return {
    extends: textsIn(root.extends),
    references: references.flatMap((one: unknown) => textsIn(asObject(one).path)),
    ...(typeof options.baseUrl === 'string' && { baseUrl: options.baseUrl }),
    paths: Object.entries(asObject(options.paths)).map(([pattern, targets]) => [pattern, textsIn(targets)]),
  };
}

const withoutTalk = (text: string): string =>
  text
    .replace(/("(?:\\.|[^"\\\n])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '$1')
    .replace(/("(?:\\.|[^"\\\n])*")|,(?=\s*[}\]])/g, '$1');

function objectIn(text: string, say: (why: string) => void): Record<string, unknown> {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    if (asObject(value) === value) return value as Record<string, unknown>;
    say('it is no JSON object');
  } catch (problem) {
    say(`it is not JSON (${(problem as Error).message.slice(0, 100)})`);
  }
  return {};
}

const asObject = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
