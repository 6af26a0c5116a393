/**
 * What this machine has begun and not ended. A program of a candidate may end the hub that runs it; whoever starts the hub
 * again must not find the same program first for ever.
 */
export type Attempts = {
  /**
   * Notes that the work is begun; gives how often it was begun before and never ended. Never rejects. Work that twice was
   * not seen to end is suspect: it waits until no other such work runs here, so that none is counted for what another did.
   */
  begin(work: string): Promise<number>;
  /** The work is over, whatever came of it. Never rejects. */
  end(work: string): Promise<void>;
};
