/** Keys and positions in lists that lead to a value, from the top. */
export type Path = readonly (string | number)[];

/** Something in a configuration that is not allowed. `at: 'key'`: it is the key's fault, not its value's. */
export type Fault = { readonly path: Path; readonly at: 'key' | 'value'; readonly text: string };

/** `policies[0].stages[1].take`; keys that are no plain words are quoted. Empty for the whole file. */
export function pathText(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(step)) return `[${shown(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** What policies had before rollouts went by evidence, and what says the same or better now. */
const FORMER: Readonly<Record<string, string>> = {
  waves:
    'the sizes of waves follow from the evidence now; leave it out, or write `stages: [{ name: first, take: 5, soak: 30m }]` for subsets with names',
  failedPerWaveMax:
    'failures are judged against those without the image now; leave it out, or write `pace: { harmBudget: 25 }` for how many may be expected to break',
  failedPerManagementClusterMax:
    'every management cluster has a share of the harm budget now; leave it out, or write `pace: { harmBudget: 25 }`',
  inFlightPerManagementCluster: 'it stands below pace now: `pace: { inFlightPerManagementCluster: 4 }`',
};

/** What to write in place of a key that a policy had once; undefined for any other. */
export function formerKey(path: Path): string | undefined {
  const [root, , key, ...more] = path;
  if (root !== 'policies' || typeof key !== 'string' || more.length > 0) return undefined;
  return Object.hasOwn(FORMER, key) ? FORMER[key] : undefined;
}

const SHOWN_MAX = 60;

/** A value as people wrote it, shortened: `"abc"`, `5`, `nothing`, `a list`, `a map`. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX - 1)}…` : text;
}

/** The word of a list that was most likely meant: at most a third of its letters differ. Undefined when none is. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const ranked = words
    .map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.far - b.far);
  const best = ranked[0];
  if (best === undefined) return undefined;
  return best.far <= Math.max(1, Math.floor(best.candidate.length / 3)) ? best.candidate : undefined;
}

/** How many letters must be added, taken away, changed or swapped with the next to get from one word to the other. */
function distance(from: string, to: string): number {
  // Only words that could be near are compared; a key of a megabyte is near to none.
  if (Math.abs(from.length - to.length) > 20) return Number.POSITIVE_INFINITY;
  let older: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const change = from[i - 1] === to[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const ways = [row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + change];
      next.push(Math.min(...ways, swapped ? older[j - 2]! + 1 : Number.POSITIVE_INFINITY));
    }
    older = row;
    row = next;
  }
  return row[to.length]!;
}
