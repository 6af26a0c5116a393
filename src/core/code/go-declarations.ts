import { goHeadRange, goParts } from './go-parts.ts';
import { depthOf, type GoSignature, goFields } from './go-signature.ts';
import { allGoTokens, type GoRange, type GoToken, goTokens } from './go-tokens.ts';

/** What a Go file says before its first declaration. */
export type GoHead = {
  /** The name in its package clause; empty when there is none. */
  readonly package: string;
  readonly imports: readonly GoImport[];
  /** It says `//go:build` or `// +build`: other files of the package may stand in for it. */
  readonly isConstrained: boolean;
};

/**
 * `alias`: the name it is given in this file, `.` and `_` among them; absent when it has the package's own. `at`:
 * offset of its path.
 */
export type GoImport = { readonly path: string; readonly alias?: string; readonly at: number };

export type GoKind = 'func' | 'method' | 'type' | 'var' | 'const';

/**
 * A name of the package. A method is named by its `receiver`'s type, without `*` and type parameters. `at`: an
 * offset in its first line.
 */
export type GoDeclaration = {
  readonly kind: GoKind;
  readonly name: string;
  readonly at: number;
  readonly receiver?: string;
  /** Of a func or method. */
  readonly signature?: GoSignature;
};

/** A piece that holds code: everything but the package clause and the imports. */
export type GoBody = GoRange & { readonly kind: 'func' | 'type' | 'var' | 'const' };

/** Reads the package clause and the imports, and no further. What it cannot read is left out; it never throws. */
export function readGoHead(text: string): GoHead {
  const imports: GoImport[] = [];
  let name = '';
  const head = goHeadRange(text);
  let first = head.to;
  for (const part of goParts(text, head)) {
    const next = goTokens(text, part);
    const verb = next()?.text;
    if (verb === 'package') {
      name = next()?.text ?? '';
      first = part.from;
    } else if (verb === 'import') imports.push(...importsIn(text, part));
    else break;
  }
  const isConstrained = /^\/\/(go:build |\s*\+build )/m.test(text.slice(0, first));
  return { package: name, imports, isConstrained };
}

/** The pieces of Go text that hold code. `range`: it must begin and end between two pieces. */
export function goBodies(text: string, range?: GoRange): GoBody[] {
  return goParts(text, range).flatMap((part) => {
    const kind = goTokens(text, part)()?.text;
    return kind === 'func' || kind === 'type' || kind === 'var' || kind === 'const'
      ? [{ ...part, kind }]
      : [];
  });
}

/** Reads the package-level names of one piece. What it cannot read is left out; it never throws. */
export function readGoDeclarations(text: string, body: GoBody): GoDeclaration[] {
  const next = goTokens(text, body);
  next();
  return body.kind === 'func' ? funcIn(next, body.from) : specsIn(next, body.kind);
}

/** The name an import has in the code below it when it has no alias: its last part, without a version. */
export function usualName(importPath: string): string {
  const parts = importPath.split('/');
  const last = /^v\d+$/.test(parts.at(-1)!) && parts.length > 1 ? parts.at(-2)! : parts.at(-1)!;
  return last.replace(/\.v\d+$/, '');
}

function importsIn(text: string, part: GoRange): GoImport[] {
  const imports: GoImport[] = [];
  let alias: string | undefined;
  for (const token of allGoTokens(text, part)) {
    if (token.kind === 'word' && token.text !== 'import') alias = token.text;
    else if (token.kind === 'mark' && token.text === '.') alias = '.';
    else if (token.kind === 'text') {
      const path = token.text.slice(1, -1);
      imports.push({ path, at: token.at, ...(alias === undefined ? {} : { alias }) });
      alias = undefined;
    }
  }
  return imports;
}

type Next = () => GoToken | undefined;

/** `next` stands behind `func`. */
function funcIn(next: Next, at: number): GoDeclaration[] {
  let token = next();
  let receiver: string | undefined;
  if (token?.text === '(') {
    const words = inBrackets(next).filter(({ kind }) => kind === 'word');
    const type = goTypeName(words);
    if (type === undefined) return [];
    receiver = type;
    token = next();
  }
  if (token?.kind !== 'word') return [];
  const name = token.text;
  let open = next();
  if (open?.text === '[') {
    inBrackets(next);
    open = next();
  }
  if (open?.text !== '(') return [];
  const params = goFields(inBrackets(next)).map((one) => one.type);
  const signature = { params, results: resultsIn(next) };
  return receiver === undefined
    ? [{ kind: 'func', name, at, signature }]
    : [{ kind: 'method', name, at, receiver, signature }];
}

/** Of `r *Type[K, V]`, `Type` or `r Type`: the type. Type parameters are given by the same words as the rest. */
function goTypeName(words: readonly GoToken[]): string | undefined {
  return (words[1] ?? words[0])?.text;
}

/** The tokens up to the bracket that closes one that was just opened, without that. */
function inBrackets(next: Next): GoToken[] {
  const tokens: GoToken[] = [];
  let depth = 1;
  for (let token = next(); token; token = next()) {
    depth += depthOf(token);
    if (depth === 0) break;
    tokens.push(token);
  }
  return tokens;
}

/** What stands between the parameters and the body. */
function resultsIn(next: Next): string[] {
  const tokens: GoToken[] = [];
  for (let token = next(); token && token.kind !== 'end'; token = next()) {
    if (token.text === '(' && tokens.length === 0) return goFields(inBrackets(next)).map((one) => one.type);
    if (token.text === '{') {
      const before = tokens.at(-1)?.text;
      if (before !== 'interface' && before !== 'struct') break;
      const inside = inBrackets(next);
      tokens.push(token, ...inside, { kind: 'mark', text: '}', at: token.at });
    } else tokens.push(token);
  }
  return tokens.length === 0 ? [] : goFields(tokens).map((one) => one.type);
}

/** The names of `type T …`, `var a, b = …`, `const ( … )`. `next` stands behind the keyword. */
function specsIn(next: Next, kind: 'type' | 'var' | 'const'): GoDeclaration[] {
  const found: GoDeclaration[] = [];
  const add = (token: GoToken) => {
    if (token.text !== '_') found.push({ kind, name: token.text, at: token.at });
  };
  let token = next();
  if (token?.text !== '(') {
    for (; token?.kind === 'word'; token = next()) {
      add(token);
      if (kind === 'type' || next()?.text !== ',') break;
    }
    return found;
  }
  // Names stand where a line of the group begins: `a`, then `, b` as long as there are commas.
  let [depth, awaits] = [1, true];
  for (token = next(); token && depth > 0; token = next()) {
    depth += depthOf(token);
    if (depth !== 1) continue;
    if (token.kind === 'end' || token.text === ';') awaits = true;
    else if (!awaits) continue;
    else if (token.kind !== 'word') awaits = false;
    else {
      add(token);
      token = next();
      depth += token ? depthOf(token) : 0;
      awaits = token?.kind === 'end' || (kind !== 'type' && token?.text === ',');
    }
  }
  return found;
}
