import type { Commit } from '../base/ids.ts';
import type { ScopeChange } from './change.ts';
import { factsOf, type ScopeFacts } from './facts.ts';
import {
  BIAS,
  COUNTED,
  MEASURES,
  type Measure,
  measuresOf,
  TITLE_WEIGHTS,
  type TitlePart,
  titleParts,
  WEIGHTS,
} from './model.ts';
import type { ScopePolicy } from './policy.ts';
import { SIGNALS, type Sighting, type Signal } from './signal.ts';

/** What a part of the change adds to the log-odds of a feature: `value` times `weight`. */
type Contribution = {
  readonly measure: Measure | TitlePart;
  readonly from: 'code' | 'title';
  readonly value: number;
  readonly weight: number;
  readonly adds: number;
  readonly said: string;
};

/** A place and its part of what its measure adds. */
type WeighedSighting = Sighting & { readonly weight: number };

export type ScopeVerdict = {
  readonly from: Commit;
  readonly to: Commit;
  /** Empty when it was not to count. */
  readonly title: string;
  readonly verdict: 'fix' | 'unclear' | 'feature';
  /** How likely it is a feature, 0 to 1, among changes of which half are; by code and title, and by the code alone. */
  readonly score: number;
  readonly codeScore: number;
  readonly because: string;
  /** Signals found that the policy blocks by name. */
  readonly blocking: readonly Signal[];
  readonly thresholds: Pick<ScopePolicy, 'fixBelow' | 'featureFrom'>;
  /** The log-odds before anything is counted. */
  readonly bias: number;
  /** What adds most comes first; what adds nothing is left out. */
  readonly contributions: readonly Contribution[];
  /** In the order of `SIGNALS`. */
  readonly signals: readonly WeighedSighting[];
  readonly size: ScopeFacts['size'];
  /** Added lines of code in functions that were there, and all others. */
  readonly inside: ScopeFacts['inside'];
  readonly functions: {
    readonly altered: readonly FunctionPlace[];
    readonly added: readonly FunctionPlace[];
  };
  readonly tests: ScopeTests;
  readonly claims: ScopeFacts['claims'];
  readonly commits: number;
  /** It takes away more than twice the lines of code that it brings. */
  readonly isDeletion: boolean;
  readonly warnings: readonly string[];
};

type FunctionPlace = { readonly path: string; readonly name: string };
type ScopeTests = {
  /** Lines of tests that the change adds. */
  readonly added: number;
  /** Go functions that the change alters or adds, with the tests of their package that reach them. */
  readonly covered: ScopeFacts['covered'];
  /** Those that no test of their package reaches by name. */
  readonly uncovered: readonly FunctionPlace[];
  /** Functions beyond those that tests were looked for for. */
  readonly left: number;
};

/** Judges a change. `title`: in place of the change's own; the empty text lets none count. */
export function scopeVerdict(change: ScopeChange, policy: ScopePolicy, title?: string): ScopeVerdict {
  const facts = factsOf(change, title);
  const contributions = contributionsOf(facts);
  const sum = (some: readonly Contribution[]) => some.reduce((all, { adds }) => all + adds, BIAS);
  const score = likelihood(sum(contributions));
  const found = new Set(facts.sightings.map(({ signal }) => signal));
  const { fixBelow, featureFrom } = policy;
  const verdict = score < fixBelow ? 'fix' : score >= featureFrom ? 'feature' : 'unclear';
  return {
    from: change.from,
    to: change.to,
    title: title ?? change.title,
    verdict,
    score,
    codeScore: likelihood(sum(contributions.filter(({ from }) => from === 'code'))),
    because: becauseOf(contributions, facts, verdict === 'fix'),
    blocking: SIGNALS.filter((signal) => found.has(signal) && policy.blocks.includes(signal)),
    thresholds: { fixBelow, featureFrom },
    bias: rounded(BIAS),
    contributions: contributions.toSorted((a, b) => Math.abs(b.adds) - Math.abs(a.adds)),
    signals: weighed(facts.sightings, contributions),
    size: facts.size,
    inside: facts.inside,
    functions: { altered: facts.altered.map(placeOf), added: facts.added.map(placeOf) },
    tests: testsOf(facts),
    claims: facts.claims,
    commits: facts.commits,
    isDeletion: facts.size.code.removed > 2 * facts.size.code.added,
    warnings: change.warnings,
  };
}

const placeOf = ({ path, key }: { readonly path: string; readonly key: string }): FunctionPlace => ({
  path,
  name: key,
});

const testsOf = ({ size, covered, altered, added }: ScopeFacts): ScopeTests => ({
  added: size.test.added,
  covered: covered.filter(({ by }) => by.length > 0),
  uncovered: covered.filter(({ by }) => by.length === 0).map(({ path, name }) => ({ path, name })),
  left: altered.length + added.length - covered.length,
});

const likelihood = (logOdds: number): number => rounded(1 / (1 + Math.exp(-logOdds)));
const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

function contributionsOf(facts: ScopeFacts): Contribution[] {
  const values = measuresOf(facts);
  const code = MEASURES.map((measure): Contribution => {
    const [value, weight] = [values[measure], WEIGHTS[measure]];
    const adds = value * weight;
    return { measure, from: 'code', value: rounded(value), weight, adds, said: saidOf(measure, facts) };
  });
  const title = titleParts(facts).map((part): Contribution => {
    const weight = TITLE_WEIGHTS[part];
    return { measure: part, from: 'title', value: 1, weight, adds: weight, said: TITLE_SAID[part] };
  });
  return [...code, ...title].filter(({ adds }) => adds !== 0);
}

const TITLE_SAID: Readonly<Record<TitlePart, string>> = {
  bugTicket: 'the title names a bug',
  otherTicket: 'the title names a ticket that is none of a bug',
  fix: 'the title says fix:',
  feat: 'the title says feat:',
};

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

function saidOf(measure: Measure, facts: ScopeFacts): string {
  const places = facts.sightings.filter(({ signal }) => COUNTED[measure]?.includes(signal)).length;
  const said: Readonly<Record<Measure, string>> = {
    files: `${count(facts.files, 'file')} outside vendored folders`,
    outside: `${count(facts.inside.elsewhere, 'new line')} of code outside functions that were there`,
    inside: `${count(facts.inside.existing, 'new line')} in functions that were there`,
    manifests: `${count(facts.manifestLines, 'new line')} of manifests and templates`,
    exported: `${count(places, 'new exported name')}`,
    surface: `${count(places, 'new field, flag, variable, command, gate or migration', 'new fields, flags, variables, commands, gates or migrations')}`,
    signatures: `${count(places, 'exported signature')} changed`,
    'new-files': `${count(places, 'new file')} of code`,
    'command-line': 'it changes a command-line tool',
    'api-package': 'it changes an API package',
    documents: 'it changes documents',
    dependencies: `${count(places, 'new dependency', 'new dependencies')}`,
    bumps: `${count(places, 'newer dependency', 'newer dependencies')}`,
  };
  return said[measure];
}

/** What leans most each way, in words. */
function becauseOf(contributions: readonly Contribution[], { inside }: ScopeFacts, isFix: boolean): string {
  const top = contributions
    .filter(({ adds }) => adds > 0.2)
    .toSorted((a, b) => b.adds - a.adds)
    .slice(0, 3)
    .map(({ said }) => said);
  // What is inside is said as a share, also of a single line.
  const against = contributions
    .filter(({ adds, measure }) => adds < -0.2 && measure !== 'inside')
    .map(({ said }) => said);
  const all = inside.existing + inside.elsewhere;
  const share =
    all === 0
      ? []
      : [`${Math.round((100 * inside.existing) / all)} % of new code in functions that were there`];
  // What speaks for the verdict is read first.
  const parts = isFix ? [...against, ...share, ...top] : [...top, ...against, ...share];
  return parts.length > 0 ? parts.join('; ') : 'it changes no code';
}

/** A measure's part is shared out among its places. */
function weighed(sightings: readonly Sighting[], contributions: readonly Contribution[]): WeighedSighting[] {
  const counts = new Map<Measure, number>();
  const measureOf = ({ signal }: Sighting) => MEASURES.find((one) => COUNTED[one]?.includes(signal))!;
  for (const one of sightings) counts.set(measureOf(one), (counts.get(measureOf(one)) ?? 0) + 1);
  return sightings.map((one) => {
    const measure = measureOf(one);
    const adds = contributions.find((part) => part.measure === measure)?.adds ?? 0;
    return { ...one, weight: rounded(adds / counts.get(measure)!) };
  });
}
