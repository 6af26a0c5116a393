/** Which keys are of interest; their names are only put together for those. `line`: from 1. */
export type Wanted = (key: string, line: number) => boolean;

/**
 * Fields of a custom resource definition or an OpenAPI document, with the line each first stands in: names below
 * `properties` by their path, such as `HostedCluster.spec.network.mtu`, and requests below `paths`. Versions of a resource
 * count together. undefined when the text is neither. It never throws.
 */
export function schemaFields(text: string, wanted: Wanted = () => true): Map<string, number> | undefined {
  const isResource = /^\s*"?kind"?\s*:\s*"?CustomResourceDefinition\b/m.test(text);
  const isOpenApi = !isResource && /^[\s{]*"?(openapi|swagger)"?\s*:/m.test(text);
  if (!isResource && !isOpenApi) return undefined;
  const fields = new Map<string, number>();
  const own = isResource ? (/^\s{2,4}"?kind"?:\s*"?(\w+)/m.exec(text)?.[1] ?? '') : '';
  const add = (keys: readonly string[], line: number) => {
    if (!wanted(keys.at(-1)!, line)) return;
    const name = fieldOf(keys);
    if (name === undefined) return;
    const whole = own === '' ? name : `${own}.${name}`;
    if (!fields.has(whole)) fields.set(whole, line);
  };
  if (/^\s*\{/.test(text)) jsonKeys(text, add);
  else yamlKeys(text, add);
  return fields;
}

/** The name of a field by the keys down to it: every second one below `properties` is a name. */
function fieldOf(keys: readonly string[]): string | undefined {
  const parent = keys.at(-2);
  if (keys[0] === 'paths' && keys.length <= 3 && keys.length > 1) return keys.slice(1).join(' ');
  if (parent !== 'properties') return undefined;
  const names = keys.filter((_, i) => keys[i - 1] === 'properties');
  const at = keys.lastIndexOf('schemas', keys.length - 3);
  const owner = at >= 0 ? [keys[at + 1]!] : [];
  return [...owner, ...names].join('.');
}

type Add = (keys: readonly string[], line: number) => void;

/** Keys of block YAML by their indentation, which is how programs write schemas. Block texts are stepped over. */
function yamlKeys(text: string, add: Add): void {
  const indents: number[] = [];
  const keys: string[] = [];
  let textBelow = -1;
  let number = 0;
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from);
    const line = text.slice(from, end < 0 ? text.length : end);
    from = end < 0 ? text.length : end + 1;
    number += 1;
    const begin = contentAt(line);
    if (begin >= line.length || line[begin] === '#') continue;
    if (textBelow >= 0 && line.length - line.trimStart().length > textBelow) continue;
    textBelow = -1;
    const colon = colonAt(line, begin);
    if (colon < 0) continue;
    while (indents.length > 0 && indents.at(-1)! >= begin) {
      indents.pop();
      keys.pop();
    }
    indents.push(begin);
    keys.push(line.slice(begin, colon).replace(/^(["'])(.*)\1$/, '$2'));
    const first = line.charAt(colon + 2);
    if (first === '|' || first === '>') textBelow = begin;
    add(keys, number);
  }
}

/** Where the text of a line begins, behind blanks and the dashes of a list. */
function contentAt(line: string): number {
  let at = 0;
  while (line[at] === ' ' || (line[at] === '-' && line[at + 1] === ' ')) at += 1;
  return at;
}

/** Where the key of a line ends; -1 when it has none. */
function colonAt(line: string, begin: number): number {
  const quote = line[begin] === '"' || line[begin] === "'" ? line.indexOf(line[begin]!, begin + 1) : begin;
  if (quote < begin) return -1;
  for (let at = line.indexOf(':', quote); at >= 0; at = line.indexOf(':', at + 1))
    if (at + 1 === line.length || line[at + 1] === ' ' || line[at + 1] === '\r') return at;
  return -1;
}

const DEPTH_MAX = 200;

function jsonKeys(text: string, add: Add): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return;
  }
  const walk = (node: unknown, keys: readonly string[]) => {
    if (node === null || typeof node !== 'object' || keys.length > DEPTH_MAX) return;
    for (const [key, below] of Object.entries(node)) {
      const path = Array.isArray(node) ? keys : [...keys, key];
      if (!Array.isArray(node)) add(path, 1);
      walk(below, path);
    }
  };
  walk(value, []);
}
