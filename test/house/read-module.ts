import path from 'node:path';
import { parseSync, type Span, Visitor } from 'oxc-parser';

/** One file as the house rules see it. */
export type Module = {
  /** Path from the root of the repository, with forward slashes. */
  readonly file: string;
  readonly imports: readonly Import[];
  /** Whatever makes an answer depend on more than the arguments. */
  readonly impurities: readonly Impurity[];
};

export type Import = {
  readonly from: string;
  /** A path from the root for our own files; `node:…` or a package name otherwise. */
  readonly to: string;
  /** Nothing of it exists when the program runs. */
  readonly typeOnly: boolean;
  readonly dynamic: boolean;
  readonly line: number;
};

export type Impurity = { readonly line: number; readonly found: string; readonly wayOut: string };

/** Parses TypeScript with a real parser. Throws when the text is not TypeScript. */
export function readModule(file: string, text: string): Module {
  const parsed = parseSync(file, text);
  const fault = parsed.errors[0];
  if (fault) throw new Error(`${file} cannot be parsed: ${fault.message}`);
  const lineOf = (span: Pick<Span, 'start'>) => text.slice(0, span.start).split('\n').length;
  const imports: Import[] = [];
  const impurities: Impurity[] = [];
  // Where identifiers only label a member: `step.process` reads no ambient name.
  const labels = new Set<number>();
  const addImport = (source: Span & { value: unknown }, typeOnly: boolean, dynamic = false) =>
    imports.push({ from: file, to: resolve(file, source.value), typeOnly, dynamic, line: lineOf(source) });
  const addImpurity = (node: Span, found: string, wayOut: string) =>
    impurities.push({ line: lineOf(node), found, wayOut });

  new Visitor({
    ImportDeclaration(node) {
      const members = node.specifiers;
      const onlyTypes =
        members.length > 0 && members.every((m) => m.type === 'ImportSpecifier' && m.importKind === 'type');
      addImport(node.source, node.importKind === 'type' || onlyTypes);
    },
    ExportNamedDeclaration(node) {
      if (!node.source) return;
      const onlyTypes = node.specifiers.length > 0 && node.specifiers.every((m) => m.exportKind === 'type');
      addImport(node.source, node.exportKind === 'type' || onlyTypes);
    },
    ExportAllDeclaration(node) {
      addImport(node.source, node.exportKind === 'type');
    },
    TSImportType(node) {
      addImport(node.source, true);
    },
    ImportExpression(node) {
      const source = node.source.type === 'Literal' ? node.source : { ...node.source, value: '(computed)' };
      addImport(source, false, true);
      addImpurity(node, 'import()', ASYNC);
    },
    AwaitExpression: (node) => addImpurity(node, 'await', ASYNC),
    ForOfStatement: (node) => node.await && addImpurity(node, 'for await', ASYNC),
    FunctionDeclaration: (node) => node.async && addImpurity(node, 'async', ASYNC),
    FunctionExpression: (node) => node.async && addImpurity(node, 'async', ASYNC),
    ArrowFunctionExpression: (node) => node.async && addImpurity(node, 'async', ASYNC),
    NewExpression(node) {
      const isDate = node.callee.type === 'Identifier' && node.callee.name === 'Date';
      if (isDate && node.arguments.length === 0) addImpurity(node, 'new Date()', CLOCK);
    },
    CallExpression(node) {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date')
        addImpurity(node, 'Date()', CLOCK);
    },
    Property(node) {
      if (!node.computed && !node.shorthand) labels.add(node.key.start);
    },
    TSPropertySignature(node) {
      if (!node.computed) labels.add(node.key.start);
    },
    MemberExpression(node) {
      if (!node.computed) labels.add(node.property.start);
      if (node.object.type !== 'Identifier' || node.property.type !== 'Identifier') return;
      const found = `${node.object.name}.${node.property.name}`;
      if (found === 'Date.now') addImpurity(node, found, CLOCK);
      if (found === 'Math.random') addImpurity(node, found, RANDOM);
    },
    Identifier(node) {
      const wayOut = Object.hasOwn(AMBIENT, node.name) ? AMBIENT[node.name] : undefined;
      if (wayOut && !labels.has(node.start)) addImpurity(node, node.name, wayOut);
    },
  }).visit(parsed.program);
  return { file, imports, impurities };
}

const CLOCK = 'Take `now: Instant` as an argument.';
const RANDOM = 'Take the number, or a seeded generator, as an argument.';
const ASYNC = 'Core never waits: return what is to be done, and let the loop that called do it.';
const OUTSIDE = 'Move what needs it to an adapter, behind a port.';

/** Names that reach outside whatever is done with them. */
const AMBIENT: Record<string, string> = {
  process: 'Take the value as an argument.',
  performance: CLOCK,
  setTimeout: ASYNC,
  setInterval: ASYNC,
  setImmediate: ASYNC,
  queueMicrotask: ASYNC,
  Promise: ASYNC,
  crypto: RANDOM,
  fetch: OUTSIDE,
  console: 'Return the text; the surface prints it.',
  globalThis: OUTSIDE,
};

function resolve(from: string, source: unknown): string {
  const text = String(source);
  return text.startsWith('.') ? path.posix.join(path.posix.dirname(from), text) : text;
}
