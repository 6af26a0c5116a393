/** A file of a commit: its blob, and git's mode such as `100644`; `120000` is a link, `160000` a submodule. */
export type TreeFile = { readonly id: string; readonly mode: string };

/** The files of a commit, by path. */
export type Tree = ReadonlyMap<string, TreeFile>;

/** What two commits have unlike. `linked`: the file is the same, what its link leads to is not. */
export type ChangedFile = {
  readonly path: string;
  readonly kind: 'added' | 'changed' | 'deleted' | 'linked';
  /** What the path was taken for, such as `go test`. */
  readonly as?: string;
};

export const LINK = '120000';
export const SUBMODULE = '160000';
export const isPlain = (file: TreeFile): boolean => file.mode !== LINK && file.mode !== SUBMODULE;

// A lone surrogate stands for a byte that is no UTF-8, a control character for itself.
const UNSHOWN = /[\udc00-\udcff]|\p{Cc}/u;

/** A path for people and JSON: one with bytes that no text has is quoted as git quotes, `"caf\351.txt"`. */
export function shownPath(path: string): string {
  if (!UNSHOWN.test(path) && !path.startsWith('"')) return path;
  const inner = path.replace(/[\udc00-\udcff]|\p{Cc}|["\\]/gu, (sign) =>
    sign === '"' || sign === '\\'
      ? `\\${sign}`
      : `\\${(sign.charCodeAt(0) & 0xff).toString(8).padStart(3, '0')}`,
  );
  return `"${inner}"`;
}
