import { MissingObject } from '../git.ts';
import type { ObjectSource, Trees } from '../trees.ts';
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

/**
 * Signs that a candidate is not what people would merge though every pick was clean, one sentence each with file
 * and line, at most ten. Each is an error of the Go compiler that can be seen without it, or close to one; no sign proves
 * nothing. Only Go is read. What cannot be read (a partial clone) gives no sign.
 */
export async function signsOf(store: SignSource, work: SignWork): Promise<string[]> {
  if (work.steps.length === 0 || work.before === work.after) return [];
  const go = sourceOf(store);
  try {
    const files = await changedFiles(go, work);
    const found = await Promise.all(
      files.map(async (file) => [
        ...(await importSigns(go, file, work.after)),
        ...(await nameSigns(go, file, work.after)),
        ...(await twiceSigns(go, file, work.after)),
      ]),
    );
    const callers = await Promise.all(byFolder(files).map((some) => callerSigns(go, some, work)));
    return atMost([...found.flat(), ...callers.flat()]);
  } catch (problem) {
    if (problem instanceof MissingObject) return [];
    throw problem;
  }
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
