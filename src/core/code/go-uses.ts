import type { GoBody } from './go-declarations.ts';
import { depthOf, goFieldNames, splitAtCommas } from './go-signature.ts';
import { allGoTokens, type GoToken, goTokens } from './go-tokens.ts';

/**
 * A name that a piece of code uses. `of`: the single name before the dot, as `fmt` in `fmt.Print`. `isMember`:
 * it follows a dot, whatever is before that. `args`: how many arguments it is called with; absent when
 * it is not called, or when one call in the parentheses may give several.
 */
export type GoUse = {
  readonly name: string;
  readonly of?: string;
  readonly isMember: boolean;
  readonly isCalled: boolean;
  readonly args?: number | undefined;
  /** Offset in the file. */
  readonly at: number;
};

/**
 * What one top-level piece uses of others. Not what it makes itself: parameters, `:=`, `var`, labels, fields of a
 * struct; a member of such a name is told without its owner. Scopes within the piece are not told apart: a name it
 * makes anywhere is its own everywhere.
 */
export function readGoUses(text: string, body: GoBody): GoUse[] {
  const tokens = allGoTokens(text, body);
  const nameAt = nameOfMethod(tokens);
  const own = new Set<string>();
  const used: number[] = [];
  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i]!;
    if (token.kind !== 'word') {
      if (token.text === ':=') namesBefore(tokens, i, own);
      else if (token.text === '(' && beginsParams(tokens, i)) namesOfParams(tokens, i, own);
      continue;
    }
    if (KEYWORDS.has(token.text) || i === nameAt) continue;
    const isMember = isMemberAt(tokens, i);
    if (!isMember && isMade(tokens, i, body)) own.add(token.text);
    else if (isMember || tokens[i + 1]?.text !== ':' || !isKeyOrLabel(tokens, i)) used.push(i);
  }
  return used
    .filter((i) => isMemberAt(tokens, i) || !own.has(tokens[i]!.text))
    .map((i) => new UseAt(tokens, i, own));
}

const isMemberAt = (tokens: readonly GoToken[], i: number): boolean => {
  const before = tokens[i - 1];
  return before?.text === '.' && before.kind === 'mark';
};

/** A use by its place. Most are never asked for more than their name. */
class UseAt implements GoUse {
  readonly name: string;
  readonly isMember: boolean;
  readonly at: number;
  readonly of?: string;
  readonly isCalled: boolean;
  readonly #tokens: readonly GoToken[];
  readonly #i: number;

  constructor(tokens: readonly GoToken[], i: number, own: ReadonlySet<string>) {
    const { text, at } = tokens[i]!;
    this.name = text;
    this.at = at;
    this.isMember = isMemberAt(tokens, i);
    this.isCalled = tokens[i + 1]?.text === '(';
    const owner = ownerAt(tokens, i);
    if (owner !== undefined && !own.has(owner)) this.of = owner;
    this.#tokens = tokens;
    this.#i = i;
  }

  get args(): number | undefined {
    const inside = this.isCalled ? insideAt(this.#tokens, this.#i + 1) : undefined;
    return inside && argsOf(inside);
  }
}

/** Where `func (r T) name` has the name, which is no use of one; -1 for all else. */
const nameOfMethod = (tokens: readonly GoToken[]): number =>
  tokens[0]?.text === 'func' && tokens[1]?.text === '(' ? closeOf(tokens, 1) + 1 : -1;

/** `name Type` after which a name is the piece's own: a field, a variable, a parameter, a declared name. */
function isMade(tokens: readonly GoToken[], i: number, body: GoBody): boolean {
  const [before, after] = [tokens[i - 1], tokens[i + 1]];
  if (before?.kind === 'word' && DECLARES.has(before.text)) return true;
  const isFirst = before === undefined || before.kind === 'end' || before.text === '{' || before.text === '(';
  // A method of an interface type, and the names of a var or const group.
  if (isFirst && body.kind === 'type' && after?.text === '(') return true;
  if (isFirst && body.kind !== 'func' && (after?.text === '=' || after?.text === ',')) return true;
  if (!after) return false;
  if (after.kind === 'word') return !KEYWORDS.has(after.text) || TYPE_WORDS.has(after.text);
  const isListed = isFirst || before?.text === ',';
  return isListed && (after.text === '*' || after.text === '[') && body.kind === 'type';
}

function ownerAt(tokens: readonly GoToken[], i: number): string | undefined {
  const [owner, beforeOwner] = [tokens[i - 2], tokens[i - 3]];
  if (tokens[i - 1]?.text !== '.' || owner?.kind !== 'word' || KEYWORDS.has(owner.text)) return undefined;
  return beforeOwner?.text === '.' ? undefined : owner.text;
}

/** Whether a text calls the same name with as many arguments somewhere; only those places are read. */
export function hasSameCall(text: string, use: GoUse): boolean {
  const wanted = `${use.of === undefined ? '' : `${use.of}.`}${use.name}(`;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    if (/[\w.$]/.test(text[at - 1] ?? ' ')) continue;
    const open = at + wanted.length - 1;
    if (argsOf(tokensInside(text, open)) === use.args) return true;
  }
  return false;
}

function tokensInside(text: string, open: number): GoToken[] {
  const inside: GoToken[] = [];
  let depth = 0;
  const next = goTokens(text, { from: open, to: text.length });
  for (let token = next(); token; token = next()) {
    depth += depthOf(token);
    if (depth === 0) break;
    inside.push(token);
  }
  return inside.slice(1);
}

/** undefined: one call, or `list...`, may give several. */
function argsOf(inside: readonly GoToken[]): number | undefined {
  const args = splitAtCommas(inside);
  const last = args.at(-1)?.at(-1);
  const mayBeMany = last?.text === '...' || (args.length === 1 && last?.text === ')');
  return mayBeMany ? undefined : args.length;
}

/** What is between the bracket at `open` and the one that closes it. */
function insideAt(tokens: readonly GoToken[], open: number): GoToken[] | undefined {
  const close = closeOf(tokens, open);
  return close < 0 ? undefined : tokens.slice(open + 1, close);
}

function closeOf(tokens: readonly GoToken[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i += 1) {
    depth += depthOf(tokens[i]!);
    if (depth === 0) return i;
  }
  return -2;
}

/** `a, b :=`: the names before it. */
function namesBefore(tokens: readonly GoToken[], at: number, own: Set<string>): void {
  for (let i = at - 1; tokens[i]?.kind === 'word'; i -= 2) {
    own.add(tokens[i]!.text);
    if (tokens[i - 1]?.text !== ',') return;
  }
}

/** Whether a parenthesis opens the parameters, the results or the receiver of a function. */
function beginsParams(tokens: readonly GoToken[], i: number): boolean {
  const [before, twoBefore] = [tokens[i - 1], tokens[i - 2]];
  if (before?.text === 'func') return true;
  if (i < 2 || before === undefined) return false;
  if (before.kind === 'word' && twoBefore?.text === 'func') return true;
  // Behind a receiver or behind parameters: `func (r T) name(`, `func(a int) (err error)`.
  const behind = before.text === ')' ? i - 1 : before.kind === 'word' && twoBefore?.text === ')' ? i - 2 : -1;
  if (behind < 0) return false;
  const open = openOf(tokens, behind);
  const [owner, beforeOwner] = [tokens[open - 1], tokens[open - 2]];
  if (owner?.text === 'func') return true;
  if (before.text !== ')' || owner?.kind !== 'word') return false;
  if (beforeOwner?.text === 'func') return true;
  return beforeOwner?.text === ')' && tokens[openOf(tokens, open - 2) - 1]?.text === 'func';
}

function openOf(tokens: readonly GoToken[], close: number): number {
  let depth = 0;
  for (let i = close; i >= 0; i -= 1) {
    depth += depthOf(tokens[i]!);
    if (depth === 0) return i;
  }
  return -1;
}

function namesOfParams(tokens: readonly GoToken[], open: number, own: Set<string>): void {
  for (const name of goFieldNames(insideAt(tokens, open) ?? [])) own.add(name);
}

/** `Key: value` in a literal, or `label:`; as against `case name:` and `a[from:to]`. */
function isKeyOrLabel(tokens: readonly GoToken[], i: number): boolean {
  const before = tokens[i - 1];
  return before === undefined || before.kind === 'end' || before.text === '{' || before.text === ',';
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const TYPE_WORDS = words('func chan map interface struct');
const DECLARES = words('type var const func goto');
const KEYWORDS = words(
  'break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var',
);

/** Names that every Go file has. */
export const GO_PREDECLARED = words(
  'any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr true false iota nil append cap clear close complex copy delete imag len make max min new panic print println real recover _ init',
);
