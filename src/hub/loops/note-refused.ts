import { isFixId } from '../../core/base/ids.ts';
import type { RefusedOrder } from '../../core/fleet/report.ts';
import { refusals } from '../../core/life/refused.ts';
import type { Cases } from '../cases.ts';
import type { Parts } from '../parts.ts';
import { record } from '../record.ts';

/** Puts agents' refusals on the ledger of the fixes they concern. Taking them in twice changes nothing. */
export async function noteRefused(
  parts: Parts,
  cases: Cases,
  refused: readonly RefusedOrder[],
): Promise<void> {
  const ids = new Set(refused.map((r) => r.key.split('/')[0]!).filter(isFixId));
  for (const id of ids) {
    for (;;) {
      const fix = await cases.load(id);
      const events = fix ? refusals(fix, refused) : [];
      if (!fix || events.length === 0) break;
      const at = parts.clock.now();
      const outcome = await record(parts, {
        id,
        fix,
        events,
        at,
        author: 'fleetfix',
        surface: 'agent',
        seen: fix.version,
      });
      if (outcome.outcome !== 'moved') break;
    }
  }
}
