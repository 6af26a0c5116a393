/** A `go.mod`: the module's path, and modules it replaces by a folder, relative to its own. */
export type GoModule = { readonly path: string; readonly replaces: readonly LocalReplace[] };

/** A `go.work`: folders of the modules it uses, and modules it replaces by a folder; relative to its own. */
export type GoWork = { readonly uses: readonly string[]; readonly replaces: readonly LocalReplace[] };

export type LocalReplace = { readonly from: string; readonly folder: string };

/** Reads a `go.mod`. What it cannot read is left out; it never throws. */
export function readGoMod(text: string): GoModule {
  const all = statements(text);
  const path = all.find(([verb]) => verb === 'module')?.[1] ?? '';
  return { path, replaces: replacesOf(all) };
}

/** Reads a `go.work`, in the same way. */
export function readGoWork(text: string): GoWork {
  const all = statements(text);
  const uses = all.flatMap(([verb, folder]) => (verb === 'use' && folder !== undefined ? [folder] : []));
  return { uses, replaces: replacesOf(all) };
}

type Statement = readonly string[];

/** One statement a line, each with its verb in front, also those of a block `verb ( … )`. */
function statements(text: string): Statement[] {
  let block: string | undefined;
  return text.split('\n').flatMap((line) => {
    const words = [...line.replace(/(^|\s)\/\/.*$/, '').matchAll(/"[^"]*"|`[^`]*`|[()]|[^\s()]+/g)].map(
      ([word]) => word.replace(/^(["`])(.*)\1$/, '$2'),
    );
    if (words.length === 0) return [];
    if (words[0] === ')') {
      block = undefined;
      return [];
    }
    if (words[1] === '(') {
      block = words[0];
      return [];
    }
    return [block === undefined ? words : [block, ...words]];
  });
}

/** `from [version] => folder`. A target that is another module lies outside the repository. */
function replacesOf(all: readonly Statement[]): LocalReplace[] {
  return all.flatMap(([verb, from, ...rest]) => {
    const folder = rest[rest.indexOf('=>') + 1];
    const isLocal = verb === 'replace' && rest.includes('=>') && /^\.\.?(\/|$)/.test(folder ?? '');
    return isLocal && from !== undefined && folder !== undefined ? [{ from, folder }] : [];
  });
}

/** What a `go.mod` or `go.work` asks for: for each module its version and replacement, and how it is compiled. */
export type GoNeeds = {
  readonly modules: ReadonlyMap<string, string>;
  /** The lines `go`, `toolchain` and `godebug`, and the module's own name. */
  readonly language: string;
};

/** Reads what a `go.mod` or `go.work` asks for, so that two can be compared. Comments such as `// indirect` do not count. */
export function readGoNeeds(text: string): GoNeeds {
  const modules = new Map<string, string>();
  const language: string[] = [];
  const say = (path: string | undefined, what: string) => {
    if (path !== undefined) modules.set(path, [modules.get(path) ?? '', what].join(' ').trim());
  };
  for (const [verb, first, ...rest] of statements(text)) {
    if (verb === 'require') say(first, rest.join(' '));
    else if (verb === 'replace') say(first, `=> ${rest.slice(rest.indexOf('=>') + 1).join(' ')}`);
    else if (verb === 'exclude') say(first, `without ${rest.join(' ')}`);
    else if (
      verb === 'go' ||
      verb === 'toolchain' ||
      verb === 'godebug' ||
      verb === 'module' ||
      verb === 'use'
    )
      language.push([verb, first, ...rest].join(' '));
  }
  return { modules, language: language.sort().join('\n') };
}

/** Reads `vendor/modules.txt` in the same way: modules with version, replacement and Go version. */
export function readVendorList(text: string): ReadonlyMap<string, string> {
  const modules = new Map<string, string>();
  let current = '';
  for (const line of text.split('\n')) {
    const named = /^# (\S+)(?: (.*))?$/.exec(line);
    if (named) {
      current = named[1]!;
      modules.set(current, `${modules.get(current) ?? ''} ${named[2] ?? ''}`.trim());
    } else if (line.startsWith('## ') && current !== '') {
      const version = /\bgo \S+/.exec(line)?.[0] ?? '';
      modules.set(current, `${modules.get(current) ?? ''} ${version}`.trim());
    }
  }
  return modules;
}
