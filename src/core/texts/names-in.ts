import { addressesIn } from './hosts-in.ts';
import { folded } from './readings.ts';

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
 * A name that stands in a text. `word`: the one word it is within, where it is no more than a part of it and a person may
 * allow that word. `address`: what it stands in, where the word is allowed but not there.
 */
export type NameFound = { readonly name: string; readonly word?: string; readonly address?: string };

/** The name that a word is, in any way it is read, or undefined: `bigbank` is `Big Bank`, `MULLER` is `Müller`. */
export const nameThatIs = (word: string, { known }: Names): string | undefined =>
  known.get(wordsOf(folded(word)).signs)?.[0]?.name;

/**
 * Names that stand in a text. One of four letters and digits or more counts within a word as well, and whatever stands
 * between its own words or does not: `Big Bank` is in `mybigbank.example`. A shorter one counts as words of its own.
 * Where a name is no more than a part of one word that is `allowed` it is not counted, unless that word stands in an
 * address; a word that is the name, and what reaches into another word, is counted always.
 */
export function namesIn(
  text: string,
  { lengths, known }: Names,
  allowed: ReadonlySet<string> = new Set(),
): NameFound[] {
  const { signs, begins } = wordsOf(text);
  const wordAt = wordsByPlace(text);
  const found = new Map<string, NameFound>();
  for (let at = 0; at < signs.length; at += 1)
    for (let first = 2; first <= PART_MIN; first += 1)
      for (const length of lengths.get(signs.slice(at, at + first)) ?? []) {
        if (at + length > signs.length) continue;
        for (const one of known.get(signs.slice(at, at + length)) ?? [])
          if (isThere(one, { at, length, begins })) {
            const { from, word, address } = wordAt(at);
            const isPart = at + length <= from + word.length && word.length > length;
            const isAllowed = isPart && allowed.has(word);
            if (isAllowed && address === undefined) continue;
            const more = isPart && address === undefined ? { word } : isAllowed && { address: address! };
            found.set(`${isPart ? from : '-'} ${one.name}`, { name: one.name, ...more });
          }
      }
  return [...found.values()];
}

type WordAt = { readonly from: number; readonly word: string; readonly address?: string };

/** The word that is at a place in the signs, where it begins, and the address it stands in; a text is cut into words once. */
function wordsByPlace(text: string): (at: number) => WordAt {
  const addresses = addressesIn(text);
  const words: WordAt[] = [];
  const which: number[] = [];
  let next = 0;
  for (const { 0: word, index } of text.matchAll(WORD)) {
    while (next < addresses.length && addresses[next]!.to <= index) next += 1;
    const place = addresses[next];
    const address = place !== undefined && place.from < index + word.length ? place.text : undefined;
    words.push({ from: which.length, word, ...(address !== undefined && { address }) });
    for (let sign = 0; sign < word.length; sign += 1) which.push(words.length - 1);
  }
  return (at) => words[which[at]!]!;
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
