/** A PATCH of one object, as the API server has it. */
export type KubePatch = {
  readonly path: string;
  /** apply: server-side, never forced. merge: RFC 7386. strategic: Kubernetes' own merge. */
  readonly how: 'apply' | 'merge' | 'strategic';
  readonly object: Readonly<Record<string, unknown>>;
  readonly dryRun: boolean;
};

/**
 * `done`: with the object as it is now. `conflict`: somebody came in between, or owns what was to be written.
 * `refused`: trying again cannot help. `away`: it was not reached, is busy, or did not say; the write may have been carried out.
 */
export type KubeAnswer =
  | { readonly outcome: 'done'; readonly object: unknown }
  | { readonly outcome: 'conflict' | 'refused' | 'missing'; readonly because: string }
  | { readonly outcome: 'away'; readonly because: string; readonly retryAfterMs?: number };

/** One API server, as an agent uses it. */
export interface KubeWriter {
  patch(patch: KubePatch, signal: AbortSignal): Promise<KubeAnswer>;
  get(path: string, signal: AbortSignal): Promise<KubeAnswer>;
}
