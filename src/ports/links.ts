import type { Commit } from '../core/base/ids.ts';
import type { PullRequestRef } from '../core/proof/closing-item.ts';

/** Looks at what people showed by an address. Asks only hosts that the configuration names, and reads only. */
export interface Links {
  /**
   * Asks for a document, and says which of the texts it holds (letters in either case). Without texts it is enough that the
   * address answers. Throws a `LinkProblem` where it does not, and where it must not be asked.
   */
  page(address: string, seek: readonly string[], signal: AbortSignal): Promise<PageSeen>;
  /** A pull request as its forge knows it. Throws a `LinkProblem`. */
  pullRequest(pull: PullRequestRef, signal: AbortSignal): Promise<PullRequestSeen>;
}

export type PageSeen = { readonly status: number; readonly holds: readonly string[] };

export type PullRequestSeen = {
  /** Where it is now: repositories are renamed. */
  readonly repository: string;
  readonly merged: boolean;
  readonly state: 'open' | 'closed';
  /** Merged as: a merge, one commit of all, or the last of several. */
  readonly commit?: Commit;
  /** The branch it is merged into. */
  readonly branch: string;
  /** How many commits it has. */
  readonly commits: number;
};

/**
 * refused: it must not be asked. missing: it answers that there is nothing, or nothing for us. content: what it answers cannot be
 * used. unreachable: no answer in time.
 */
export type LinkTrouble = 'refused' | 'missing' | 'content' | 'unreachable';

/** An address that cannot be looked at: what, where, allowed, next. */
export class LinkProblem extends Error {
  override name = 'LinkProblem';
  readonly trouble: LinkTrouble;
  readonly next: string;
  /** HTTP status of the answer, where there was one. */
  readonly status?: number;

  constructor(trouble: LinkTrouble, message: string, next: string, status?: number) {
    super(message);
    this.trouble = trouble;
    this.next = next;
    if (status !== undefined) this.status = status;
  }
}
