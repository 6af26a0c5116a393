import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Scalar, type YAMLMap } from 'yaml';
import { PLATFORMS, type Platform } from '../../ports/overrides-file.ts';

export type Override = {
  readonly platform: Platform;
  readonly version: string;
  readonly image: string;
  /** From 1. */
  readonly line: number;
  /** Where the image stands in the text: from, up to and without. */
  readonly imageAt: readonly [number, number];
};

/** Where entries of a platform may be added. */
type Place = { readonly at: number; readonly indent: string };

export type OverridesFile = {
  readonly overrides: readonly Override[];
  readonly places: ReadonlyMap<Platform, Place>;
};

const TEXT_MAX = 4 * 1024 * 1024;

/** Reads HyperShift's overrides.yaml with the place of everything that may change; or says what is wrong with it, and where. */
export function readOverrides(text: string): OverridesFile | { readonly fault: string } {
  if (text.length > TEXT_MAX)
    return { fault: `overrides file: ${text.length} characters, at most ${TEXT_MAX}` };
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, logLevel: 'silent' });
  const error = doc.errors[0];
  if (error) return { fault: `overrides file: ${error.message.split('\n')[0]!.slice(0, 300)}` };
  const platforms = doc.get('platforms');
  if (!isMap(platforms)) return { fault: 'overrides file: expected a map under the key platforms' };
  const overrides: Override[] = [];
  const places = new Map<Platform, Place>();
  for (const platform of PLATFORMS) {
    const section = platforms.get(platform);
    if (section === undefined || section === null) continue;
    const read = readSection(platform, section, { text, lines });
    if (typeof read === 'string') return { fault: `overrides file: ${read}` };
    overrides.push(...read.overrides);
    if (read.place) places.set(platform, read.place);
  }
  return { overrides, places };
}

type Source = { readonly text: string; readonly lines: LineCounter };
type Section = { readonly overrides: readonly Override[]; readonly place: Place | undefined };

function readSection(platform: Platform, section: unknown, source: Source): Section | string {
  if (!isMap(section)) return `${platform} is not a map`;
  const list = section.get('overrides');
  if (list === undefined || list === null) return { overrides: [], place: undefined };
  if (!isSeq(list)) return `overrides of ${platform} is not a list`;
  const overrides: Override[] = [];
  for (const item of list.items) {
    const read = isMap(item) ? readEntry(platform, item, source) : `an entry of ${platform} is not a map`;
    if (typeof read === 'string') return read;
    overrides.push(read);
  }
  const last = overrides.at(-1);
  return { overrides, place: last && placeAfter(section, last, source) };
}

function readEntry(platform: Platform, entry: YAMLMap, { lines }: Source): Override | string {
  const [version, image] = [entry.get('version', true), entry.get('cpoImage', true)];
  const { line } = lines.linePos(entry.range?.[0] ?? 0);
  if (!isText(version) || !isText(image)) return `line ${line}: expected version and cpoImage as text`;
  const [from, to] = image.range!;
  return { platform, version: version.value, image: image.value, line, imageAt: [from, to] };
}

const isText = (node: unknown): node is Scalar<string> => isScalar(node) && typeof node.value === 'string';

/** Before the platform's next key, or after the comments that follow its last entry: these belong to the entries. */
function placeAfter(section: YAMLMap, last: Override, { text, lines }: Source): Place {
  const indent = /^ */.exec(text.slice(lines.lineStarts[last.line - 1]))![0];
  const next = section.items
    .flatMap(({ key }) => (isScalar(key) ? (key.range?.[0] ?? []) : []))
    .filter((at) => at > last.imageAt[1])
    .sort((a, b) => a - b)[0];
  if (next !== undefined) return { at: text.lastIndexOf('\n', next) + 1, indent };
  let at = lineEnd(text, last.imageAt[1]);
  while (text.slice(at).startsWith(`${indent}#`)) at = lineEnd(text, at);
  return { at, indent };
}

/** The start of the line after. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}
