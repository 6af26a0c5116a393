import { fail, ok } from '../../core/base/result.ts';
import { rosterReport } from '../../core/roster/report.ts';
import type { Desk } from '../desk.ts';
import type { Parts } from '../parts.ts';

/** Who is on duty, from what was read last; the first reading is waited for. */
export function createRosterDesk({ duties, clock }: Pick<Parts, 'duties' | 'clock'>): Pick<Desk, 'roster'> {
  return {
    async roster(days) {
      if (duties === undefined)
        return fail({
          code: 'not-found',
          detail:
            'this hub has no roster: name the calendars of your rotas under roster: in its configuration (docs/roster.md)',
          next: ['fleetfix roster --config FILE'],
        });
      const read = await duties.firstRead();
      if (read === undefined)
        return fail({
          code: 'wrong-state',
          detail: 'the calendars could not be read yet; the hub tries again, and its log says why',
          next: ['fleetfix roster'],
        });
      return ok({ readAt: read.readAt, ...rosterReport(read.duty.roster, { at: clock.now(), days }) });
    },
  };
}
