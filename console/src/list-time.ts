import { type Instant, instantOf, plus } from '../../src/core/base/instant.ts';
import type { FixRow } from '../../src/core/views/list-view.ts';

const isStopped = ({ clock, state }: FixRow): boolean =>
  clock.coveredAt !== undefined || state === 'closed' || state === 'withdrawn';

/**
 * When the hub made the list: a row carries its age, not its moment, and the age of a fix that is covered or closed
 * stands still. Where all stand still, this machine's clock at `loadedMs` has to do, though never before what the
 * list already tells of.
 */
export function listMadeAt(rows: readonly FixRow[], loadedMs: number): Instant {
  const ends = (some: readonly FixRow[]): Instant[] =>
    some.map(({ clock }) => plus(clock.declaredAt, clock.elapsedMs)).sort();
  const running = ends(rows.filter((row) => !isStopped(row))).at(-1);
  if (running !== undefined) return running;
  const told = [...ends(rows), ...rows.flatMap(({ needs }) => needs.map(({ since }) => since))];
  return [...told, instantOf(loadedMs)].sort().at(-1)!;
}
