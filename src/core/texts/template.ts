import { fail, ok, type Result } from '../base/result.ts';

/** What a template may name: a text, or a list whose items have texts. */
export type Shape = { readonly [name: string]: 'text' | { readonly [field: string]: 'text' } };

export type Values = { readonly [name: string]: string | readonly { readonly [field: string]: string }[] };

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly name: string; readonly at: number }
  | {
      readonly kind: 'section';
      readonly name: string;
      readonly at: number;
      /** Shown where there is nothing, in place of where there is something. */
      readonly isElse: boolean;
      readonly parts: readonly Part[];
    };

export type Template = readonly Part[];

/** More is no text that people read. */
export const TEMPLATE_MAX = 64 * 1024;
const DEPTH_MAX = 4;

/**
 * Reads a template: Mustache's `{{name}}`, `{{#name}}…{{/name}}` (where there is something, once for each of a list),
 * `{{^name}}…{{/name}}` (where there is nothing) and `{{! a remark }}`; nothing else of it. A section's tag alone on a
 * line takes the line with it. The error says what, in which line, and what is allowed.
 */
export function readTemplate(text: string, shape: Shape): Result<Template, string> {
  if (text.length > TEMPLATE_MAX)
    return fail(`the template is ${text.length} characters long: expected at most ${TEMPLATE_MAX}`);
  const tags = tagsOf(text);
  const open: { name: string; at: number; isElse: boolean; parts: Part[] }[] = [];
  const top: Part[] = [];
  const parts = () => open.at(-1)?.parts ?? top;
  let from = 0;
  for (const tag of tags) {
    parts().push({ kind: 'text', text: text.slice(from, tag.from) });
    from = tag.to;
    const { sign, name, at } = tag;
    if (sign === '!') continue;
    if (sign === undefined || name === undefined)
      return fail(`line ${at}: ${shown(tag.text)} is not taken: ${ALLOWED}`);
    if (sign === '/') {
      const last = open.pop();
      if (last?.name !== name)
        return fail(
          `line ${at}: {{/${name}}} ends what is not open${last ? `: {{#${last.name}}} of line ${last.at} is` : ''}`,
        );
      parts().push({ kind: 'section', ...last });
      continue;
    }
    const wrong = whyNot(name, { shape, within: open.map((one) => one.name), isValue: sign === '' });
    if (wrong !== undefined) return fail(`line ${at}: ${wrong}`);
    if (sign === '') parts().push({ kind: 'value', name, at });
    else if (open.length >= DEPTH_MAX)
      return fail(
        `line ${at}: {{#${name}}} is the ${DEPTH_MAX + 1}th inside another: expected at most ${DEPTH_MAX}`,
      );
    else open.push({ name, at, isElse: sign === '^', parts: [] });
  }
  const left = open.at(-1);
  if (left) return fail(`line ${left.at}: {{#${left.name}}} has no end: write {{/${left.name}}} after it`);
  top.push({ kind: 'text', text: text.slice(from) });
  return ok(top);
}

const ALLOWED = 'expected {{name}}, {{#name}}, {{^name}}, {{/name}} or {{! a remark }}';
const shown = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

type Tag = {
  readonly from: number;
  readonly to: number;
  /** The line it stands on, from 1. */
  readonly at: number;
  readonly text: string;
  readonly sign?: string;
  readonly name?: string;
};

function tagsOf(text: string): Tag[] {
  let line = 1;
  let seen = 0;
  return [...text.matchAll(/\{\{([\s\S]*?)\}\}/g)].map((found) => {
    for (; seen < found.index; seen += 1) if (text[seen] === '\n') line += 1;
    const inside = found[1]!;
    const read = /^\s*([#^/!]?)\s*([A-Za-z][A-Za-z0-9]*)\s*$/.exec(inside);
    const isRemark = /^\s*!/.test(inside);
    const about = { at: line, text: found[0] };
    const sign = isRemark ? '!' : read?.[1];
    const own =
      sign !== undefined && sign !== ''
        ? ownLine(text, found.index, found.index + found[0].length)
        : undefined;
    return {
      from: own?.from ?? found.index,
      to: own?.to ?? found.index + found[0].length,
      ...about,
      ...(sign !== undefined && { sign }),
      ...(read?.[2] !== undefined && { name: read[2] }),
    };
  });
}

/** From the beginning of its line to the beginning of the next, when nothing else stands there. */
function ownLine(text: string, from: number, to: number): { from: number; to: number } | undefined {
  const begin = text.lastIndexOf('\n', from - 1) + 1;
  const end = text.indexOf('\n', to);
  const last = end === -1 ? text.length : end + 1;
  const isAlone = text.slice(begin, from).trim() === '' && text.slice(to, last).trim() === '';
  return isAlone ? { from: begin, to: last } : undefined;
}

/** Why a name cannot stand there; undefined when it can. */
function whyNot(
  name: string,
  {
    shape,
    within,
    isValue,
  }: { readonly shape: Shape; readonly within: readonly string[]; readonly isValue: boolean },
): string | undefined {
  const fields = within.flatMap((one) => {
    const of = Object.hasOwn(shape, one) ? shape[one] : undefined;
    return typeof of === 'object' ? Object.keys(of) : [];
  });
  if (fields.includes(name)) return undefined;
  const known = Object.hasOwn(shape, name) ? shape[name] : undefined;
  if (known === undefined) return `{{${name}}} is not known: expected one of ${namesOf(shape, fields)}`;
  if (typeof known === 'object' && isValue)
    return `{{${name}}} is a list: write {{#${name}}}…{{/${name}}} with one of ${Object.keys(known).join(', ')} in it`;
  return undefined;
}

const namesOf = (shape: Shape, fields: readonly string[]): string =>
  [...new Set([...fields, ...Object.keys(shape)])].join(', ');

/** The text of a template, with values as they are: who gives them has made them fit for where they go. */
export const fillTemplate = (template: Template, values: Values): string =>
  partsText(template, [values])
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+|\n+$/g, '')
    .concat('\n');

type Scope = readonly Values[];

const partsText = (parts: readonly Part[], scope: Scope): string =>
  parts.map((part) => partText(part, scope)).join('');

function partText(part: Part, scope: Scope): string {
  if (part.kind === 'text') return part.text;
  const value = valueIn(part.name, scope);
  if (part.kind === 'value') return typeof value === 'string' ? value : '';
  const isThere = value !== undefined && value.length > 0;
  if (part.isElse) return isThere ? '' : partsText(part.parts, scope);
  if (!isThere) return '';
  if (typeof value === 'string') return partsText(part.parts, scope);
  return value.map((item) => partsText(part.parts, [...scope, item])).join('');
}

const valueIn = (name: string, scope: Scope): Values[string] | undefined => {
  const inner = scope.findLast((values) => Object.hasOwn(values, name));
  return inner?.[name];
};
