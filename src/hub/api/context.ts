import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Actor } from '../../core/approval/approval.ts';
import type { Instant } from '../../core/base/instant.ts';
import type { Desk } from '../desk.ts';
import type { Metrics } from '../metrics.ts';
import type { StreamSettings } from '../sse.ts';
import type { Feed } from '../tail.ts';

/** What pino offers, as far as the API uses it. */
export type Log = Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>;

export type ApiParts = {
  readonly desk: Desk;
  /** The ledger, read only. */
  readonly feed: Feed;
  /** Why the hub cannot serve now, one sentence a reason; empty when it can. */
  readonly ready: () => Promise<readonly string[]>;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly version: string;
  /** The clock that the hub judges by, told with every answer; absent: not told. */
  readonly now?: () => Instant;
  /** Folder of the built console; absent or missing: a page says how to build it. */
  readonly consoleDir?: string;
  readonly streams?: Partial<StreamSettings>;
};

export type ApiEnv = {
  Variables: { requestId: string; actor: Actor; token: string };
  /** `stopping` is aborted when the server begins to stop (see serve.ts); absent in tests without a server. */
  Bindings: { stopping?: AbortSignal };
};

export type Api = OpenAPIHono<ApiEnv>;
