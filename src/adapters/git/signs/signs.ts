import { MissingObject } from '../objects/git.ts';
import type { ObjectSource, Trees } from '../objects/trees.ts';
import { byFolder, callerSigns } from './callers.ts';
import { changedFiles, type SignWork } from './change-files.ts';
import { createGoSource, type GoSource } from './go-source.ts';
import { importSigns } from './imports.ts';
import { nameSigns } from './names.ts';
import { twiceSigns } from './twice.ts';

/** Where signs are read from: `Store` fits. */
type SignSource = ObjectSource & { readonly trees: Trees };

const SIGNS_MAX = 10;
const sources = new WeakMap<SignSource, GoSource>();

/** So many files take some 50 ms to look through. */
const FILES_MAX = 500;
const CUT_SHORT =
  'the change reaches far: signs that it may not compile were looked for in a part of the files only';

/**
 * Signs that a candidate is not what people would merge though every pick was clean, one sentence each with file
 * and line, at most ten. Each is an error of the Go compiler that can be seen without it, or close to one; no sign proves
 * nothing. Only Go is read. What cannot be read (a partial clone) gives no sign.
 */
export async function signsOf(store: SignSource, work: SignWork): Promise<string[]> {
  if (work.steps.length === 0 || work.before === work.after) return [];
  const go = limited(sourceOf(store), FILES_MAX);
  const found: string[] = [];
  try {
    const files = await changedFiles(go, work);
    // One after the other: what one has read the next need not read, and where they end is the same every time.
    for (const file of files)
      for (const signs of [importSigns, nameSigns, twiceSigns])
        found.push(...(await signs(go, file, work.after)));
    for (const some of byFolder(files)) found.push(...(await callerSigns(go, some, work)));
    return atMost(found);
  } catch (problem) {
    if (problem instanceof MissingObject) return [];
    if (problem instanceof EnoughRead) return [...atMost(found), CUT_SHORT];
    throw problem;
  }
}

/** More files were asked for than one candidate may have read. */
class EnoughRead extends Error {}

function limited(go: GoSource, filesMax: number): GoSource {
  const asked = new Set<string>();
  return {
    ...go,
    async file(blob) {
      if (asked.add(blob).size > filesMax) throw new EnoughRead();
      return go.file(blob);
    },
  };
}

function sourceOf(store: SignSource): GoSource {
  const known = sources.get(store);
  if (known) return known;
  const made = createGoSource(store, store.trees);
  sources.set(store, made);
  return made;
}

function atMost(all: readonly string[]): string[] {
  const signs = [...new Set(all)];
  if (signs.length <= SIGNS_MAX) return signs;
  return [...signs.slice(0, SIGNS_MAX - 1), `${signs.length - SIGNS_MAX + 1} more signs of this kind`];
}
