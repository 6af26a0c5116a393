import type { FleetRow } from '../../core/forecast/model-fleet-of.ts';
import { misuse } from '../exit.ts';
import { readText } from './read-text.ts';

const BYTES_MAX = 512 * 1024 * 1024;
const ROWS_MAX = 1_000_000;
const TEXT_MAX = 255;

/** What a row must say of a control plane; the rest is taken from these where it is missing. */
const NEEDED = ['uid', 'managementCluster', 'region', 'platform', 'version'] as const;

/**
 * A fleet file: JSON lines or a JSON array of `{"uid", "managementCluster", "region", "platform", "version"}` with
 * `customer`, `name` and `burning` where they are known. `-` reads standard input. Throws a misuse that names the
 * row and the field.
 */
export async function readFleet(file: string, stdin: NodeJS.ReadableStream): Promise<FleetRow[]> {
  const text = await readText(file, stdin, BYTES_MAX);
  const name = file === '-' ? 'stdin' : file;
  const rows = text.trimStart().startsWith('[') ? arrayRows(text, name) : lineRows(text, name);
  if (rows.length === 0) throw misuse(`${name} holds no control plane: expected one object a line`);
  if (rows.length > ROWS_MAX)
    throw misuse(`${name} holds ${rows.length} control planes: expected at most ${ROWS_MAX}`);
  refuseTwice(rows, name);
  return rows;
}

function lineRows(text: string, name: string): FleetRow[] {
  return text
    .split('\n')
    .flatMap((line, i) =>
      line.trim() === '' ? [] : [rowOf(parsed(line, `${name}:${i + 1}`), `${name}:${i + 1}`)],
    );
}

function arrayRows(text: string, name: string): FleetRow[] {
  return (parsed(text, name) as unknown[]).map((row, i) => rowOf(row, `${name}[${i}]`));
}

function parsed(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (problem) {
    throw misuse(`${place} is not JSON: ${(problem as Error).message}`);
  }
}

/** One row, checked; other fields are left alone. */
export function rowOf(value: unknown, place: string): FleetRow {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw misuse(`${place}: expected an object with ${NEEDED.join(', ')}`);
  const row = value as Record<string, unknown>;
  const text = (field: string, fallback?: string): string => {
    const given = row[field] ?? fallback;
    if (typeof given === 'string' && given !== '' && given.length <= TEXT_MAX) return given;
    throw misuse(`${place}: ${field}: expected a text of 1 to ${TEXT_MAX} signs, not ${shown(row[field])}`);
  };
  if (row.burning !== undefined && typeof row.burning !== 'boolean')
    throw misuse(`${place}: burning: expected true or false, not ${shown(row.burning)}`);
  const uid = text('uid');
  return {
    uid,
    name: text('name', uid),
    managementCluster: text('managementCluster'),
    region: text('region'),
    platform: text('platform'),
    version: text('version'),
    customer: text('customer', uid),
    ...(row.burning !== undefined && { burning: row.burning }),
  };
}

function refuseTwice(rows: readonly FleetRow[], name: string): void {
  const seen = new Set<string>();
  for (const { uid } of rows) {
    if (seen.has(uid)) throw misuse(`${name}: uid ${uid} is there twice: expected every control plane once`);
    seen.add(uid);
  }
}

const shown = (value: unknown): string =>
  value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 80);
