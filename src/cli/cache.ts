import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { epochMs, HOUR, type Instant, type Ms } from '../core/base/instant.ts';

/** Small JSON values on disk that may be lost at any time: the last views, and keys still unanswered. */
export type Cache = {
  /** The value kept under `key`, with the instant it was kept; undefined when there is none that can be read. */
  read(key: string): { readonly at: Instant; readonly value: unknown } | undefined;
  /** Like `drop` it never throws: a full or read-only disk must not stop a command. */
  keep(key: string, at: Instant, value: unknown): void;
  drop(key: string): void;
};

/** Files of mode 0600 under `dir`, named by the hash of their key. */
export function openCache(dir: string): Cache {
  const path = (key: string) =>
    join(dir, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`);
  return {
    read(key) {
      try {
        const kept = JSON.parse(readFileSync(path(key), 'utf8'));
        return typeof kept?.at === 'string' && Number.isFinite(epochMs(kept.at)) ? kept : undefined;
      } catch {
        return undefined;
      }
    },
    keep(key, at, value) {
      try {
        mkdirSync(dir, { recursive: true, mode: 0o700 });
        const fresh = `${path(key)}.${process.pid}`;
        writeFileSync(fresh, JSON.stringify({ at, value }), { mode: 0o600 });
        renameSync(fresh, path(key));
      } catch {
        // The cache is a courtesy.
      }
    },
    drop(key) {
      try {
        rmSync(path(key), { force: true });
      } catch {
        // Nothing could be kept there either.
      }
    },
  };
}

const UNANSWERED_MS: Ms = HOUR;

/**
 * The Idempotency-Key for a request: the one of an equal request whose answer was never heard within
 * the last hour, so that repeating it after a lost network cannot do it twice; otherwise a new one.
 */
export function keyFor(cache: Cache, request: string, now: Instant, fresh: () => string): string {
  const kept = cache.read(`unanswered ${request}`);
  const isRecent = kept !== undefined && Math.abs(epochMs(now) - epochMs(kept.at)) < UNANSWERED_MS;
  return isRecent && typeof kept.value === 'string' ? kept.value : fresh();
}
