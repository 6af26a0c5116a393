import { createHash } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logs, LogWriter } from '../../ports/logs.ts';

export type LogLimits = {
  /** A log that grows past this is put aside as the older half, and a new one is begun. */
  readonly fileBytesMax: number;
  readonly readBytesMax: number;
};

const LIMITS: LogLimits = { fileBytesMax: 64 * 1024 * 1024, readBytesMax: 1024 * 1024 };
const NAME_MAX = 1_024;
const PARTS_MAX = 8;
const PART_MAX = 180;

/**
 * Keeps logs as files below `dir`, which is made when it is missing. A name is one or more parts with `/`
 * between them, e.g. `FIX-12/build/4.19`; whatever the parts hold, the file is below `dir`.
 * What is written is appended, also when several write to one name, and can be read at once. A log on disk
 * takes at most twice `fileBytesMax`; the newest text is kept.
 * Throws RangeError for a name without parts. Writing never throws: a full disk must not fail a build.
 */
export function openLogs(dir: string, limits: Partial<LogLimits> = {}): Logs {
  const { fileBytesMax, readBytesMax } = { ...LIMITS, ...limits };
  return {
    writer: (name) => writerOf(join(dir, fileOf(name)), fileBytesMax),
    async read(name) {
      const file = join(dir, fileOf(name));
      const newest = await tailOf(file, readBytesMax);
      if (newest === undefined) return undefined;
      const left = readBytesMax - newest.length;
      const older = left > 0 ? await tailOf(olderOf(file), left) : undefined;
      return textOf(Buffer.concat([older ?? Buffer.alloc(0), newest]), readBytesMax);
    },
  };
}

const olderOf = (file: string): string => `${file}.older`;

function writerOf(path: string, fileBytesMax: number): LogWriter {
  let file: number | undefined;
  let size = 0;
  const end = () => {
    if (file !== undefined) closeSync(file);
    file = undefined;
  };
  const begin = () => {
    file = openSync(path, 'a', 0o640);
    size = fstatSync(file).size;
  };
  const quietly = (work: () => void) => {
    try {
      work();
    } catch {
      // What can be done about a log that cannot be written, its reader does: the text is not there.
    }
  };
  quietly(() => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    begin();
  });
  return {
    // At once, not queued: text of a build that prints faster than the disk takes it must not fill the memory.
    write(chunk) {
      quietly(() => {
        if (file === undefined) return;
        const bytes = Buffer.from(chunk, 'utf8');
        if (size > 0 && size + bytes.length > fileBytesMax) {
          end();
          renameSync(path, olderOf(path));
          begin();
        }
        if (file !== undefined) size += writeSync(file, bytes);
      });
    },
    async close() {
      quietly(end);
    },
  };
}

/** The last bytes of a file; undefined when there is none. */
async function tailOf(path: string, bytesMax: number): Promise<Buffer | undefined> {
  const file = await open(path, 'r').catch((problem: NodeJS.ErrnoException) => {
    if (problem.code === 'ENOENT' || problem.code === 'ENOTDIR') return undefined;
    throw problem;
  });
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const wanted = Buffer.alloc(Math.min(size, bytesMax));
    const { bytesRead } = await file.read(wanted, 0, wanted.length, size - wanted.length);
    return wanted.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Cut off at the front, a text begins in the middle of a line or even of a character: both are left out. */
function textOf(bytes: Buffer, bytesMax: number): string {
  const text = bytes.toString('utf8');
  if (bytes.length < bytesMax) return text;
  const line = text.indexOf('\n');
  return line === -1 ? text.replace(/^\uFFFD+/, '') : text.slice(line + 1);
}

/** The file of a log: parts become folders, and characters that mean something to a file system are written as %XX. */
function fileOf(name: string): string {
  const parts = name.split('/');
  if (name.length > NAME_MAX || parts.length > PARTS_MAX || parts.includes('')) {
    throw new RangeError(
      `not the name of a log: ${JSON.stringify(name.slice(0, 100))}; expected 1 to ${PARTS_MAX} parts with / between them`,
    );
  }
  return `${parts.map(partOf).join('/')}.log`;
}

function partOf(part: string): string {
  const safe = part.replaceAll(/[^A-Za-z0-9._-]|^\./gu, (c) =>
    [...Buffer.from(c, 'utf8')].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
  if (safe.length <= PART_MAX) return safe;
  // Two long names that begin alike are two logs.
  return `${safe.slice(0, PART_MAX - 20)}~${createHash('sha256').update(part).digest('hex').slice(0, 16)}`;
}
