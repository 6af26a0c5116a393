import { epochMs } from '../base/instant.ts';
import type { RefusedOrder } from '../fleet/report.ts';
import type { Event, TargetChange } from './event.ts';
import type { Fix } from './fix.ts';

/**
 * What agents' refusals mean for a fix: a control plane that was told to start and whose agent would not is as if it had
 * not been told, for the agent's reason. Nothing was changed there, so it says nothing of the image; it is told once more, and after a
 * second refusal it is out and shown. Agents repeat refusals; one of an order that is not the latest to
 * its target says nothing any more. Empty when there is nothing new.
 */
export function refusals(fix: Fix, refused: readonly RefusedOrder[]): Event[] {
  const changes = refused.flatMap(({ key, uid, because }): TargetChange[] => {
    const told = fix.rollout?.targets[uid];
    const isLatest = told?.state === 'starting' && isOrderOf(fix, { key, uid }, told.toldAt);
    return isLatest ? [{ uid, to: 'waiting', because: `refused by its agent: ${because}` }] : [];
  });
  const byUid = new Map(changes.map((c) => [c.uid, c]));
  return byUid.size > 0 ? [{ type: 'TargetsObserved', changes: [...byUid.values()] }] : [];
}

/**
 * Keys are `FIX-12/<uid>/<sequence>`, and a sequence holds the millisecond of its order (or the one after). The uid is that of the key: an
 * agent may have been given the key, and name a control plane of another beside it.
 */
function isOrderOf(fix: Fix, { key, uid }: Pick<RefusedOrder, 'key' | 'uid'>, toldAt: string): boolean {
  const start = `${fix.id}/${uid}/`;
  const sequence = key.startsWith(start) ? Number(key.slice(start.length)) : Number.NaN;
  const afterMs = Math.floor(sequence / 1_000) - epochMs(toldAt);
  return afterMs >= 0 && afterMs <= 1;
}
