import type { Uid } from '../core/base/ids.ts';

/**
 * What an agent must not forget: which orders it began and ended, and what it saw before it changed anything. Every promise
 * resolves once a crash cannot lose what was written.
 */
export interface Journal {
  /** How far an order got; undefined when it was never begun. */
  entry(key: string): JournalEntry | undefined;
  /** The highest sequence carried out or refused for a control plane; 0 when there is none. */
  sequenceOf(uid: Uid): number;
  write(entry: JournalEntry): Promise<void>;
  /** Ended, and the hub has not yet said that it knows. */
  unsettled(): readonly JournalEntry[];
  /** The hub knows of these. */
  settle(keys: readonly string[]): Promise<void>;
  /** What was kept of a control plane; undefined when nothing was. */
  memory(uid: Uid): unknown;
  /** Keeps a JSON value for each of these control planes, at one go; undefined forgets it. */
  remember(values: ReadonlyMap<Uid, unknown>): Promise<void>;
  close(): Promise<void>;
}

/** `begun`: it may or may not have been carried out; the object itself says. */
export type JournalEntry = {
  readonly key: string;
  readonly uid: Uid;
  readonly sequence: number;
  readonly state: 'begun' | 'done' | 'refused';
  readonly because?: string;
};
