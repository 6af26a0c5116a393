import { folderOf } from '../code/folders.ts';
import { alteredBodies, type GoAltered } from '../code/go-altered.ts';
import { type GoBody, type GoDeclaration, readGoDeclarations, readGoHead } from '../code/go-declarations.ts';
import { goSections } from '../code/go-parts.ts';
import type { ChangedFile } from './change.ts';
import { type GoMember, goMembers } from './go-fields.ts';

/** One declaration in a piece that the change alters, with the text of the whole piece. */
export type GoPiece = {
  readonly key: string;
  readonly path: string;
  readonly folder: string;
  readonly isMain: boolean;
  readonly declared: GoDeclaration;
  readonly body: GoBody;
  readonly text: string;
  readonly members: readonly GoMember[];
};

/** Both versions of a Go file, in the pieces that differ. */
export type GoFileChange = {
  readonly file: ChangedFile;
  readonly was: readonly GoPiece[];
  readonly is: readonly GoPiece[];
};

/** Reads the altered pieces. Text that is no Go has none; it never throws. */
export function goFileChange(file: ChangedFile): GoFileChange {
  const { before = '', now = '' } = file;
  const altered: GoAltered = alteredBodies(
    { text: before, sections: goSections(before) },
    { text: now, sections: goSections(now) },
  );
  return {
    file,
    was: piecesOf(before, altered.was, file.wasAt ?? file.path),
    is: piecesOf(now, altered.is, file.path),
  };
}

function piecesOf(text: string, bodies: readonly GoBody[], path: string): GoPiece[] {
  if (bodies.length === 0) return [];
  const folder = folderOf(path);
  const isMain = readGoHead(text).package === 'main';
  return bodies.flatMap((body) => {
    const piece = text.slice(body.from, body.to);
    const members = goMembers(text, body);
    return readGoDeclarations(text, body).map((declared) => ({
      key: keyOf(declared),
      path,
      folder,
      isMain,
      declared,
      body,
      text: piece,
      members: members.filter(({ name }) => name.startsWith(`${declared.name}.`)),
    }));
  });
}

/** `Type.Method` of a method, else the name: what a package has once. */
export const keyOf = ({ receiver, name }: GoDeclaration): string =>
  receiver === undefined ? name : `${receiver}.${name}`;

/** Whether other packages can name it: neither it nor its receiver begins with a small letter, and it is no program's own. */
export const isExported = ({ declared, isMain }: GoPiece): boolean =>
  !isMain && isPublic(declared.name) && (declared.receiver === undefined || isPublic(declared.receiver));

export const isPublic = (name: string): boolean => /^\p{Lu}/u.test(name);
