import { StorageDown } from '../../../ports/storage.ts';

/** One database in memory: calls take effect whole or not at all, and none while it is away. */
export type MemoryDatabase = {
  /**
   * Runs `work` as one transaction. `work` looks first and changes last, so that it throws before it has
   * changed anything. Rejects with `StorageDown`, and nothing is done, when the database is away or goes
   * away before the call is done.
   */
  call<T>(work: () => T): Promise<T>;
  /** Every call that is under way fails, and every new one until `restore`. What was written stays. */
  cut(): void;
  restore(): void;
};

export function createMemoryDatabase(): MemoryDatabase {
  let isAway = false;
  let cuts = 0;
  return {
    async call(work) {
      const before = cuts;
      // A call takes a moment, in which others may begin theirs and the database may go away.
      await undefined;
      if (isAway || cuts !== before)
        throw new StorageDown('The database in memory cannot be used: it is away');
      return work();
    },
    cut() {
      isAway = true;
      cuts += 1;
    },
    restore() {
      isAway = false;
    },
  };
}
