/** A calendar, or an event of it, that cannot be understood; the message says what and where, for people. */
export class CalendarFault extends Error {
  override name = 'CalendarFault';
}

/** Ends what would not end: every step is counted, and one too many throws a CalendarFault. */
export type Budget = { readonly take: (what: string) => void };

export function budgetOf(steps: number): Budget {
  let left = steps;
  return {
    take(what) {
      left -= 1;
      if (left < 0) throw new CalendarFault(`${what}: more than ${steps} repetitions were gone through`);
    },
  };
}
