/** A type with intersections and picks written out and every level readonly, so that two can be compared. */
export type Plain<T> = T extends string | number | boolean | null | undefined
  ? T
  : unknown extends T
    ? T
    : { readonly [K in keyof T]: Plain<T[K]> };

/**
 * `true` when two types have the same members, optional ones included; `false` otherwise. Two-way
 * assignability would not do: it overlooks an optional member that one side lacks.
 */
export type Same<A, B> =
  (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : false;
