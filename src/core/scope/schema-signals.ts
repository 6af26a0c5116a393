import type { ChangedFile } from './change.ts';
import { schemaFields } from './schema.ts';
import type { Sighting } from './signal.ts';

/** Fields that schemas of the change have and none of them had. The same field in several files is told once. */
export function schemaSignals(files: readonly ChangedFile[]): Sighting[] {
  const found = files.filter(({ path }) => /\.(ya?ml|json)$/.test(path)).map(newIn);
  const keys = new Set(found.flatMap(({ names }) => [...names.keys()].map(lastOf)));
  const before = found.filter(({ names }) => names.size > 0).map(({ file }) => file.before ?? '');
  const had = new Set(
    before.flatMap((text) => [...(schemaFields(text, (key) => keys.has(key)) ?? new Map()).keys()]),
  );
  return found.flatMap(({ file, names }) =>
    [...names].flatMap(([name, line]) => {
      if (had.has(name)) return [];
      had.add(name);
      return [{ signal: 'schema-field' as const, path: file.path, line, what: `new field ${name}` }];
    }),
  );
}

const lastOf = (name: string): string => /[^. ]+$/.exec(name)?.[0] ?? '';

/** Fields on lines that the change adds. JSON has no lines here, so all of its fields. */
function newIn(file: ChangedFile): { file: ChangedFile; names: ReadonlyMap<string, number> } {
  const { now = '', hunks } = file;
  const added = hunks.filter(({ is }) => is.count > 0).map(({ is }) => is);
  if (added.length === 0) return { file, names: new Map() };
  const isJson = /^\s*\{/.test(now);
  if (!isJson && !hasKey(now, added)) return { file, names: new Map() };
  const isAdded = (line: number) => added.some(({ from, count }) => line >= from && line < from + count);
  return { file, names: schemaFields(now, (_, line) => isJson || isAdded(line)) ?? new Map() };
}

/** Whether an added line could be a field: a key with nothing behind it. Most changes of schemas are of descriptions. */
function hasKey(text: string, added: readonly { readonly from: number; readonly count: number }[]): boolean {
  const lines = text.split('\n');
  return added.some(({ from, count }) =>
    lines.slice(from - 1, from - 1 + count).some((line) => /^\s*(- )?["'\w./{}-]+:\s*$/.test(line)),
  );
}
