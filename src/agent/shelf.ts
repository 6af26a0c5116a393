import type { Meta } from '../core/hypershift/objects.ts';

export type Kept = { readonly metadata: Meta };

/** Objects by uid, and by namespace, since that is how they belong together. */
export class Shelf<T extends Kept> {
  readonly byUid = new Map<string, T>();
  readonly #byNamespace = new Map<string, Map<string, T>>();

  put(object: T): void {
    const { uid, namespace } = object.metadata;
    this.byUid.set(uid, object);
    const there = this.#byNamespace.get(namespace) ?? new Map<string, T>();
    this.#byNamespace.set(namespace, there.set(uid, object));
  }

  take(uid: string): T | undefined {
    const object = this.byUid.get(uid);
    if (object === undefined) return undefined;
    this.byUid.delete(uid);
    const { namespace } = object.metadata;
    const there = this.#byNamespace.get(namespace);
    there?.delete(uid);
    if (there?.size === 0) this.#byNamespace.delete(namespace);
    return object;
  }

  in(namespace: string): readonly T[] {
    return [...(this.#byNamespace.get(namespace)?.values() ?? [])];
  }
}
