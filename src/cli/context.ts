import type { Instant } from '../core/base/instant.ts';
import type { Cache } from './cache.ts';
import type { Client } from './client.ts';
import type { Io } from './io.ts';
import type { Output } from './output.ts';
import type { Settings } from './settings.ts';

/** What every command gets. */
export type Context = {
  readonly io: Io;
  readonly settings: Settings;
  readonly client: Client;
  readonly cache: Cache;
  readonly out: Output;
  /** The hub's time, as of its last answer; this machine's before the first. */
  readonly now: () => Instant;
  /** The hub's time, asked for when nothing was heard yet. */
  readonly hubNow: () => Promise<Instant>;
  /** The command line as it was typed, ready to be typed again. */
  readonly command: string;
};
