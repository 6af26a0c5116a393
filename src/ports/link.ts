import type { OrdersAnswer, ReportAnswer, WireReport } from '../wire/agent.ts';

/** The agent's way to its hub: over HTTPS, or within one process. */
export interface Link {
  /** Throws when the hub could not be reached or did not take it; the same report may be sent again. */
  report(report: WireReport, signal: AbortSignal): Promise<ReportAnswer>;
  /** Answers at once when orders wait, otherwise when one comes or `waitMs` is over. */
  orders(waitMs: number, signal: AbortSignal): Promise<OrdersAnswer>;
}
