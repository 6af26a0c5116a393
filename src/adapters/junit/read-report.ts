import { fail, ok, type Result } from '../../core/base/result.ts';
import type { Report } from '../../core/verdict/reports.ts';
import { encodingOf } from './decode.ts';
import { createReportReader, type LookAt, lookNowhere, OtherRoot } from './report.ts';
import { createScanner, ScanFault, type ScanLimits } from './scan.ts';
import { cutText, plain } from './texts.ts';

/** Bytes that can be read again from the start, in pieces. */
export type ByteSource = () => Iterable<Uint8Array>;

const SCAN_LIMITS: ScanLimits = { depthMax: 64, tagCharsMax: 1_000_000, tagsMax: 10_000_000 };

/** `isOther`: it is XML of another kind. */
export type ReportFault = { readonly because: string; readonly isOther: boolean };

type Options = { readonly look?: LookAt; readonly limits?: Partial<ScanLimits> };

/**
 * Reads a report of any dialect in pieces, in whatever encoding it is. Never throws for what the bytes can be; what
 * the source throws comes through.
 */
export function readReportFrom(
  source: ByteSource,
  { look = lookNowhere, limits }: Options = {},
): Result<Omit<Report, 'report'>, ReportFault> {
  const first = headOf(source);
  if (first.length === 0) return fail({ because: 'it is empty', isOther: false });
  const encoding = encodingOf(first);
  if ('unknown' in encoding)
    return fail({
      because: `it declares the encoding ${plain(encoding.unknown)}; expected UTF-8, UTF-16 or one of Latin`,
      isOther: false,
    });
  const scan = { ...SCAN_LIMITS, ...limits };
  const read = (label: string, notes: readonly string[]) => parse(source, label, { look, scan, notes });
  const notes = encoding.note === undefined ? [] : [encoding.note];
  try {
    return read(encoding.label, notes);
  } catch (problem) {
    if (!(problem instanceof NotText)) throw problem;
  }
  if (encoding.label !== 'utf-8' || isBinary(source))
    return fail({ because: 'it is not text in UTF-8 or UTF-16', isOther: false });
  // Test output in an old encoding is common and says nothing about the verdict.
  return read('iso-8859-1', [...notes, 'it is not UTF-8 and was read as Latin-1']);
}

/** A whole report that is in memory already. */
export const readReportText = (bytes: Uint8Array, options: Options = {}) =>
  readReportFrom(() => [bytes], options);

class NotText extends Error {
  override name = 'NotText';
}

function parse(
  source: ByteSource,
  label: string,
  { look, scan, notes }: { look: LookAt; scan: ScanLimits; notes: readonly string[] },
): Result<Omit<Report, 'report'>, ReportFault> {
  const reader = createReportReader(look);
  const scanner = createScanner(reader, scan);
  const decoder = new TextDecoder(label, { fatal: true });
  const text = (bytes?: Uint8Array) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw new NotText();
    }
  };
  try {
    for (const bytes of source()) for (const piece of piecesOf(bytes)) scanner.write(text(piece));
    scanner.write(text());
    scanner.end();
    return ok({ ...reader.report(), notes });
  } catch (problem) {
    if (!(problem instanceof ScanFault)) throw problem;
    return fail({ because: cutText(plain(problem.message), 200), isOther: problem instanceof OtherRoot });
  }
}

const PIECE_BYTES = 1024 * 1024;

/** So that a report in memory is not decoded into one text as large again. */
function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

function headOf(source: ByteSource): Uint8Array {
  for (const bytes of source()) if (bytes.length > 0) return bytes.subarray(0, 1_024);
  return new Uint8Array();
}

function isBinary(source: ByteSource): boolean {
  for (const bytes of source()) if (bytes.includes(0)) return true;
  return false;
}
