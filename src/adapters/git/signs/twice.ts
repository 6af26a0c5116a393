import { nameOf } from '../../../core/code/folders.ts';
import type { GoDeclaration } from '../../../core/code/go-declarations.ts';
import { type ChangedFile, place } from './change-files.ts';
import type { GoSource } from './go-source.ts';

/** Signs of names that the change declares though the line has them: a part of it is there under another commit. */
export async function twiceSigns(go: GoSource, file: ChangedFile, after: string): Promise<string[]> {
  const { now } = file;
  if (!now || isOfOnePlatform(file.path) || now.head.isConstrained) return [];
  const had = new Set(file.before?.outline.declarations.map(keyOf));
  const added = now.outline.declarations.filter((one) => !had.has(keyOf(one)) && one.name !== 'init');
  const all = now.outline.declarations.filter((one) => one.name !== 'init');
  const within = added.flatMap((one) => {
    const other = all.find((two) => two.line < one.line && keyOf(two) === keyOf(one));
    return other ? [twice(file, one, `line ${other.line}`)] : [];
  });
  // What was once and is twice: both stand under a key that the file had.
  const again = all
    .filter(
      (one) => had.has(keyOf(one)) && all.some((two) => two.line < one.line && keyOf(two) === keyOf(one)),
    )
    .filter((one) => countOf(file.before!.outline.declarations, one) < countOf(all, one))
    .map((one) => twice(file, one, 'the same file'));
  const elsewhere = added.length === 0 ? [] : await inOtherFiles(go, file, added, after);
  return [...within, ...again, ...elsewhere];
}

const keyOf = (one: GoDeclaration) => `${one.receiver ?? ''}.${one.name}`;
const countOf = (all: readonly GoDeclaration[], one: GoDeclaration) =>
  all.filter((two) => keyOf(two) === keyOf(one)).length;

const twice = (file: ChangedFile, one: GoDeclaration, where: string) =>
  `${place(file.path, one.line)} declares ${one.receiver ? `${one.receiver}.` : ''}${one.name} a second time: the line has it in ${where}`;

async function inOtherFiles(
  go: GoSource,
  file: ChangedFile,
  added: readonly GoDeclaration[],
  after: string,
): Promise<string[]> {
  const [here, there] = await Promise.all([
    go.folder(after, file.folder),
    go.folder(file.sourceTree, file.folder),
  ]);
  // A file that the source has alike went together with the change there.
  const others = [...(here ?? [])].filter(
    ([name, { id }]) => name !== nameOf(file.path) && there?.get(name)?.id !== id && !isOfOnePlatform(name),
  );
  const signs = others.map(async ([name, { id }]) => {
    const other = await go.file(id);
    const names = added.filter((one) => other?.text.includes(one.name));
    if (!other || names.length === 0 || other.head.isConstrained) return [];
    if (other.head.package !== file.now!.head.package) return [];
    const has = new Set(other.outline.declarations.map(keyOf));
    return names.filter((one) => has.has(keyOf(one))).map((one) => twice(file, one, name));
  });
  return (await Promise.all(signs)).flat();
}

const PLATFORMS =
  /_(aix|android|darwin|freebsd|illumos|ios|js|linux|netbsd|openbsd|plan9|solaris|unix|wasip1|windows|386|amd64|arm|arm64|loong64|mips\w*|ppc64|ppc64le|riscv64|s390x|wasm)(_test)?\.go$/;
const isOfOnePlatform = (path: string) => PLATFORMS.test(path);
