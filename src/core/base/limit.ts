/**
 * A limit as it is kept: `limit` when it is a whole number of at least `least`, else `least`.
 * What is absent, zero, negative, endless or unreadable so becomes the smallest, never all.
 */
export const limitOf = (limit: number | undefined, least: number): number =>
  Number.isSafeInteger(limit) && limit! >= least ? limit! : least;
