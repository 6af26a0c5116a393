import type { Instant, Ms } from '../../core/base/instant.ts';
import type { RegistryReach } from '../../ports/registry.ts';

/** How registries are reached. */
export type RegistrySettings = RegistryReach & {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Instant;
  readonly fetch: typeof fetch;
  readonly limits?: Partial<Limits>;
  /** Ends everything under way. */
  readonly signal?: AbortSignal;
};

export type Limits = {
  readonly attemptMs: Ms;
  readonly totalMs: Ms;
  readonly attempts: number;
  /** Before the second attempt; doubled for each further one. */
  readonly backOffMs: Ms;
  readonly backOffMsMax: Ms;
  readonly redirects: number;
  readonly manifestBytes: number;
  readonly configBytes: number;
  /** Of one signature, statement or bundle. Provenance of a large pipeline has some megabytes. */
  readonly signedBytes: number;
  /** Documents read beside one digest; what comes after them is not read. */
  readonly signedCount: number;
  /** Of all signatures, statements and bundles of one image together. */
  readonly signedBytesTotal: number;
  readonly platforms: number;
  readonly pages: number;
};

const MIB = 1024 * 1024;
export const LIMITS: Limits = {
  attemptMs: 30_000,
  totalMs: 300_000,
  attempts: 4,
  backOffMs: 300,
  backOffMsMax: 10_000,
  redirects: 5,
  manifestBytes: 4 * MIB,
  configBytes: 8 * MIB,
  signedBytes: 32 * MIB,
  signedCount: 64,
  signedBytesTotal: 128 * MIB,
  platforms: 64,
  pages: 16,
};
