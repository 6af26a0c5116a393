import { nameOf } from '../../../core/code/folders.ts';
import { type GoBody, type GoDeclaration, readGoDeclarations } from '../../../core/code/go-declarations.ts';
import { lineOf } from '../../../core/code/go-tokens.ts';
import { type ChangedFile, place } from './change-files.ts';
import type { GoSource, GoText } from './go-source.ts';

/** Signs of names that the change declares though the line has them: a part of it is there under another commit. */
export async function twiceSigns(go: GoSource, file: ChangedFile, after: string): Promise<string[]> {
  const { now, before } = file;
  if (!now || isOfOnePlatform(file.path)) return [];
  const { was, is } = file.altered();
  const [taken, brought] = [declaredIn(before, was), declaredIn(now, is)];
  const more = brought.filter((one) => countOf(brought, one) > countOf(taken, one));
  if (more.length === 0 || now.head.isConstrained) return [];
  // Only for a name that the file had somewhere the rest of it must be read.
  const isNew = more.every(({ name }) => !before?.has(name));
  const [had, all] = isNew ? [taken, brought] : [before!.declarations(), now.declarations()];
  const again = more.filter((one) => countOf(had, one) > 0).map(keyOf);
  const added = more.filter((one) => countOf(had, one) === 0);
  const within = added.flatMap((one) => {
    const other = all.find((two) => two.at < one.at && keyOf(two) === keyOf(one));
    return other ? [twice(file.path, now, one, `line ${lineOf(now.text, other.at)}`)] : [];
  });
  const inFile = all
    .filter((one) => again.includes(keyOf(one)))
    .filter((one) => all.some((two) => two.at < one.at && keyOf(two) === keyOf(one)))
    .map((one) => twice(file.path, now, one, 'the same file'));
  const elsewhere = added.length === 0 ? [] : await inOtherFiles(go, file, { now, added, after });
  return [...within, ...inFile, ...elsewhere];
}

const declaredIn = (of: GoText | undefined, bodies: readonly GoBody[]) =>
  bodies.flatMap((body) => readGoDeclarations(of!.text, body)).filter(({ name }) => name !== 'init');

const keyOf = (one: GoDeclaration) => `${one.receiver ?? ''}.${one.name}`;
const countOf = (all: readonly GoDeclaration[], one: GoDeclaration) =>
  all.filter((two) => keyOf(two) === keyOf(one)).length;

const twice = (path: string, now: GoText, one: GoDeclaration, where: string) =>
  `${place(path, now, one.at)} declares ${one.receiver ? `${one.receiver}.` : ''}${one.name} a second time: the line has it in ${where}`;

async function inOtherFiles(
  go: GoSource,
  file: ChangedFile,
  what: { readonly now: GoText; readonly added: readonly GoDeclaration[]; readonly after: string },
): Promise<string[]> {
  const { now, added } = what;
  if (await go.trees.isAlike(what.after, file.sourceTree, file.folder)) return [];
  const [here, there] = await Promise.all([
    go.folder(what.after, file.folder),
    go.folder(file.sourceTree, file.folder),
  ]);
  // A file that the source has alike went together with the change there.
  const others = [...(here ?? [])].filter(
    ([name, { id }]) => name !== nameOf(file.path) && there?.get(name)?.id !== id && !isOfOnePlatform(name),
  );
  const signs = others.map(async ([name, { id }]) => {
    const other = await go.file(id);
    const names = added.filter((one) => other?.declared(one.name).some((two) => keyOf(two) === keyOf(one)));
    if (!other || names.length === 0 || other.head.isConstrained) return [];
    return other.head.package === now.head.package
      ? names.map((one) => twice(file.path, now, one, name))
      : [];
  });
  return (await Promise.all(signs)).flat();
}

const PLATFORMS =
  /_(aix|android|darwin|freebsd|illumos|ios|js|linux|netbsd|openbsd|plan9|solaris|unix|wasip1|windows|386|amd64|arm|arm64|loong64|mips\w*|ppc64|ppc64le|riscv64|s390x|wasm)(_test)?\.go$/;
const isOfOnePlatform = (path: string) => PLATFORMS.test(path);
