import type { GoToken } from './go-tokens.ts';

/**
 * What a function takes and gives, by type: `params` and `results` hold one type a value, as text without blanks.
 * A last parameter of `...T` takes any number.
 */
export type GoSignature = { readonly params: readonly string[]; readonly results: readonly string[] };

/** The names and types in a list between parentheses. `tokens`: without the parentheses. */
export function goFields(tokens: readonly GoToken[]): { readonly name?: string; readonly type: string }[] {
  const items = splitAtCommas(tokens);
  const isNamed = items.some(beginsWithName);
  const fields: { name?: string; type: string }[] = [];
  // `a, b string`: a name without a type has the type of the next that has one.
  let type = '';
  for (const item of items.toReversed()) {
    if (!isNamed) {
      fields.unshift({ type: joined(item) });
      continue;
    }
    const [name, ...rest] = item;
    if (rest.length > 0) type = joined(rest);
    fields.unshift({ name: name!.text, type });
  }
  return fields;
}

/** The names alone. */
export function goFieldNames(tokens: readonly GoToken[]): string[] {
  const items = splitAtCommas(tokens);
  return items.some(beginsWithName) ? items.map(([name]) => name!.text) : [];
}

/** Whether calls made for one signature may not compile, or mean something else, with the other. */
export function isSameSignature(a: GoSignature, b: GoSignature): boolean {
  return a.params.join() === b.params.join() && a.results.join() === b.results.join();
}

/** Whether a call with so many arguments fits. */
export function takes(signature: GoSignature, args: number): boolean {
  const { params } = signature;
  return params.at(-1)?.startsWith('...') ? args >= params.length - 1 : args === params.length;
}

/** Splits at the commas that are in no bracket. An empty last piece is left out. */
export function splitAtCommas(tokens: readonly GoToken[]): GoToken[][] {
  const items: GoToken[][] = [];
  let item: GoToken[] = [];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'end') continue;
    depth += depthOf(token);
    if (depth === 0 && token.kind === 'mark' && token.text === ',') {
      items.push(item);
      item = [];
    } else item.push(token);
  }
  if (item.length > 0) items.push(item);
  return items;
}

/** 1 for an opening bracket, -1 for a closing one, 0 for all else. */
export function depthOf(token: GoToken): number {
  if (token.kind !== 'mark') return 0;
  if (token.text === '(' || token.text === '[' || token.text === '{') return 1;
  return token.text === ')' || token.text === ']' || token.text === '}' ? -1 : 0;
}

const TYPE_WORDS = new Set(['func', 'chan', 'map', 'interface', 'struct']);

/** `name Type`, as against a type alone: `Type`, `pkg.Type`, `Type[int]`, `*Type`, `func()`. */
function beginsWithName(item: readonly GoToken[]): boolean {
  const [first, second] = item;
  if (first?.kind !== 'word' || !second || TYPE_WORDS.has(first.text)) return false;
  if (second.kind !== 'mark') return true;
  if (second.text === '.') return false;
  if (second.text !== '[') return true;
  // `a [5]int` goes on after the bracket, `List[int]` does not.
  let depth = 0;
  const close = item.findIndex((token, i) => {
    depth += depthOf(token);
    return i > 0 && depth === 0;
  });
  return close < item.length - 1;
}

function joined(tokens: readonly GoToken[]): string {
  return tokens
    .filter(({ kind }) => kind !== 'end')
    .map((token, i, all) =>
      token.kind === 'word' && all[i - 1]?.kind === 'word' ? ` ${token.text}` : token.text,
    )
    .join('');
}
