/**
 * One file of a patch, by its header. Paths are bytes kept as latin1; ids may be shortened. `before` absent: the
 * patch does not say what it was made on. A file that is created has no `from`, one that is deleted no `to`.
 */
export type PatchFile = {
  readonly from?: string;
  readonly to?: string;
  readonly before?: string;
  readonly after?: string;
};

type Open = { from?: string | undefined; to?: string | undefined; before?: string; after?: string };

/** The files of one patch, in its order. `text`: bytes kept as latin1. Lines of hunks never look like headers. */
export function patchFiles(text: string): PatchFile[] {
  const files: Open[] = [];
  for (const line of text.split('\n')) {
    const file = files.at(-1);
    if (line.startsWith('diff --git ')) files.push(bothPaths(line.slice('diff --git '.length)));
    else if (file) readHeader(file, line);
  }
  return files.map(({ from, to, before, after }) => ({
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  }));
}

function readHeader(file: Open, line: string): void {
  const index = /^index ([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})(?: [0-7]{6})?$/.exec(line);
  if (index) {
    // Zeros stand for no file; then `from` or `to` is absent.
    if (!/^0+$/.test(index[1]!)) file.before = index[1]!;
    if (!/^0+$/.test(index[2]!)) file.after = index[2]!;
  } else if (line.startsWith('new file mode ')) file.from = undefined;
  else if (line.startsWith('deleted file mode ')) file.to = undefined;
  else if (/^(rename|copy) from /.test(line)) file.from = unquoted(line.replace(/^\w+ from /, ''));
  else if (/^(rename|copy) to /.test(line)) file.to = unquoted(line.replace(/^\w+ to /, ''));
}

/** `a/PATH b/PATH` of one path: renames and copies say both paths in lines of their own. */
function bothPaths(text: string): Open {
  const quoted = /^("(?:[^"\\]|\\.)*") /.exec(text)?.[1];
  const half = quoted ?? text.slice(0, (text.length - 1) / 2);
  const path = unquoted(half).replace(/^[^/]*\//, '');
  return { from: path, to: path };
}

const NAMED: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  '"': '"',
  '\\': '\\',
};

/** A path as git quotes it when it holds unusual bytes. */
function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  return text
    .slice(1, -1)
    .replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
      code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (NAMED[code] ?? code),
    );
}
