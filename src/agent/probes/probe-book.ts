import type { Outcome, Probe } from '../../core/hypershift/probe.ts';
import type { Journal } from '../../ports/journal.ts';

/** What is known of each stratum: how its probe ended, or that it is under way. */
export type Entry = Outcome | { readonly is: 'under way'; readonly probe: Probe };

export type ProbeBook = {
  entry(stratum: string): Entry | undefined;
  underWay(): readonly Probe[];
  /** Known at once; resolves once a crash cannot lose it. Undefined forgets. */
  put(stratum: string, entry: Entry | undefined): Promise<void>;
};

/** Beside the memories of control planes; no uid looks like it. */
const KEY = 'probes of node pools';
const KEPT_MAX = 500;

/** The strata in a journal, as one value: what is put later is later there, too. */
export function openBook(journal: Pick<Journal, 'memory' | 'remember'>): ProbeBook {
  const entries = new Map(Object.entries((journal.memory(KEY) ?? {}) as Readonly<Record<string, Entry>>));
  return {
    entry: (stratum) => entries.get(stratum),
    underWay: () => [...entries.values()].flatMap((it) => (it.is === 'under way' ? [it.probe] : [])),
    put(stratum, entry) {
      entries.delete(stratum);
      if (entry !== undefined) entries.set(stratum, entry);
      for (const [earliest, { is }] of entries) {
        if (entries.size <= KEPT_MAX) break;
        if (is !== 'under way') entries.delete(earliest);
      }
      return journal.remember(new Map([[KEY, Object.fromEntries(entries)]]));
    },
  };
}
