import { storableJson } from '../../../adapters/postgres/storable.ts';
import type { Digest } from '../../../core/base/ids.ts';
import type { ImageFacts } from '../../../core/fleet/control-plane.ts';
import type { MemoryDatabase } from './database.ts';
import { kept } from './kept.ts';

export type MemoryImages = {
  /** The change that records them, once it is called. Throws `Unstorable` before that. */
  upsert(images: readonly ImageFacts[]): () => void;
  list(component?: string): Promise<ImageFacts[]>;
};

/** What a build said of an image (it names fixes) wins; of two sightings the second fills what the first left open. */
export function imagesIn(database: MemoryDatabase): MemoryImages {
  const known = new Map<Digest, ImageFacts>();
  let sorted: readonly ImageFacts[] | undefined;
  const tell = (image: ImageFacts) => {
    const before = known.get(image.digest);
    const next = before === undefined || image.fixes.length > 0 ? image : filled(before, image);
    if (next === before) return;
    known.set(image.digest, kept(next));
    sorted = undefined;
  };
  return {
    upsert(images) {
      storableJson('The images', images);
      return () => images.forEach(tell);
    },
    list: (component) =>
      database.call(() => {
        sorted ??= [...known.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1));
        return sorted.filter((image) => component === undefined || image.component === component);
      }),
  };
}

function filled(known: ImageFacts, { commit, release }: ImageFacts): ImageFacts {
  if (known.fixes.length > 0 || known.commit !== undefined || commit === undefined) return known;
  return { ...known, commit, ...(known.release === undefined && release !== undefined && { release }) };
}
