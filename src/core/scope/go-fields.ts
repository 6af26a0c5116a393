import type { GoBody } from '../code/go-declarations.ts';
import { depthOf } from '../code/go-signature.ts';
import { type GoToken, goTokens } from '../code/go-tokens.ts';

/**
 * A field of a struct or a method of an interface. `name`: with the type in front, and the field around an inner struct:
 * `Spec.Network.MTU`. `at`: offset in the file.
 */
export type GoMember = {
  readonly name: string;
  readonly kind: 'field' | 'method';
  readonly tag: string;
  readonly at: number;
};

/** Members of the types of one piece. Embedded types are none: they bring no name of their own. It never throws. */
export function goMembers(text: string, body: GoBody): GoMember[] {
  if (body.kind !== 'type') return [];
  const found: GoMember[] = [];
  const open: Bracket[] = [];
  let line: GoToken[] = [];
  const endLine = () => {
    found.push(...membersOf(line, open.at(-1)?.owner));
    line = [];
  };
  const next = goTokens(text, body);
  for (let token = next(); token; token = next()) {
    const depth = depthOf(token);
    if (token.kind === 'end' || token.text === ';') endLine();
    else if (depth > 0) {
      const owner = ownerOf(line, token, open.at(-1)?.owner);
      const before = line;
      if (owner === undefined) line = [];
      else endLine();
      open.push({ owner, before: [...before, token] });
    } else if (depth < 0) {
      const closed = open.pop();
      if (closed?.owner !== undefined) endLine();
      line = closed && closed.owner === undefined ? closed.before : [];
    } else line.push(token);
  }
  return found;
}

/** `owner`: the struct or interface it is of; absent for every other bracket. `before`: the line up to it. */
type Bracket = { readonly owner: string | undefined; readonly before: GoToken[] };

function ownerOf(line: readonly GoToken[], token: GoToken, outer: string | undefined): string | undefined {
  const word = line.at(-1)?.text;
  if (token.text !== '{' || (word !== 'struct' && word !== 'interface')) return undefined;
  const name = line.find((one) => one.kind === 'word' && one.text !== 'type')?.text;
  if (name === undefined || name === word) return outer;
  return outer === undefined ? name : `${outer}.${name}`;
}

function membersOf(line: readonly GoToken[], owner: string | undefined): GoMember[] {
  const [first, second] = line;
  if (owner === undefined || first?.kind !== 'word') return [];
  if (second?.text === '(')
    return [{ name: `${owner}.${first.text}`, kind: 'method', tag: '', at: first.at }];
  if (second === undefined || second.text === '.' || second.kind === 'text') return [];
  const last = line.at(-1)!;
  const tag = last.kind === 'text' ? last.text : '';
  return namesOf(line).map(({ text, at }) => ({ name: `${owner}.${text}`, kind: 'field', tag, at }));
}

/** `A, B int`: both. */
function namesOf(line: readonly GoToken[]): GoToken[] {
  const names = [line[0]!];
  for (let i = 1; line[i]?.text === ',' && line[i + 1]?.kind === 'word'; i += 2) names.push(line[i + 1]!);
  return names;
}
