import { below, folderOf, nameOf, upwards } from '../code/folders.ts';
import type { PyImport } from '../code/py-file.ts';
import { addImport, type Graph } from './reach.ts';
import type { Sources } from './sources.ts';
import { isPlain, type Tree } from './tree.ts';

const FOREIGN = /(^|\/)(node_modules|vendor|site-packages|\.venv|venv)\//;

export const isPySource = (path: string): boolean => /\.py[ix]?$/.test(path) && !FOREIGN.test(path);

/** Tests by name, as pytest and unittest look for them. */
export const isPyTest = (path: string): boolean =>
  /\.py$/.test(path) && /^(?:test_.*|.*_test|tests?)\.py$/.test(nameOf(path)) && !FOREIGN.test(path);

/** Modules that come with Python: a file of that name somewhere in the repository is not meant. */
const STANDARD = new Set(
  'abc argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall concurrent configparser contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3 linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode operator optparse os ossaudiodev pathlib pdb pickle pickletools pipes pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct subprocess sunau symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios textwrap threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo'.split(
    ' ',
  ),
);

const ROOTS = ['pyproject.toml', 'setup.py', 'setup.cfg'];

export const pyNode = (path: string): string => `file:${path}`;

/** Adds who imports whom among the Python files of a commit, under any folder that may be on the path of modules. */
export function readPy({ tree, py }: Sources, graph: Graph): void {
  const within = withinOf(tree);
  for (const [path, file] of tree) {
    if (!isPySource(path) || !isPlain(file)) continue;
    const link = (to: string, length: 0 | 1 = 1) => addImport(graph, pyNode(path), pyNode(to), length);
    // Whoever imports a module runs the packages around it first.
    for (const folder of packagesAround(path, tree)) link(below(folder, '__init__.py'));
    if (isPyTest(path))
      for (const folder of upwards(folderOf(path))) {
        const conftest = below(folder, 'conftest.py');
        if (tree.has(conftest)) link(conftest);
      }
    // What a stub describes is what runs.
    if (path.endsWith('.py') && tree.has(`${path}i`)) link(`${path}i`);
    for (const one of py(path, file)?.imports ?? []) for (const to of targetsOf(one, path, within)) link(to);
  }
}

function packagesAround(path: string, tree: Tree): string[] {
  const folders = upwards(folderOf(path));
  const end = folders.findIndex((folder) => !tree.has(below(folder, '__init__.py')));
  return folders.slice(0, end < 0 ? folders.length : end);
}

type Within = {
  readonly tree: Tree;
  /** Every folder that holds Python at any depth. */
  readonly folders: ReadonlySet<string>;
  /** Where projects begin. */
  readonly roots: readonly string[];
  /** Folders that hold a module or package of this name. */
  readonly holders: ReadonlyMap<string, ReadonlySet<string>>;
};

function withinOf(tree: Tree): Within {
  const folders = new Set<string>();
  const roots = new Set<string>();
  const holders = new Map<string, Set<string>>();
  const hold = (name: string, folder: string) => {
    const known = holders.get(name);
    if (known) known.add(folder);
    else holders.set(name, new Set([folder]));
  };
  for (const path of tree.keys()) {
    if (ROOTS.includes(nameOf(path))) {
      roots.add(folderOf(path));
      roots.add(below(folderOf(path), 'src'));
    }
    if (!isPySource(path)) continue;
    hold(nameOf(path).replace(/\.py[ix]?$/, ''), folderOf(path));
    for (const folder of upwards(folderOf(path))) {
      if (folders.has(folder)) break;
      folders.add(folder);
      if (folder !== '') hold(nameOf(folder), folderOf(folder));
    }
  }
  return { tree, folders, roots: [...roots], holders };
}

function targetsOf(one: PyImport, from: string, within: Within): string[] {
  const parts = one.module === '' ? [] : one.module.split('.');
  const folder = folderOf(from);
  if (one.dots > 0) {
    const base = upwards(folder)[one.dots - 1];
    return base === undefined ? [] : inFolder(base, parts, one.names, within);
  }
  const near = upwards(folder).flatMap((at) => [at, below(at, 'src'), below(at, 'lib')]);
  const look = (all: Iterable<string>) =>
    [...new Set(all)].flatMap((root) => inFolder(root, parts, one.names, within));
  const found = look([...near, ...within.roots]);
  if (found.length > 0 || STANDARD.has(parts[0]!)) return found;
  // Whoever runs it may have put any folder on the path of modules.
  return look(within.holders.get(parts[0]!) ?? []);
}

/** The files that importing `parts` runs, and modules among the names taken from it; none when it is not there. */
function inFolder(
  root: string,
  parts: readonly string[],
  names: readonly string[],
  within: Within,
): string[] {
  const found: string[] = [];
  let at = root;
  for (const [i, part] of parts.entries()) {
    at = below(at, part);
    const files = moduleAt(at, within.tree);
    found.push(...files);
    if (!within.folders.has(at))
      return i === parts.length - 1 || files.length > 0 ? found : i === 0 ? [] : found;
  }
  if (parts.length === 0) found.push(...moduleAt(at, within.tree));
  for (const name of names) found.push(...moduleAt(below(at, name), within.tree));
  return found;
}

const moduleAt = (path: string, tree: Tree): string[] =>
  [
    `${path}.py`,
    `${path}.pyi`,
    `${path}.pyx`,
    below(path, '__init__.py'),
    below(path, '__init__.pyi'),
  ].filter((file) => tree.has(file));
