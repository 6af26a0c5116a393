import { folderOf, isWithin, nameOf, upwards } from './folders.ts';
import { isEmbedded, isGoSource, isGoTest } from './go-build.ts';

/** What of a repository goes into a component, at one commit. */
export type Relevant = {
  /** The component's own paths: everything at or below them. */
  readonly paths: readonly string[];
  /** The component is Go: its tests are left out. */
  readonly isGo: boolean;
  /** Folders of the Go packages it is built from; the source files directly in them count. */
  readonly packages: ReadonlySet<string>;
  /** Embed patterns by the folder of the package that has them. */
  readonly embeds: ReadonlyMap<string, readonly string[]>;
  /** Single files: `go.mod` and `go.sum` where dependencies are not in the repository. */
  readonly files: ReadonlySet<string>;
};

/**
 * Whether a change of the file at `path` may change the component. The path need not exist any more at the
 * commit `relevant` was read at: a file that was taken away is judged by its folder.
 */
export function isRelevant(path: string, relevant: Relevant): boolean {
  const folder = folderOf(path);
  if (relevant.files.has(path)) return true;
  if (relevant.packages.has(folder) && isGoSource(nameOf(path))) return true;
  if (isOfComponent(path, relevant)) return true;
  return relevant.embeds.size > 0 && isTakenIn(path, folder, relevant.embeds);
}

const isOfComponent = (path: string, { paths, isGo }: Relevant): boolean =>
  paths.some((own) => isWithin(path, own)) && !(isGo && isGoTest(path));

function isTakenIn(path: string, folder: string, embeds: Relevant['embeds']): boolean {
  return upwards(folder).some((at) =>
    (embeds.get(at) ?? []).some((pattern) =>
      isEmbedded(pattern, at === '' ? path : path.slice(at.length + 1)),
    ),
  );
}
