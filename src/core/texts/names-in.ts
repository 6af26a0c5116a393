/** A text or a name without what stands between its words. `begins`: where in `signs` a word begins; its length too. */
type Words = { readonly signs: string; readonly begins: ReadonlySet<number> };

/** Letters and digits from which a name counts as part of a word too. */
const PART_MIN = 4;
const NAME_MIN = 3;
const WORD = /[\p{L}\p{N}]+/gu;

function wordsOf(text: string): Words {
  const begins = new Set<number>();
  const words: string[] = [];
  let at = 0;
  for (const [word] of text.matchAll(WORD)) {
    begins.add(at);
    words.push(word);
    at += word.length;
  }
  return { signs: words.join(''), begins: begins.add(at) };
}

/** Names by their first signs and their lengths, so that a text is gone through once for all of them. */
export type Names = {
  readonly lengths: ReadonlyMap<string, ReadonlySet<number>>;
  readonly known: ReadonlyMap<string, readonly Known[]>;
};

type Known = { readonly name: string; readonly begins: ReadonlySet<number>; readonly isPart: boolean };

/**
 * Names to be looked for, each in every way it is `read`. Those of fewer than three signs are none, nor those without
 * a letter or digit.
 */
export function namesOf(names: Iterable<string>, read: (name: string) => readonly string[]): Names {
  const lengths = new Map<string, Set<number>>();
  const known = new Map<string, Known[]>();
  for (const name of names) {
    if (name.trim().length < NAME_MIN) continue;
    for (const { signs, begins } of read(name).map(wordsOf)) {
      if (signs.length < 2) continue;
      const first = signs.slice(0, PART_MIN);
      lengths.set(first, (lengths.get(first) ?? new Set()).add(signs.length));
      known.set(signs, [...(known.get(signs) ?? []), { name, begins, isPart: signs.length >= PART_MIN }]);
    }
  }
  return { lengths, known };
}

/**
 * Names that stand in a text. One of four letters and digits or more counts within a word as well, and whatever stands
 * between its own words or does not: `Big Bank` is in `mybigbank.example`. A shorter one counts as words of its own.
 */
export function namesIn(text: string, { lengths, known }: Names): string[] {
  const { signs, begins } = wordsOf(text);
  const found = new Set<string>();
  for (let at = 0; at < signs.length; at += 1)
    for (let first = 2; first <= PART_MIN; first += 1)
      for (const length of lengths.get(signs.slice(at, at + first)) ?? []) {
        for (const one of known.get(signs.slice(at, at + length)) ?? [])
          if (isThere(one, { at, length, begins })) found.add(one.name);
      }
  return [...found];
}

function isThere(
  { begins: own, isPart }: Known,
  {
    at,
    length,
    begins,
  }: { readonly at: number; readonly length: number; readonly begins: ReadonlySet<number> },
): boolean {
  const isWhole = begins.has(at) && begins.has(at + length);
  if (!isPart && !isWhole) return false;
  for (let inside = 1; inside < length; inside += 1) {
    const [isHere, isInName] = [begins.has(at + inside), own.has(inside)];
    // `from any` does not hold `many`; a short name must be written as it is.
    if (isHere !== isInName && (isHere || !isPart)) return false;
  }
  return true;
}
