import type { z } from 'zod';
import { type Fault, formerKey, nearest, type Path, shown } from './fault.ts';

type Issue = z.core.$ZodIssue;

/** A schema as far as it is walked here: what the parts of its definition are called in zod. */
type Schema = { readonly def: Readonly<Record<string, unknown>> };

/** What a schema found wrong with a value, in our words: what was expected, what stands there instead. */
export function faultsOf(found: {
  readonly issues: readonly Issue[];
  readonly value: unknown;
  readonly schema: z.ZodType;
}): Fault[] {
  return found.issues.flatMap((issue) => faultsOfIssue(issue, found));
}

function faultsOfIssue(issue: Issue, of: { value: unknown; schema: z.ZodType }): Fault[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code === 'unrecognized_keys') {
    const allowed = keysAt(of.schema as unknown as Schema, path);
    return issue.keys.map((key) => {
      const at = [...path, key];
      return { path: at, at: 'key', text: formerKey(at) ?? unknownKey(key, allowed) };
    });
  }
  if (issue.code === 'invalid_union') return faultsOfUnion(issue, path, of);
  const value = valueAt(of.value, path);
  return [{ path, at: 'value', text: sentence(expected(issue, value), { issue, value }) }];
}

/** Of the ways a value may be written, the one it comes closest to is spoken of. */
function faultsOfUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  of: { value: unknown; schema: z.ZodType },
): Fault[] {
  const value = valueAt(of.value, path);
  const errors = waysOf(issue);
  const close = errors.find((issues) => !isOtherKind(issues));
  if (close !== undefined) {
    return close.flatMap((one) => faultsOfIssue({ ...one, path: [...issue.path, ...one.path] }, of));
  }
  const ways = [...new Set(errors.flatMap((issues) => issues.map((one) => expected(one, value))))];
  const text =
    ways.length === 0 ? 'expected another kind of value' : `expected ${ways.map(bare).join(' or ')}`;
  return [{ path, at: 'value', text: sentence(text, { issue, value }) }];
}

/** What is wrong with each way a value may be written; ways within a way count as ways. */
const waysOf = (issue: Extract<Issue, { code: 'invalid_union' }>): readonly (readonly Issue[])[] =>
  issue.errors.flatMap((issues) => {
    const [one, ...more] = issues;
    const isNested = one?.code === 'invalid_union' && one.path.length === 0 && more.length === 0;
    return isNested ? waysOf(one) : [issues];
  });

const isOtherKind = (issues: readonly Issue[]): boolean =>
  issues.some((one) => one.code === 'invalid_type' && one.path.length === 0);

function sentence(text: string, of: { readonly issue: Issue; readonly value: unknown }): string {
  if (of.value === undefined) return `missing: ${text}`;
  const isWhole = of.value !== null && typeof of.value === 'object' && of.issue.code !== 'invalid_type';
  return text.includes(', got ') || isWhole ? text : `${text}, got ${shown(of.value)}`;
}

function expected(issue: Issue, value: unknown): string {
  // The schema's own words, where it has some.
  if (issue.message.startsWith('expected ')) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${KINDS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return oneOf(issue.values.map(String), value);
    case 'too_small':
      return `expected ${limit(issue.origin, Number(issue.minimum), issue.inclusive === false ? 'more than' : 'at least')}`;
    case 'too_big':
      return `expected ${limit(issue.origin, Number(issue.maximum), issue.inclusive === false ? 'less than' : 'at most')}`;
    case 'invalid_format':
      return issue.format === 'datetime' ? 'expected a time such as 2026-12-20T08:00:00Z' : issue.message;
    default:
      return issue.message;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

const UNITS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
};

function limit(origin: string, count: number, bound: string): string {
  const unit = UNITS[origin];
  return unit === undefined ? `${bound} ${count}` : `${bound} ${count} ${unit[count === 1 ? 0 : 1]}`;
}

function oneOf(allowed: readonly string[], value: unknown): string {
  if (allowed.length === 1) return `expected ${allowed[0]}`;
  const meant = typeof value === 'string' ? nearest(value, allowed) : undefined;
  const list = `expected one of ${allowed.join(', ')}`;
  return meant === undefined ? list : `${list}, got ${shown(value)}; did you mean ${meant}?`;
}

function unknownKey(key: string, allowed: readonly string[]): string {
  const meant = nearest(key, allowed);
  if (meant !== undefined) return `unknown key; did you mean ${meant}?`;
  return allowed.length === 0 ? 'unknown key' : `unknown key; allowed: ${allowed.join(', ')}`;
}

const bare = (text: string): string => text.replace(/^expected /, '');

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, step)) return undefined;
    return (at as Record<string | number, unknown>)[step];
  }, value);
}

const keysOfRecord = ({ def }: Schema): readonly string[] =>
  def.type === 'enum' ? Object.values(def.entries as Readonly<Record<string, string>>) : [];

/** The keys the schema allows in the map at a path; none when it is no map of fixed keys. */
function keysAt(schema: Schema, path: Path): readonly string[] {
  const { type, ...def } = schema.def;
  const inner = def.innerType ?? (type === 'pipe' ? def.in : undefined);
  if (inner !== undefined) return keysAt(inner as Schema, path);
  if (type === 'array' && path.length > 0) return keysAt(def.element as Schema, path.slice(1));
  if (type === 'union') return (def.options as readonly Schema[]).flatMap((one) => keysAt(one, path));
  if (type === 'record')
    return path.length === 0
      ? keysOfRecord(def.keyType as Schema)
      : keysAt(def.valueType as Schema, path.slice(1));
  if (type !== 'object') return [];
  const shape = def.shape as Readonly<Record<string, Schema>>;
  if (path.length === 0) return Object.keys(shape);
  const below = shape[String(path[0])];
  return below === undefined ? [] : keysAt(below, path.slice(1));
}
