import type { Meta } from '../../core/hypershift/objects.ts';

export type Kept = { readonly metadata: Meta };

/** Objects by uid, and by what they belong together by: their namespace, unless `groupOf` says otherwise. */
export class Shelf<T extends Kept> {
  readonly byUid = new Map<string, T>();
  /** Groups are small, a hundred or so; a list takes a tenth of the memory of a map. */
  readonly #groups = new Map<string, T[]>();
  readonly #groupOf: (object: T) => string;

  constructor(groupOf = (object: T): string => object.metadata.namespace) {
    this.#groupOf = groupOf;
  }

  put(object: T): void {
    const { uid } = object.metadata;
    const group = this.#groupOf(object);
    const earlier = this.byUid.get(uid);
    this.byUid.set(uid, object);
    const there = this.#groups.get(group);
    if (earlier !== undefined) {
      const at = there?.indexOf(earlier) ?? -1;
      if (at >= 0) {
        there![at] = object;
        return;
      }
      this.#remove(earlier);
    }
    if (there === undefined) this.#groups.set(group, [object]);
    else there.push(object);
  }

  take(uid: string): T | undefined {
    const object = this.byUid.get(uid);
    if (object === undefined) return undefined;
    this.byUid.delete(uid);
    this.#remove(object);
    return object;
  }

  #remove(object: T): void {
    const group = this.#groupOf(object);
    const there = this.#groups.get(group);
    if (there === undefined) return;
    const left = there.filter((one) => one !== object);
    if (left.length === 0) this.#groups.delete(group);
    else this.#groups.set(group, left);
  }

  in(group: string): readonly T[] {
    return [...(this.#groups.get(group) ?? [])];
  }
}
