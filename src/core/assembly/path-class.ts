import type { PathClass } from './assembly.ts';

/**
 * Patterns by class, tried in this order; the first that matches decides, and `code` is what is left.
 * A component adds its own in front.
 */
export type PathRules = Partial<Readonly<Record<Exclude<PathClass, 'code'>, readonly RegExp[]>>>;

// Generated comes first: a generated file in a test folder is still made again, not merged.
const ORDER = ['generated', 'docs', 'test', 'build'] as const;

const USUAL: Required<PathRules> = {
  generated: [
    /(^|\/)(vendor|node_modules|third_party)\//,
    /(^|\/)(go\.sum|go\.work\.sum|modules\.txt|package-lock\.json|yarn\.lock|pnpm-lock\.yaml|Cargo\.lock|poetry\.lock|uv\.lock)$/,
    /(^|\/)zz_generated[^/]*$/,
    /\.(pb|pb\.gw|gen|generated)\.[a-z]+$/,
    /(^|\/)[^/]*crds?\/.*\.ya?ml$|\.crd\.ya?ml$|(^|\/)zz_generated[^/]*\//,
    // As controller-gen names a CRD: group, then plural.
    /(^|\/)[a-z0-9-]+(\.[a-z0-9-]+)+_[a-z]+\.ya?ml$/,
    /(^|\/)(applyconfiguration|applyconfigurations|clientset|listers|informers)\//,
    /(^|\/)zz_fixture[^/]*$/,
  ],
  docs: [
    /(^|\/)docs?\//,
    /\.(md|mdx|adoc|rst)$/i,
    /(^|\/)(OWNERS|OWNERS_ALIASES|LICENSE|CODEOWNERS|NOTICE)$/,
  ],
  test: [
    /_test\.go$/,
    /(^|\/)(test|tests|e2e|testdata|__tests__|__snapshots__|fixtures)\//,
    /\.(test|spec)\.[cm]?[jt]sx?$/,
    /(^|\/)(test_[^/]*|[^/]*_test|conftest)\.py$/,
  ],
  build: [
    /(^|\/)(Dockerfile|Containerfile)[^/]*$|(^|\/)Makefile$|\.mk$/,
    /(^|\/)(\.github|\.tekton|\.konflux|\.ci-operator|hack|ci)\//,
    /(^|\/)(\.ci-operator\.yaml|\.ko\.ya?ml|\.gitlab-ci\.yml|\.golangci\.ya?ml|\.pre-commit-config\.yaml|renovate\.json)$/,
    /(^|\/)(go\.mod|go\.work|package\.json|pyproject\.toml|requirements[^/]*\.txt)$/,
  ],
};

export type PathGlobs = Partial<Readonly<Record<Exclude<PathClass, 'code'>, readonly string[]>>>;

/**
 * A component's own rules from patterns: `*` is any part of a name, `**` any folders, and a pattern without either
 * that ends in `/` is a folder with all below it.
 */
export function pathRules(globs: PathGlobs): PathRules {
  return Object.fromEntries(
    ORDER.flatMap((kind) => (globs[kind] ? [[kind, globs[kind].map(patternOf)]] : [])),
  ) as PathRules;
}

function patternOf(glob: string): RegExp {
  const text = (glob.endsWith('/') ? `${glob}**` : glob).replace(/[.+^${}()|[\]\\?]/g, '\\$&');
  const pattern = text.replace(/\*\*\/|\*\*|\*/g, (stars) =>
    stars === '**/' ? '(?:.*/)?' : stars === '**' ? '.*' : '[^/]*',
  );
  return new RegExp(`^${pattern}$`);
}

/** What a path is for, by its name alone. `more` are a component's own rules; they win over the usual ones. */
export function pathClass(path: string, more: PathRules = {}): PathClass {
  for (const rules of [more, USUAL])
    for (const kind of ORDER) if (rules[kind]?.some((pattern) => pattern.test(path))) return kind;
  return 'code';
}
