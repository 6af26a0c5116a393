/**
 * The store cannot be used now: not reached, shutting down, out of disk, or silent for too long.
 *
 * The same call may work later. A write that failed so may have been committed; a command's
 * idempotency key, given again, tells (`Ledger.answered`).
 */
export class StorageDown extends Error {
  override name = 'StorageDown';
}

/** A value holds something the store cannot keep; trying again cannot help. */
export class Unstorable extends Error {
  override name = 'Unstorable';
}
