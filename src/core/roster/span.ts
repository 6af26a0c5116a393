import { earliest, type Instant, type Ms, msBetween } from '../base/instant.ts';

/** From an instant up to another that is not in it. */
export type Span = { readonly from: Instant; readonly to: Instant };

export const holds = (span: Span, at: Instant): boolean => span.from <= at && at < span.to;

/** The instants in any of the spans, as few spans that touch nowhere, in order. Empty ones go. */
export function union(spans: readonly Span[]): Span[] {
  const merged: { from: Instant; to: Instant }[] = [];
  const sorted = spans.filter(({ from, to }) => from < to).toSorted((a, b) => compareText(a.from, b.from));
  for (const { from, to } of sorted) {
    const last = merged.at(-1);
    if (last === undefined || last.to < from) merged.push({ from, to });
    else if (last.to < to) last.to = to;
  }
  return merged;
}

/** The instants of the first that are in none of the second; both in the form of `union`. */
export function without(spans: readonly Span[], taken: readonly Span[]): Span[] {
  const left: Span[] = [];
  let next = 0;
  for (const { from, to } of spans) {
    let at = from;
    while (next < taken.length && taken[next]!.to <= from) next += 1;
    for (let i = next; i < taken.length && taken[i]!.from < to; i += 1) {
      if (at < taken[i]!.from) left.push({ from: at, to: taken[i]!.from });
      at = later(at, taken[i]!.to);
    }
    if (at < to) left.push({ from: at, to });
  }
  return left;
}

/** The part of every span that lies in another. */
export const within = <S extends Span>(spans: readonly S[], { from, to }: Span): S[] =>
  spans
    .filter((span) => span.from < to && from < span.to)
    .map((span) => ({ ...span, from: later(span.from, from), to: earliest(span.to, to)! }));

export const lengthMs = (spans: readonly Span[]): Ms =>
  spans.reduce((sum, { from, to }) => sum + msBetween(from, to), 0);

const later = (a: Instant, b: Instant): Instant => (a < b ? b : a);

/** By code units: the same order on every machine. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
