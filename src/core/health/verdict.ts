/** What the evidence says of the patched cohort. "Not enough data" is an answer. */
export type Verdict =
  | { readonly kind: 'not worse'; readonly because: string }
  | { readonly kind: 'not enough data'; readonly because: string }
  | { readonly kind: 'worse'; readonly because: string };
