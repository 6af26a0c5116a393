import type { FixId } from '../../core/base/ids.ts';
import type { HubStorage } from './memory/storage.ts';

type Kept = { readonly after: number; readonly answer: Promise<unknown> };

export type Remembered = {
  readonly storage: HubStorage;
  /** Whether the fix may have events after that version, as far as is known without asking. */
  hasNews(fix: FixId, after: number): boolean;
};

/**
 * The same storage, which answers a question it has answered before from memory as long as nothing was
 * written in between. In a trial every write passes here, so the answer is what the database would give;
 * while the database is away it is asked all the same, and fails as it does.
 */
export function remembered(storage: HubStorage, isAway: () => boolean): Remembered {
  const { ledger, outbox, fixes, fleet, people } = storage;
  const kept = new Map<string, Kept>();
  const versions = new Map<FixId, number>();
  const writes = { ledger: 0, fleet: 0, outbox: 0, people: 0 };

  const remember = <T>(key: string, after: number, ask: () => Promise<T>): Promise<T> => {
    const known = kept.get(key);
    if (known?.after === after && !isAway()) return known.answer as Promise<T>;
    const answer = ask();
    kept.set(key, { after, answer });
    answer.catch(() => kept.delete(key));
    return answer;
  };
  /** A write may have been done even when it failed. */
  const noting = <A extends unknown[], T>(
    what: (keyof typeof writes)[],
    write: (...args: A) => Promise<T>,
  ) => {
    return async (...args: A): Promise<T> => {
      try {
        return await write(...args);
      } finally {
        for (const one of what) writes[one] += 1;
      }
    };
  };

  const append = noting(['ledger', 'fleet', 'outbox'], ledger.append);
  const hasNews = (fix: FixId, after: number) => versions.get(fix) !== after || isAway();
  const over: HubStorage = {
    ...storage,
    ledger: {
      ...ledger,
      async events(fix, after = 0) {
        if (!hasNews(fix, after)) return [];
        const rows = await ledger.events(fix, after);
        versions.set(fix, rows.at(-1)?.version ?? after);
        return rows;
      },
      async append(write) {
        try {
          return await append(write);
        } finally {
          versions.delete(write.fix);
        }
      },
    },
    outbox: {
      pending: (limit) => remember(`pending ${limit}`, writes.outbox, () => outbox.pending(limit)),
      accepted: noting(['outbox'], outbox.accepted),
    },
    fixes: {
      list: (filter) => remember(`list ${filter.open}`, writes.ledger, () => fixes.list(filter)),
    },
    fleet: {
      ...fleet,
      report: noting(['fleet'], fleet.report),
      planes: (component) => remember(`planes ${component}`, writes.fleet, () => fleet.planes(component)),
      images: (component) => remember(`images ${component}`, writes.fleet, () => fleet.images(component)),
    },
    people: {
      ...people,
      byToken: (token) => remember(`token ${token}`, writes.people, () => people.byToken(token)),
      issue: noting(['people'], people.issue),
    },
  };
  return { storage: over, hasNews };
}
