import { misuse } from '../exit.ts';
import { readText } from './read-text.ts';

/** One row of the file: what a person calls the commit, and how many control planes run it. */
export type DeployedRow = {
  readonly commit: string;
  readonly planes: number;
  /** Where it stands, for messages: `deployed.csv:3`. */
  readonly place: string;
};

const BYTES_MAX = 16 * 1024 * 1024;
const PLANES_MAX = 1_000_000;

/**
 * Reads what is deployed: JSON lines or a JSON array of `{"commit", "planes"}`, or CSV with these columns. Other
 * fields are left alone. `-` reads standard input. Throws a misuse that names the line and the field.
 */
export async function readDeployed(file: string, stdin: NodeJS.ReadableStream): Promise<DeployedRow[]> {
  const text = await readText(file, stdin, BYTES_MAX);
  const name = file === '-' ? 'stdin' : file;
  const rows = rowsOf(text, name).map(({ value, place }) => rowOf(value, place));
  if (rows.length > 0) return rows;
  throw misuse(
    `${name} names no commit: expected rows of commit and planes, as JSON lines, a JSON array or CSV`,
  );
}

type Raw = { readonly value: unknown; readonly place: string };

function rowsOf(text: string, name: string): Raw[] {
  const start = text.trimStart()[0];
  if (start === '[') return arrayOf(text, name);
  const lines = text
    .split(/\r?\n/)
    .flatMap((line, i) => (line.trim() === '' ? [] : [{ text: line.trim(), place: `${name}:${i + 1}` }]));
  return start === '{'
    ? lines.map((line) => ({ value: parsed(line.text, line.place), place: line.place }))
    : csvOf(lines);
}

function arrayOf(text: string, name: string): Raw[] {
  const all = parsed(text, name);
  return (Array.isArray(all) ? all : []).map((value, i) => ({ value, place: `${name}[${i}]` }));
}

function parsed(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (problem) {
    throw misuse(`${place} is not JSON: ${(problem as Error).message}`);
  }
}

/** With a head the columns may stand in any order; without one they are commit, planes. */
function csvOf(lines: readonly { text: string; place: string }[]): Raw[] {
  const rows = lines.map(({ text, place }) => ({ cells: text.split(',').map(cellOf), place }));
  const head = rows[0]?.cells ?? [];
  const hasHead = head.includes('commit') || head.includes('planes');
  const columns = hasHead ? head : ['commit', 'planes'];
  const missing = ['commit', 'planes'].find((name) => !columns.includes(name));
  if (missing !== undefined)
    throw misuse(`${rows[0]!.place}: there is no column ${missing}: expected commit and planes`);
  return rows.slice(hasHead ? 1 : 0).map(({ cells, place }) => ({
    value: { commit: cells[columns.indexOf('commit')], planes: numberOf(cells[columns.indexOf('planes')]) },
    place,
  }));
}

const cellOf = (text: string): string => text.trim().replace(/^"(.*)"$/, '$1');

const numberOf = (text: string | undefined): unknown => (/^\d+$/.test(text ?? '') ? Number(text) : text);

function rowOf(value: unknown, place: string): DeployedRow {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw misuse(`${place}: expected an object with commit and planes, not ${shown(value)}`);
  const { commit, planes } = value as Record<string, unknown>;
  if (typeof commit !== 'string' || !/^[^\s-][^\s]{0,254}$/.test(commit))
    throw misuse(`${place}: commit: expected a commit id, tag or branch, not ${shown(commit)}`);
  if (typeof planes !== 'number' || !Number.isInteger(planes) || planes < 0 || planes > PLANES_MAX)
    throw misuse(`${place}: planes: expected a whole number from 0 to ${PLANES_MAX}, not ${shown(planes)}`);
  return { commit, planes, place };
}

const shown = (value: unknown): string =>
  value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 80);
