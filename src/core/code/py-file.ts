/** One import of a Python file. `dots`: how many dots stand before the module; 0 for one from the top. */
export type PyImport = {
  readonly dots: number;
  /** `a.b`; empty in `from . import x`. */
  readonly module: string;
  /** What is taken from the module: attributes, or modules below it. */
  readonly names: readonly string[];
};

/** What a Python file takes in. */
export type PyFile = { readonly imports: readonly PyImport[] };

// Texts first, so that what looks like an import in one is none. A prefix such as `rb` stays in front and does no harm.
const PARTS =
  /"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|#[^\n]*/g;
/** A sign that no source text has a use for; it stands where a text stood. */
const MARK = '\ue000';

/** Reads the imports of a Python file, wherever they stand, and modules that are loaded by a name written as a text. */
export function readPyFile(text: string): PyFile {
  const texts: string[] = [];
  const code = text.replace(/\r\n?/g, '\n').replace(PARTS, (part) => {
    if (part.startsWith('#')) return '';
    texts.push(/^("""|''')/.test(part) ? part.slice(3, -3) : part.slice(1, -1));
    return `${MARK}${texts.length - 1}${MARK}`;
  });
  const joined = code.replace(/\\\n/g, ' ').replace(/\(([^()]*)\)/g, (all) => all.replaceAll('\n', ' '));
  const imports: PyImport[] = [];
  for (const [, statement = ''] of joined.matchAll(/(?:^|[;:\n])[ \t]*(import[ \t][^\n;]*)/g))
    imports.push(...plainImports(statement.slice('import'.length)));
  const FROM = /(?:^|[;:\n])[ \t]*from[ \t]*(\.[. \t]*)?([\w.]*)[ \t]*import\b[ \t]*([^\n;]*)/g;
  for (const [, dots = '', module = '', names = ''] of joined.matchAll(FROM))
    imports.push({ dots: dots.replace(/[^.]/g, '').length, module, names: namesIn(names) });
  return { imports: [...imports, ...loaded(joined, texts)] };
}

function plainImports(text: string): PyImport[] {
  return text.split(',').flatMap((part) => {
    const module = /^\s*([\w.]+)/u.exec(part)?.[1];
    return module === undefined ? [] : [{ dots: 0, module, names: [] }];
  });
}

const namesIn = (text: string): string[] =>
  text
    .replace(/[()]/g, ' ')
    .split(',')
    .map((part) => /^\s*([\w*]+)/u.exec(part)?.[1] ?? '')
    .filter((name) => name !== '');

/** `import_module('a.b')`, `__import__('a')`, and `pytest_plugins = ['a.b']`. */
function loaded(code: string, texts: readonly string[]): PyImport[] {
  const found: string[] = [];
  const textOf = (index: string) => texts[Number(index)] ?? '';
  const CALL = /\b(?:import_module|__import__|importorskip)\s*\(\s*(?:name\s*=\s*)?\w{0,2}\ue000(\d+)\ue000/g;
  for (const [, index = ''] of code.matchAll(CALL)) found.push(textOf(index));
  for (const [, list = ''] of code.matchAll(/\bpytest_plugins\b[^=\n]*=\s*([^\]);]*)/g))
    for (const [, index = ''] of list.matchAll(/\ue000(\d+)\ue000/g)) found.push(textOf(index));
  return found.flatMap((name) => {
    const parts = /^(\.*)([\w.]+)$/u.exec(name);
    return parts ? [{ dots: parts[1]!.length, module: parts[2]!, names: [] }] : [];
  });
}
