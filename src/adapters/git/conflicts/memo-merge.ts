import type { PathClass } from '../../../core/assembly/assembly.ts';
import { type PathRules, pathClass } from '../../../core/assembly/path-class.ts';
import type { Ms } from '../../../core/base/instant.ts';
import { applyDelta, type Delta, type Merged } from '../objects/merge.ts';
import type { Store } from '../objects/store.ts';

/** `applyDelta` that remembers: remedies share their first merges, and one far from its branch takes long. */
export type Merge = (delta: Delta, tree: string) => Promise<Merged>;

/** What all remedies for one conflict share: the merges they made, and the time they have. */
export type Bench = {
  readonly merge: Merge;
  readonly isOver: () => boolean;
  readonly leftMs: () => Ms;
  /** What a path is for, by the component's rules. */
  readonly classOf: (path: string) => PathClass;
};

export function openBench(store: Store, searchMs: Ms, rules: PathRules = {}): Bench {
  const endAt = performance.now() + searchMs;
  const done = new Map<string, Promise<Merged>>();
  return {
    isOver: () => performance.now() > endAt,
    leftMs: () => endAt - performance.now(),
    classOf: (path) => pathClass(path, rules),
    merge(delta, tree) {
      const key = `${delta.from} ${delta.to} ${tree}`;
      const merged = done.get(key) ?? applyDelta(store, delta, tree);
      done.set(key, merged);
      return merged;
    },
  };
}

/** The same with less time. */
export function shorter(bench: Bench, searchMs: Ms): Bench {
  const endAt = performance.now() + Math.min(searchMs, bench.leftMs());
  return {
    merge: bench.merge,
    classOf: bench.classOf,
    isOver: () => performance.now() > endAt,
    leftMs: () => endAt - performance.now(),
  };
}
