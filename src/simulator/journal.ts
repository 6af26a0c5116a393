import {
  closeSync,
  constants,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Digest, FixId } from '../core/base/ids.ts';
import { type Instant, instantOf } from '../core/base/instant.ts';
import type { Entry } from './world-spec.ts';

/** Everything that came into a world from outside, in order. Kept with it, a world can be made again. */
export type Journal = {
  /** What was in it when it was opened. */
  readonly entries: readonly Entry[];
  /** Adds an entry and returns once a crash cannot lose it. Throws when it could not be kept; nothing is kept then. */
  append(entry: Entry): void;
  /** Notes how far time has come. Survives the process, and need not survive the machine. */
  mark(at: Instant): void;
  close(): void;
};

/** A journal that ends with the process. */
export function memoryJournal(entries: readonly Entry[] = []): Journal & { readonly written: Entry[] } {
  const written = [...entries];
  return {
    entries: [...entries],
    written,
    append: (entry) => void written.push(entry),
    mark: (at) => {
      if (written.at(-1)?.kind === 'time') written.pop();
      written.push({ kind: 'time', at });
    },
    close: () => {},
  };
}

/**
 * Opens or makes a journal of JSON lines. A last line that a crash cut short is dropped: its append had
 * not returned. Throws with the line's number when any other line is not an entry.
 *
 * Entries are only ever added. Marks of time take the place of the mark before them when nothing has
 * come between, so that a world left running does not fill the disk.
 */
export function openJournal(path: string): Journal {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    const { entries, bytes } = readEntries(path, readFileSync(file));
    ftruncateSync(file, bytes);
    syncFolder(dirname(path));
    return fileJournal(path, file, entries, bytes);
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

export const journalPath = (dir: string): string => join(dir, 'world.jsonl');

function fileJournal(path: string, file: number, entries: readonly Entry[], length: number): Journal {
  let end = length;
  /** Where the last line starts when it is a mark. */
  let markAt: number | undefined;
  let isOpen = true;
  const write = (entry: Entry, at: number, finish: () => void): number => {
    if (!isOpen) throw new Error(`${path} is closed: open the world again`);
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    try {
      for (let done = 0; done < line.length; )
        done += writeSync(file, line, done, line.length - done, at + done);
      finish();
    } catch (error) {
      // A piece of a line, as a full disk leaves it, must not stand before the next one.
      ftruncateSync(file, at);
      throw error;
    }
    return at + line.length;
  };
  return {
    entries,
    append(entry) {
      end = write(entry, end, () => fsyncSync(file));
      markAt = undefined;
    },
    mark(at) {
      // All marks have one length, since all instants have, so one covers the other.
      const start = markAt ?? end;
      end = start;
      end = write({ kind: 'time', at }, start, () => {});
      markAt = start;
    },
    close() {
      if (isOpen) closeSync(file);
      isOpen = false;
    },
  };
}

function syncFolder(dir: string): void {
  const folder = openSync(dir, 'r');
  fsyncSync(folder);
  closeSync(folder);
}

function readEntries(path: string, content: Buffer): { entries: Entry[]; bytes: number } {
  const bytes = content.lastIndexOf(0x0a) + 1;
  const lines = content.subarray(0, bytes).toString('utf8').split('\n').slice(0, -1);
  const entries = lines.map((line, index) => readEntry(path, index + 1, line));
  if (entries.length > 0 && entries[0]!.kind !== 'founded')
    throw new Error(
      `${path}:1: expected the founding of a world, found ${entries[0]!.kind}. Use another folder.`,
    );
  return { entries, bytes };
}

function readEntry(path: string, line: number, text: string): Entry {
  const next = 'The journal was changed by hand or by a broken disk: use another folder, or restore it.';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${path}:${line}: not JSON. ${next}`);
  }
  const read = entrySchema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new Error(`${path}:${line}: ${issue?.path.join('.')}: ${issue?.message}. ${next}`);
}

const ms = z.number().min(0);
const share = z.number().min(0).max(1);
const instant = z
  .string()
  .refine(
    (text) => !Number.isNaN(Date.parse(text)) && instantOf(Date.parse(text)) === text,
    'not an instant',
  );
const law = z.strictObject({ medianMs: ms, sigma: ms });
/** Orders are kept as they came; whether a digest is one is for the agent to say. */
const digest = z.string().transform((text) => text as Digest);

const signedOrder = z.strictObject({
  key: z.string(),
  fix: z.string().transform((text) => text as FixId),
  uid: z.string(),
  name: z.string(),
  managementCluster: z.string(),
  component: z.string(),
  action: z.enum(['set', 'remove']),
  digest: z.exactOptional(digest),
  ifOverride: digest.nullable(),
  expiresAt: z.string(),
  sequence: z.number(),
  keyId: z.string(),
  signature: z.string(),
});

const release = z.strictObject({ version: z.string(), commit: z.string(), share: ms });
const fleet = z.strictObject({
  seed: z.number(),
  planes: z.number().int().min(1),
  component: z.string(),
  releases: z.array(release).min(1),
  managementClusters: z.number().int().min(1).optional(),
  regions: z.number().int().min(1),
  customers: z.number().int().min(1),
});
const nature = z.strictObject({
  rollout: law,
  singleReplicaFactor: ms,
  stallShare: share,
  stallSeenAfterMs: ms,
  sickPerPlaneHour: ms,
  sickFor: law,
  lostPerPlaneHour: ms,
  lostFor: law,
  deletedPerPlaneHour: ms,
  recreatedShare: share,
  createdPerPlaneHour: ms,
  upgradedPerPlaneHour: ms,
  upgradeFor: law,
  silentPerClusterHour: ms,
  silentFor: law,
  heartbeatEveryMs: ms.optional(),
});

const at = instant;
const uid = z.string();
const commit = z.string();
const entrySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('founded'), format: z.literal(1), epoch: instant, fleet, nature }),
  z.strictObject({ kind: z.literal('time'), at }),
  z.strictObject({
    kind: z.literal('orders'),
    at,
    orders: z.array(signedOrder),
    genuine: z.array(z.boolean()),
    again: z.array(z.strictObject({ key: z.string(), same: z.boolean() })),
  }),
  z.strictObject({
    kind: z.literal('image'),
    at,
    image: z.strictObject({ digest, component: z.string(), commit: commit.optional() }),
  }),
  z.strictObject({
    kind: z.literal('fault'),
    at,
    fault: z.strictObject({
      name: z.string(),
      commit: commit.optional(),
      digest: digest.optional(),
      rate: share,
      delay: law,
      because: z.string(),
    }),
  }),
  z.strictObject({
    kind: z.literal('upgrade'),
    at,
    upgrade: z.strictObject({
      from: z.string().optional(),
      to: z.strictObject({ version: z.string(), commit }),
      share,
      overMs: ms,
    }),
  }),
  z.strictObject({ kind: z.literal('silence'), at, managementCluster: z.string(), forMs: ms }),
  z.strictObject({ kind: z.literal('crash'), at, managementCluster: z.string() }),
  z.strictObject({ kind: z.literal('lose'), at, uid, forMs: ms }),
  z.strictObject({ kind: z.literal('sicken'), at, uid, because: z.string(), forMs: ms }),
  z.strictObject({ kind: z.literal('hold'), at, uid, forMs: ms }),
  z.strictObject({ kind: z.literal('destroy'), at, uid, recreate: z.boolean() }),
  z.strictObject({ kind: z.literal('create'), at }),
]);
