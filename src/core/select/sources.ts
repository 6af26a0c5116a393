import type { GoHead } from '../code/go-head.ts';
import type { JsFile } from '../code/js-file.ts';
import type { PyFile } from '../code/py-file.ts';
import type { Tree, TreeFile } from './tree.ts';

/** What is read of a file: the head of a Go file, imports of the others, or its whole text. */
export type Reading = 'go' | 'js' | 'py' | 'text';

/** What was read of the files of one commit; undefined for a file that was not asked for or cannot be read. */
export type Sources = {
  readonly tree: Tree;
  goHead(path: string, file: TreeFile): GoHead | undefined;
  js(path: string, file: TreeFile): JsFile | undefined;
  py(path: string, file: TreeFile): PyFile | undefined;
  text(path: string): string | undefined;
};

/** What is read of blobs, by id. */
export type Facts = {
  readonly go: ReadonlyMap<string, GoHead>;
  readonly js: ReadonlyMap<string, JsFile>;
  readonly py: ReadonlyMap<string, PyFile>;
  readonly text: ReadonlyMap<string, string>;
};

export const sourcesOf = (tree: Tree, facts: Facts): Sources => ({
  tree,
  goHead: (_, { id }) => facts.go.get(id),
  js: (_, { id }) => facts.js.get(id),
  py: (_, { id }) => facts.py.get(id),
  text: (path) => facts.text.get(tree.get(path)?.id ?? ''),
});
