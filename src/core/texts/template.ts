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
/** A text of more characters is none that is sent. */
export const TEXT_MAX = 1024 * 1024;
const STEPS_MAX = 1_000_000;
const DEPTH_MAX = 4;

/**
 * Reads a template: Mustache's `{{name}}`, `{{#name}}…{{/name}}` (where there is something, once for each of a list),
 * `{{^name}}…{{/name}}` (where there is nothing) and `{{! a remark }}`; nothing else of it. A section's tag alone on a
 * line takes the line with it. A list cannot stand in its own items. The error says what, in which line, and what is allowed.
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

/** Reads each sign of the text a fixed number of times, whatever stands in it. */
function tagsOf(text: string): Tag[] {
  const spans = spansOf(text);
  let end = -1;
  return spans.map(({ from, to, begin, at }, index) => {
    const inside = text.slice(from + 2, to - 2).trim();
    const read = /^([#^/]?)\s*([A-Za-z][A-Za-z0-9]*)$/.exec(inside);
    const sign = inside.startsWith('!') ? '!' : read?.[1];
    if (end < to) end = lineEnd(text, to);
    // A line with another tag is not this one's own, and is not looked through for each of them.
    const isOnly = (spans[index - 1]?.to ?? 0) <= begin && (spans[index + 1]?.from ?? end) >= end;
    const isOwn = sign !== undefined && sign !== '' && isOnly && isBlank(text, begin, from, to, end);
    return {
      from: isOwn ? begin : from,
      to: isOwn ? end : to,
      at,
      text: text.slice(from, to),
      ...(sign !== undefined && { sign }),
      ...(read?.[2] !== undefined && { name: read[2] }),
    };
  });
}

/** Each `{{…}}`, the line it stands on and where that begins. */
function spansOf(text: string): { from: number; to: number; begin: number; at: number }[] {
  const spans = [];
  let [at, begin, seen] = [1, 0, 0];
  for (let from = text.indexOf('{{'); from !== -1; ) {
    const close = text.indexOf('}}', from + 2);
    if (close === -1) break;
    for (; seen < from; seen += 1)
      if (text[seen] === '\n') {
        at += 1;
        begin = seen + 1;
      }
    spans.push({ from, to: close + 2, begin, at });
    from = text.indexOf('{{', close + 2);
  }
  return spans;
}

/** Where the next line begins. */
function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at === -1 ? text.length : at + 1;
}

const isBlank = (text: string, begin: number, from: number, to: number, end: number): boolean =>
  text.slice(begin, from).trim() === '' && text.slice(to, end).trim() === '';

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
  if (typeof known === 'object' && within.includes(name))
    return `{{#${name}}} is within itself: a list cannot stand in its own items`;
  if (typeof known === 'object' && isValue)
    return `{{${name}}} is a list: write {{#${name}}}…{{/${name}}} with one of ${Object.keys(known).join(', ')} in it`;
  return undefined;
}

const namesOf = (shape: Shape, fields: readonly string[]): string =>
  [...new Set([...fields, ...Object.keys(shape)])].join(', ');

/**
 * The text of a template, with values as they are: who gives them has made them fit for where they go. Refused: one
 * that is longer than `max` characters, and one that lists within lists make too much work of.
 */
export function fillTemplate(template: Template, values: Values, max = TEXT_MAX): Result<string, string> {
  const out: Output = { pieces: [], left: max, steps: STEPS_MAX };
  if (!partsInto(template, [values], out))
    return fail(
      out.steps < 0
        ? `its lists are gone through more than ${STEPS_MAX} times: take a list out of another`
        : `the text would have more than ${max} characters: make it shorter, or take a list out of another`,
    );
  return ok(
    out.pieces
      .join('')
      .split('\n')
      .map(withoutTail)
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .replace(/^\n+|\n+$/g, '')
      .concat('\n'),
  );
}

/** A line without the spaces and tabs at its end. A pattern would begin anew at each of many spaces. */
function withoutTail(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end -= 1;
  return line.slice(0, end);
}

type Scope = readonly Values[];

/** What is written, and how much more may be. */
type Output = { readonly pieces: string[]; left: number; steps: number };

const partsInto = (parts: readonly Part[], scope: Scope, out: Output): boolean =>
  parts.every((part) => partInto(part, scope, out));

/** False once it is too much. */
function partInto(part: Part, scope: Scope, out: Output): boolean {
  out.steps -= 1;
  if (out.steps < 0) return false;
  if (part.kind === 'text') return textInto(part.text, out);
  const value = valueIn(part.name, scope);
  if (part.kind === 'value') return textInto(typeof value === 'string' ? value : '', out);
  const isThere = value !== undefined && value.length > 0;
  if (part.isElse) return isThere || partsInto(part.parts, scope, out);
  if (!isThere) return true;
  if (typeof value === 'string') return partsInto(part.parts, scope, out);
  return value.every((item) => partsInto(part.parts, [...scope, item], out));
}

function textInto(text: string, out: Output): boolean {
  out.left -= text.length;
  out.pieces.push(text);
  return out.left >= 0;
}

const valueIn = (name: string, scope: Scope): Values[string] | undefined => {
  const inner = scope.findLast((values) => Object.hasOwn(values, name));
  return inner?.[name];
};
