import type { Ms } from '../core/base/instant.ts';

/** What is to happen, earliest first; of two at the same time, the one that was put in first. A binary heap. */
export type EventQueue<T> = {
  push(atMs: Ms, event: T): void;
  /** When the first is due; Infinity when there is none. */
  firstAtMs(): Ms;
  /** The first, left in; undefined when there is none. */
  first(): T | undefined;
  /** Takes the first out; undefined when there is none. */
  shift(): { readonly atMs: Ms; readonly event: T } | undefined;
};

type Entry<T> = { readonly atMs: Ms; readonly turn: number; readonly event: T };

export function createEventQueue<T>(): EventQueue<T> {
  const heap: Entry<T>[] = [];
  let turns = 0;
  return {
    push(atMs, event) {
      heap.push({ atMs, turn: turns, event });
      turns += 1;
      rise(heap);
    },
    firstAtMs: () => heap[0]?.atMs ?? Number.POSITIVE_INFINITY,
    first: () => heap[0]?.event,
    shift() {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined) return undefined;
      if (heap.length > 0) {
        heap[0] = last;
        sink(heap);
      }
      return first;
    },
  };
}

const isBefore = <T>(a: Entry<T>, b: Entry<T>) => a.atMs < b.atMs || (a.atMs === b.atMs && a.turn < b.turn);

function rise<T>(heap: Entry<T>[]): void {
  let at = heap.length - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(heap[at]!, heap[parent]!)) return;
    [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
    at = parent;
  }
}

function sink<T>(heap: Entry<T>[]): void {
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    if (left >= heap.length) return;
    const right = left + 1;
    const least = right < heap.length && isBefore(heap[right]!, heap[left]!) ? right : left;
    if (!isBefore(heap[least]!, heap[at]!)) return;
    [heap[at], heap[least]] = [heap[least]!, heap[at]!];
    at = least;
  }
}
