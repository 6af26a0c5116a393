import { type GoBody, goBodies } from './go-declarations.ts';
import type { GoRange } from './go-tokens.ts';

/** Pieces of two versions of a Go file: `was` only the older has, `is` only the newer, wherever in it. */
export type GoAltered = { readonly was: readonly GoBody[]; readonly is: readonly GoBody[] };

/** A text and its sections. */
export type GoSectioned = { readonly text: string; readonly sections: readonly GoRange[] };

/** Reads the sections only that differ. A version that is not there counts as an empty one. */
export function alteredBodies(before: GoSectioned = EMPTY, now: GoSectioned = EMPTY): GoAltered {
  const [one, other] = unlike(sectionsOf(before), sectionsOf(now));
  const [was, is] = unlike(bodiesOf(before, one), bodiesOf(now, other));
  return { was: was.map(({ range }) => range), is: is.map(({ range }) => range) };
}

const EMPTY: GoSectioned = { text: '', sections: [] };

type Cut<Range> = { readonly range: Range; readonly text: string };

const cut = <Range extends GoRange>(text: string, range: Range): Cut<Range> => ({
  range,
  text: text.slice(range.from, range.to),
});

const sectionsOf = ({ text, sections }: GoSectioned) => sections.map((range) => cut(text, range));

const bodiesOf = ({ text }: GoSectioned, sections: readonly Cut<GoRange>[]) =>
  sections.flatMap(({ range }) => goBodies(text, range)).map((range) => cut(text, range));

/** What of each list the other does not have, or not as often. Most of two lists is alike at both ends. */
function unlike<Range>(a: readonly Cut<Range>[], b: readonly Cut<Range>[]): [Cut<Range>[], Cut<Range>[]] {
  const most = Math.min(a.length, b.length);
  let first = 0;
  while (first < most && a[first]!.text === b[first]!.text) first += 1;
  let last = 0;
  while (last < most - first && a.at(-1 - last)!.text === b.at(-1 - last)!.text) last += 1;
  const [one, other] = [a.slice(first, a.length - last), b.slice(first, b.length - last)];
  return [without(one, other), without(other, one)];
}

function without<Range>(cuts: readonly Cut<Range>[], others: readonly Cut<Range>[]): Cut<Range>[] {
  const left = new Map<string, number>();
  for (const { text } of others) left.set(text, (left.get(text) ?? 0) + 1);
  return cuts.filter(({ text }) => {
    const count = left.get(text) ?? 0;
    if (count > 0) left.set(text, count - 1);
    return count === 0;
  });
}
