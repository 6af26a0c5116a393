import { closeSync, opendirSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fail, ok, type Result } from '../../core/base/result.ts';
import type { Attachment, Report, Reports, Unread } from '../../core/verdict/reports.ts';
import { type ByteSource, type ReportFault, readReportFrom } from './read-report.ts';
import type { LookAt } from './report.ts';
import { plain } from './texts.ts';

/** Limits on what is read from files. */
export type FileLimits = {
  readonly fileBytesMax: number;
  /** Of all files of one run together. */
  readonly allBytesMax: number;
  readonly filesMax: number;
  /** Files and folders that are looked at to find the reports. */
  readonly entriesMax: number;
  readonly depthMax: number;
};

const MEGABYTE = 1024 * 1024;
export const FILE_LIMITS: FileLimits = {
  fileBytesMax: 256 * MEGABYTE,
  allBytesMax: 512 * MEGABYTE,
  filesMax: 2_000,
  entriesMax: 50_000,
  depthMax: 16,
};

/** One file to read. `base`: the folder that paths in it may not lead out of. */
type Found = {
  readonly path: string;
  readonly report: string;
  readonly base: string;
  readonly isNamed: boolean;
};

/**
 * Reads the reports of one run: files, and every `.xml` file below folders, links left alone; `-` is standard input.
 * The size is asked before anything is read, and counted while reading where it cannot be asked.
 * The error is one line: a path that is not there, or more files than are read.
 */
export function readReports(
  paths: readonly string[],
  limits: Partial<FileLimits> = {},
): Result<Reports, string> {
  const max = { ...FILE_LIMITS, ...limits };
  const found = filesIn(paths, max);
  if (!found.ok) return found;
  const read: Report[] = [];
  const unread: Unread[] = [];
  const passedOver: string[] = [];
  let bytesLeft = max.allBytesMax;
  for (const file of found.value) {
    const { report, bytes } = readFile(file, { ...max, allBytesMax: bytesLeft });
    bytesLeft -= bytes;
    if (report.ok) read.push({ report: file.report, ...report.value });
    else if (!file.isNamed && report.error.isOther) passedOver.push(file.report);
    else unread.push({ report: file.report, because: report.error.because });
  }
  return ok({ read, unread, passedOver });
}

type ReadFile = { readonly report: Result<Omit<Report, 'report'>, ReportFault>; readonly bytes: number };

function readFile({ path, base, report: name }: Found, max: FileLimits): ReadFile {
  const refused = (because: string, bytes = 0): ReadFile => ({
    report: fail({ because, isOther: false }),
    bytes,
  });
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return refused('it is a folder');
    if (stat.isFile() && stat.size > max.fileBytesMax)
      return refused(`it has ${stat.size} bytes; at most ${max.fileBytesMax} are read`);
    if (stat.isFile() && stat.size > max.allBytesMax)
      return refused(`the reports together have more bytes than are read (512 MB); read fewer at once`);
    const count = { bytes: 0 };
    const most = Math.min(max.fileBytesMax, max.allBytesMax);
    const source = stat.isFile() ? fileSource(path, most) : streamSource(path, most, count);
    const report = readReportFrom(source, { look: lookFrom(dirname(path), base) });
    return { report: asOther(report, name), bytes: stat.isFile() ? stat.size : count.bytes };
  } catch (problem) {
    if (problem instanceof TooLong) return refused(problem.message);
    return refused(`it cannot be read: ${(problem as NodeJS.ErrnoException).code ?? String(problem)}`);
  }
}

const REPORT_NAME = /(junit|test|report|result)[^/]*$/i;

/** What cannot be read and is called as no report is, is none: other tools leave HTML with a DOCTYPE as `.xml`. */
function asOther(read: ReadFile['report'], name: string): ReadFile['report'] {
  if (read.ok || read.error.isOther || REPORT_NAME.test(name)) return read;
  return /DOCTYPE/.test(read.error.because) ? fail({ ...read.error, isOther: true }) : read;
}

class TooLong extends Error {
  override name = 'TooLong';
}

const PIECE_BYTES = MEGABYTE;

function* piecesOf(path: string, bytesMax: number, flags: string | number = 'r'): Generator<Uint8Array> {
  const file = openSync(path, flags);
  try {
    let all = 0;
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      const bytes = readSync(file, piece, 0, PIECE_BYTES, null);
      if (bytes === 0) return;
      all += bytes;
      // A file may grow while it is read, and a stream has no size to ask for.
      if (all > bytesMax)
        throw new TooLong(`it has more than ${bytesMax} bytes, which are the most that are read`);
      yield piece.subarray(0, bytes);
    }
  } finally {
    closeSync(file);
  }
}

/** The bytes of a file, at most so many: more are an error. */
export const fileSource = (path: string, bytesMax: number, flags?: string | number): ByteSource => {
  return () => piecesOf(path, bytesMax, flags);
};

const STREAM_BYTES_MAX = 64 * MEGABYTE;

/** A pipe can be read once only, so it is kept whole, and may be less long. */
function streamSource(path: string, bytesMax: number, count: { bytes: number }): ByteSource {
  const pieces = [...piecesOf(path, Math.min(bytesMax, STREAM_BYTES_MAX))];
  count.bytes = pieces.reduce((sum, { length }) => sum + length, 0);
  return () => pieces;
}

function filesIn(paths: readonly string[], max: FileLimits): Result<Found[], string> {
  const found: Found[] = [];
  for (const path of paths) {
    const stat = path === '-' ? undefined : statSync(path, { throwIfNoEntry: false });
    if (path !== '-' && stat === undefined) return fail(`${path} is not there`);
    if (stat?.isDirectory()) {
      const below = reportsBelow(path, max);
      if (!below.ok) return below;
      for (const file of below.value)
        found.push({ path: file, report: plain(file), base: path, isNamed: false });
    } else found.push(named(path));
    if (found.length > max.filesMax)
      return fail(`${path}: more than ${max.filesMax} XML files; name fewer at once`);
  }
  // A file that is named and lies in a folder that is named too would seem to be two tries.
  return ok([...new Map(found.map((file) => [resolve(file.path), file])).values()]);
}

const named = (path: string): Found =>
  path === '-'
    ? { path: '/dev/stdin', report: 'standard input', base: '', isNamed: true }
    : { path, report: plain(path), base: dirname(path), isNamed: true };

/** Every `.xml` file below a folder, `junit_2` before `junit_10`. Links are not followed. */
function reportsBelow(folder: string, max: FileLimits): Result<string[], string> {
  const files: string[] = [];
  const folders = [{ path: folder, depth: 0 }];
  let entries = 0;
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    const dir = opendirSync(at.path);
    try {
      for (let entry = dir.readSync(); entry !== null; entry = dir.readSync()) {
        entries += 1;
        if (entries > max.entriesMax) return fail(`${folder} holds more than ${max.entriesMax} files`);
        const path = join(at.path, entry.name);
        if (entry.isDirectory() && at.depth < max.depthMax) folders.push({ path, depth: at.depth + 1 });
        if (entry.isFile() && /\.xml$/i.test(entry.name)) files.push(path);
      }
    } finally {
      dir.closeSync();
    }
  }
  const { compare } = new Intl.Collator('en', { numeric: true });
  return ok(files.sort((a, b) => compare(a, b) || (a < b ? -1 : 1)));
}

/**
 * Looks for files that tests name, from the folder of the report. A path that leads out of `base`, by itself or by a
 * link, is not looked at. Only whether the file is there is asked; it is never opened.
 */
export function lookFrom(folder: string, base: string): LookAt {
  if (base === '') return (path) => ({ path, standing: 'outside' });
  const home = realpathSync(base);
  const from = realpathSync(folder);
  const isInside = (path: string) => path.startsWith(home.endsWith(sep) ? home : home + sep);
  return (written): Attachment => {
    const path = written.replace(/^file:\/\//, '').replaceAll('\\', '/');
    const place = isAbsolute(path) ? resolve(path) : resolve(from, path);
    if (!isInside(place) || /^[a-z]:\//i.test(path) || path.includes('\0'))
      return { path: written, standing: 'outside' };
    const shown = relative(home, place).replaceAll(sep, '/');
    try {
      return isInside(realpathSync(place))
        ? { path: shown, standing: 'there' }
        : { path: written, standing: 'outside' };
    } catch {
      return { path: shown, standing: 'missing' };
    }
  };
}
