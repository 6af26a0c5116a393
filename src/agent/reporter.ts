import type { Digest, Uid } from '../core/base/ids.ts';
import type { ReportedPlane } from '../core/hypershift/inventory.ts';
import type { Memory, ReleaseDigest } from '../core/hypershift/memory.ts';
import type { WireReport } from '../wire/agent.ts';
import { fitPlane, fitReason } from './fit.ts';
import type { AgentParts } from './parts.ts';
import { type AgentTarget, targetOf } from './target.ts';

/** What is said to the hub: what changed since it last said that it knows. */
export type Reporter = {
  /** Whether anything may be said: once all was seen, and not while a first, full report would be of what cannot be seen. */
  isReady(): boolean;
  /** Looks at who changed, and at whom time may have changed. True when there is something new to say. */
  look(): Promise<boolean>;
  /** The report to send: the one that was not taken yet, or a new one. */
  report(): WireReport;
  /** The hub has it, or wants everything. */
  answered(answer: { readonly taken: boolean; readonly resync: boolean }): Promise<void>;
};

const PLANES_MAX = 10_000;
/** A look at one takes about a millisecond. */
const AT_ONCE = 20;

export function createReporter(parts: AgentParts): Reporter {
  const { mirror, journal, settings, sameImage, run } = parts;
  const planes = new Map<Uid, ReportedPlane>();
  /** What the hub knows, as text. */
  const told = new Map<Uid, string>();
  const images = new Set<string>();
  const unsaid = new Set<Uid>();
  /** When a target says something else though nothing changes. */
  const turns = new Map<Uid, number>();
  let number = 0;
  let full = true;
  let blind = false;
  let sending: WireReport | undefined;

  /** Which image a component has in a release, from those whose lever does not hide it, and who asked before that was known. */
  const releases = new Map<string, Digest>();
  const asking = new Map<string, Set<Uid>>();
  const releaseDigestFor =
    (uid: Uid): ReleaseDigest =>
    (component, image) => {
      const key = `${component} ${image}`;
      const known = releases.get(key);
      if (known === undefined) asking.set(key, (asking.get(key) ?? new Set()).add(uid));
      return known;
    };
  const learn = (seen: ReturnType<AgentTarget['releases']>): void => {
    for (const { component, image, digest } of seen) {
      const key = `${component} ${image}`;
      releases.set(key, digest);
      for (const uid of asking.get(key) ?? []) turns.set(uid, 0);
      asking.delete(key);
    }
  };

  /** Looks at one target; undefined when it is gone. */
  const judge = (uid: Uid, nowMs: number, kept: Map<Uid, unknown>): ReportedPlane | undefined => {
    const target = targetOf(parts, uid);
    if (target === undefined) return undefined;
    const earlier = journal.memory(uid) as Memory | undefined;
    const look = { nowMs, sameImage, releaseDigest: releaseDigestFor(uid) };
    const memory = target.remembered(earlier, look);
    turns.set(uid, target.turnsAtMs(memory, nowMs) ?? Number.POSITIVE_INFINITY);
    if (JSON.stringify(memory) !== JSON.stringify(earlier)) kept.set(uid, memory);
    const plane = fitPlane(target.plane(memory, look));
    learn(target.releases(plane));
    return plane;
  };

  const note = (uid: Uid, plane: ReportedPlane | undefined): void => {
    if (plane === undefined) planes.delete(uid);
    else planes.set(uid, plane);
    const same = plane === undefined ? !told.has(uid) : told.get(uid) === JSON.stringify(plane);
    if (same && !full) unsaid.delete(uid);
    else unsaid.add(uid);
  };

  const make = (): WireReport => {
    const named = full ? [...planes.keys()] : [...unsaid];
    const some = named.slice(0, PLANES_MAX);
    const said = some.flatMap((uid) => planes.get(uid) ?? []);
    number += 1;
    const ended = journal.unsettled().slice(0, PLANES_MAX);
    return {
      managementCluster: settings.managementCluster,
      run,
      number,
      ...(full && { full: true }),
      planes: blind ? [] : said,
      gone: blind || full ? [] : some.filter((uid) => !planes.has(uid)),
      lost: blind ? [...planes.keys()] : [],
      images: blind ? [] : newImages(said, { known: images, commitOf: parts.commitOf }),
      refused: ended.flatMap(({ key, uid, state, because }) =>
        state === 'refused' ? [{ key, uid, because: fitReason(because ?? 'refused') }] : [],
      ),
      settled: ended.map((e) => e.key),
    };
  };

  return {
    isReady: () => mirror.isWhole() && parts.clock.nowMs() !== undefined && !(full && blind),
    async look() {
      const wasBlind = blind;
      blind = mirror.troubles().length > 0;
      // What was told as lost stays lost until it is told again.
      if (wasBlind && !blind) mirror.touchAll();
      const nowMs = parts.clock.nowMs();
      if (!mirror.isWhole() || nowMs === undefined) return false;
      const due = [...turns].flatMap(([uid, atMs]) => (atMs <= nowMs ? [uid] : []));
      const kept = new Map<Uid, unknown>();
      let looked = 0;
      for (const uid of new Set([...mirror.changed(), ...due])) {
        const plane = judge(uid, nowMs, kept);
        if (plane === undefined) {
          kept.set(uid, undefined);
          turns.delete(uid);
        }
        note(uid, plane);
        looked += 1;
        // Orders and watches have their turn in between.
        if (looked % AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await journal.remember(kept);
      return full || unsaid.size > 0 || journal.unsettled().length > 0;
    },
    report: () => (sending ??= make()),
    async answered({ taken, resync }) {
      const sent = sending!;
      sending = undefined;
      if (resync) {
        full = true;
        return;
      }
      if (!taken) return;
      if (sent.full) told.clear();
      full = false;
      for (const plane of sent.planes) told.set(plane.uid, JSON.stringify(plane));
      for (const uid of [...sent.gone, ...sent.lost]) told.delete(uid);
      for (const { component, digest } of sent.images) images.add(`${component} ${digest}`);
      for (const uid of [...unsaid]) note(uid, planes.get(uid));
      await journal.settle(sent.settled);
    },
  };
}

/** Digests the hub was not told of. */
function newImages(
  said: readonly ReportedPlane[],
  { known, commitOf }: { readonly known: ReadonlySet<string> } & Pick<AgentParts, 'commitOf'>,
): WireReport['images'] {
  const found = new Map<string, WireReport['images'][number]>();
  for (const plane of said)
    for (const [component, { digest, release, override }] of Object.entries(plane.components))
      for (const one of [digest, release, override]) {
        const key = `${component} ${one}`;
        if (one === undefined || known.has(key) || found.has(key)) continue;
        const commit = commitOf(one);
        found.set(key, { digest: one, component, ...(commit !== undefined && { commit }) });
      }
  return [...found.values()];
}
