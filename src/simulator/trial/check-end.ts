import { isDeepStrictEqual } from 'node:util';
import type { FixId } from '../../core/base/ids.ts';
import type { Instant, Ms } from '../../core/base/instant.ts';
import { plus } from '../../core/base/instant.ts';
import type { ControlPlane } from '../../core/fleet/control-plane.ts';
import type { Report } from '../../core/fleet/report.ts';
import { verifyChain } from '../../core/life/chain.ts';
import type { Recorded } from '../../core/life/event.ts';
import { fold } from '../../core/life/evolve.ts';
import type { Fix } from '../../core/life/fix.ts';
import type { FixSummary } from '../../ports/ledger.ts';
import type { HubStorage } from './memory/storage.ts';
import type { Story } from './story.ts';

/** What the database holds against what was seen to be written. */
export function misrecorded(rows: readonly Recorded[], story: Story): string[] {
  const known = new Map(story.rows.map((row) => [`${row.fix} ${row.version}`, row]));
  const strange = rows.filter(
    (row) => !isDeepStrictEqual({ ...row }, { ...known.get(`${row.fix} ${row.version}`) }),
  );
  const lost = story.rows.length - rows.length;
  return [
    ...(lost === 0 ? [] : [`${story.rows.length} rows were written, and the ledger holds ${rows.length}`]),
    ...strange.slice(0, 3).map((row) => `${row.fix} version ${row.version} is not what was written`),
  ];
}

/** Chains of the whole ledger. */
export function unchained(rows: readonly Recorded[]): string[] {
  return [...Map.groupBy(rows, (row) => row.fix)].flatMap(([fix, own]) => {
    const verdict = verifyChain(own);
    return verdict.verified ? [] : [`${fix}: version ${verdict.broken.version} ${verdict.broken.because}`];
  });
}

/** Whether lists show what the fold of the events gives. */
export function misprojected(list: readonly FixSummary[], story: Story): string[] {
  const byId = new Map(list.map((row) => [row.id, row]));
  return [
    ...list
      .filter((row) => !story.fixes.has(row.id))
      .map((row) => `${row.id} is listed, and nobody declared it`),
    ...[...story.fixes.values()].flatMap((fix) => {
      const row = byId.get(fix.id);
      if (row === undefined) return [`${fix.id} is on no list`];
      const { id, title, severity, state, component, author, declaredAt } = fix;
      const wanted: FixSummary = { id, title, severity, state, component, author, declaredAt };
      return isDeepStrictEqual({ ...row }, wanted)
        ? []
        : [`${fix.id} is listed as ${row.state}, and its events make it ${fix.state}`];
    }),
  ];
}

/** Whether a hub's copy of a fix, caught up row by row, is the fold of its whole history. */
export function misfolded(kept: Fix | undefined, rows: readonly Recorded[]): string[] {
  const own = rows.filter((row) => row.fix === kept?.id);
  return isDeepStrictEqual(plain(kept), plain(fold(own)))
    ? []
    : [`${kept?.id} is not what its events make it`];
}

const plain = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));

/** What hubs believe of control planes against what is so, for the clusters that were heard lately. */
export function misbelieved(input: {
  readonly planes: readonly ControlPlane[];
  readonly survey: readonly Report[];
  /** Clusters to compare: the others were not heard since. */
  readonly heard: ReadonlySet<string>;
  readonly now: Instant;
  readonly heartbeatMs: Ms;
}): string[] {
  const { planes, survey, heard, now, heartbeatMs } = input;
  const truth = survey.filter((report) => heard.has(report.managementCluster));
  const lost = new Set(truth.flatMap((report) => report.lost));
  const real = new Map(truth.flatMap((report) => report.planes.map((plane) => [plane.uid, plane])));
  const believed = planes.filter((plane) => heard.has(plane.managementCluster));
  const known = new Set(believed.map((plane) => plane.uid));
  return [
    ...believed.flatMap((plane) => {
      const { reportedAt, ...told } = plane;
      if (lost.has(plane.uid)) return [];
      const so = real.get(plane.uid);
      if (so === undefined) return [`${plane.name} (${plane.uid}) is believed to live and is gone`];
      if (!isDeepStrictEqual(plain(told), plain(so)))
        return [`${plane.name} is believed to be ${JSON.stringify(told)} and is ${JSON.stringify(so)}`];
      const isFresh = reportedAt <= now && reportedAt >= plus(now, -2 * heartbeatMs);
      return isFresh ? [] : [`${plane.name} is said to have been heard at ${reportedAt}, and it is ${now}`];
    }),
    ...[...real.values()]
      .filter((p) => !known.has(p.uid))
      .map((p) => `${p.name} was reported and nobody knows it`),
  ];
}

/** Everything that must hold of a database on its own. */
async function checkDatabase(storage: HubStorage, story: Story): Promise<string[]> {
  const rows = await storage.ledger.since(0, 1_000_000);
  return [
    ...misrecorded(rows, story),
    ...unchained(rows),
    ...misprojected(await storage.fixes.list({}), story),
  ];
}

/** What is so, and who a hub heard of it from, when a trial is over. */
export type Ending = {
  readonly storage: HubStorage;
  readonly story: Story;
  readonly survey: readonly Report[];
  readonly now: Instant;
  readonly heartbeatMs: Ms;
  /** A hub's own copy of a fix; undefined where no hub is there to be asked. */
  readonly copyOf?: (id: FixId) => Promise<Fix | undefined>;
};

/** Everything that must hold when a trial is over, by the name of what must hold. */
export async function checkEnding(ending: Ending): Promise<[invariant: string, found: string[]][]> {
  const { storage, story, survey, now, heartbeatMs, copyOf } = ending;
  const since = plus(now, -heartbeatMs);
  const heard = new Set([...story.heardAt].flatMap(([name, at]) => (at >= since ? [name] : [])));
  const planes = await storage.fleet.planes();
  const pending = await storage.outbox.pending(10);
  const copies: string[] = [];
  if (copyOf !== undefined)
    for (const { id } of story.fixes.values()) copies.push(...misfolded(await copyOf(id), story.rows));
  return [
    ['the ledger holds what was written', await checkDatabase(storage, story)],
    [
      'a hub believes what is so once it has heard everybody',
      misbelieved({ planes, survey, heard, now, heartbeatMs }),
    ],
    ['every order is handed over', pending.map((order) => `${order.key} still waits`)],
    ['a hub’s copy is the fold', copies],
  ];
}
