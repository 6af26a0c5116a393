import type { Meta } from '../../core/hypershift/objects.ts';
import type { Kept, Shelf } from './shelf.ts';

/** One kind to be followed, and what is done with what is seen of it. */
export type Kind = {
  readonly resource: { readonly api: string; readonly plural: string; readonly labelSelector?: string };
  readonly keep: (object: unknown) => { readonly metadata: Meta } | undefined;
  readonly onSynced: (all: ReadonlyMap<string, { readonly metadata: Meta }>) => void;
  readonly onChanged: (object: { readonly metadata: Meta }, uid: string) => void;
  readonly onGone: (uid: string) => void;
  readonly onTrouble: (because: string) => void;
  /** It is followed again. */
  readonly onFollowed: () => void;
};

/** A watch that was cut comes back within moments; only what lasts makes what is seen doubtful. */
const TROUBLE_LASTS_MS = 20_000;

/** What there is to follow, and whether it is: makes kinds that keep a shelf current. `elapsedMs`: rises steadily. */
export function createKinds(elapsedMs: () => number) {
  const unlisted = new Set<string>();
  const troubles = new Map<string, { readonly because: string; readonly sinceMs: number }>();
  const kindOf = <T extends Kept>(
    resource: Kind['resource'],
    it: {
      readonly shelf: Shelf<T>;
      readonly keep: (object: T) => T | undefined;
      readonly touch: (object: T) => void;
      readonly forget: (object: T) => void;
      readonly mine?: (object: T) => boolean;
    },
  ): Kind => {
    const { plural, api } = resource;
    const id = `${api}/${plural}`;
    const { shelf, mine = () => true } = it;
    unlisted.add(id);
    const put = (object: T) => {
      troubles.delete(id);
      shelf.put(object);
      it.touch(object);
    };
    const drop = (uid: string) => {
      const object = shelf.take(uid);
      if (object !== undefined) it.forget(object);
    };
    return {
      resource,
      keep: (object) => it.keep(object as T),
      onSynced: (all) => {
        troubles.delete(id);
        for (const [uid, object] of shelf.byUid) if (mine(object) && !all.has(uid)) drop(uid);
        for (const object of all.values()) put(object as T);
        unlisted.delete(id);
      },
      onChanged: (object) => put(object as T),
      onGone: (uid) => {
        troubles.delete(id);
        drop(uid);
      },
      onTrouble: (because) =>
        void troubles.set(id, { because, sinceMs: troubles.get(id)?.sinceMs ?? elapsedMs() }),
      onFollowed: () => void troubles.delete(id),
    };
  };

  return {
    kindOf,
    /** Whether every kind has been listed once. */
    isWhole: () => unlisted.size === 0,
    /** Why kinds cannot be followed, those that could not be for a while. */
    troubles: () =>
      [...troubles.values()]
        .filter(({ sinceMs }) => elapsedMs() - sinceMs >= TROUBLE_LASTS_MS)
        .map(({ because }) => because),
  };
}
