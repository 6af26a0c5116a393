/** Paths in a repository: `a/b`, never with a slash at an end; the top folder is the empty text. */

/** Where `path` leads from `folder`, with `.` and `..` taken away; undefined when it leaves the repository. */
export function joinPath(folder: string, path: string): string | undefined {
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** `b/c` below `a` is `a/b/c`. */
export const below = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);

export const isWithin = (path: string, folder: string): boolean =>
  folder === '' || path === folder || path.startsWith(`${folder}/`);

export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The folder itself and all above it, the nearest first. */
export function upwards(folder: string): string[] {
  const all = [folder];
  for (let at = folder; at !== ''; ) {
    at = folderOf(at);
    all.push(at);
  }
  return all;
}
