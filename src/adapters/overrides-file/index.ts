import { digestIn } from '../../core/hypershift/image-ref.ts';
import {
  type Contains,
  type Edited,
  type OverridesFile as FileEditor,
  type LineVersions,
  type OverrideChange,
  PLATFORMS,
  type Platform,
} from '../../ports/overrides-file.ts';
import { pullRequestText } from './pull-request.ts';
import { type Override, type OverridesFile, readOverrides } from './read.ts';

/**
 * The file with the change made: images of versions that are there are replaced where they stand, the others are added in a section
 * of their own. Everything else stays as it is, to the byte, comments included. Refuses to lose what an entry carries: each
 * image that is replaced must be contained in the new one.
 */
export function addOverrides(
  text: string,
  change: OverrideChange,
  contains: Contains,
): Edited | { readonly refused: string } {
  const file = readOverrides(text);
  if ('fault' in file) return { refused: file.fault };
  const refused = whyNot(file, change) ?? whyLost(file, change, contains);
  if (refused !== undefined) return { refused };
  const edits = change.platforms.flatMap((platform) => editsOf(file, platform, change));
  const next = applied(text, edits);
  const wrong = whatWentWrong(file, readOverrides(next), change);
  if (wrong !== undefined) throw new Error(`overrides file: ${wrong}`);
  const before = concerned(file, change).filter((o) => o.image !== change.image);
  return {
    text: next,
    added: change.platforms.flatMap((p) => missing(file, p, change).map((version) => `${p} ${version}`)),
    replaced: before.map((o) => ({ where: `${o.platform} ${o.version}`, was: o.image })),
  };
}

/** Overrides the change is about that are in the file already. */
const concerned = ({ overrides }: OverridesFile, { platforms, versions }: OverrideChange): Override[] =>
  overrides.filter((o) => platforms.includes(o.platform) && versions.includes(o.version));

const missing = ({ overrides }: OverridesFile, platform: Platform, { versions }: OverrideChange): string[] =>
  versions.filter((version) => !overrides.some((o) => o.platform === platform && o.version === version));

function whyNot(file: OverridesFile, change: OverrideChange): string | undefined {
  const { platforms, line, versions, image, ticket } = change;
  if (platforms.length === 0 || platforms.some((p) => !PLATFORMS.includes(p)))
    return `platforms ${JSON.stringify(platforms)}: HyperShift reads overrides of ${PLATFORMS.join(' and ')} alone`;
  if (!/^[a-z0-9.:/_-]+@sha256:[0-9a-f]{64}$/.test(image) || digestIn(image) === undefined)
    return `image ${JSON.stringify(image)}: expected host/path@sha256:… and nothing else`;
  if (!/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,80}$/.test(ticket))
    return `ticket ${JSON.stringify(ticket)}: expected letters, digits, spaces, dots and dashes`;
  const foreign = versions.find((version) => !isOfLine(version, line));
  if (versions.length === 0 || foreign !== undefined)
    return `version ${JSON.stringify(foreign ?? null)}: expected exact versions of line ${line}`;
  const bare = platforms.find((p) => !file.places.has(p));
  if (bare) return `the file has no overrides of ${bare} to add to: begin that section by hand`;
  const found = concerned(file, change);
  const twice = found.find((o, at) =>
    found.slice(0, at).some((e) => e.platform === o.platform && e.version === o.version),
  );
  return (
    twice &&
    `${twice.platform} ${twice.version} is there twice, again at line ${twice.line}: the last one holds; take one out first`
  );
}

function whyLost(file: OverridesFile, change: OverrideChange, contains: Contains): string | undefined {
  const images = [...new Set(concerned(file, change).map((o) => o.image))].filter((i) => i !== change.image);
  const lost = images.filter((image) => contains(image, change.image) !== true);
  if (lost.length === 0) return undefined;
  const where = concerned(file, change).filter((o) => o.image === lost[0]);
  const known = contains(lost[0]!, change.image) === false ? 'does not contain' : 'is not known to contain';
  return (
    `the new image ${known} ${lost[0]}, which ${where[0]!.platform} ${where[0]!.version} has at line ${where[0]!.line}` +
    `${where.length > 1 ? ` and ${where.length - 1} more have` : ''}: what that one fixes would be lost`
  );
}

type Edit = { readonly from: number; readonly to: number; readonly text: string };

function editsOf(file: OverridesFile, platform: Platform, change: OverrideChange): Edit[] {
  const replaced = concerned(file, change).filter((o) => o.platform === platform && o.image !== change.image);
  const edits = replaced.map(({ imageAt: [from, to] }) => ({ from, to, text: change.image }));
  const added = missing(file, platform, change);
  const place = file.places.get(platform)!;
  return added.length === 0
    ? edits
    : [...edits, { from: place.at, to: place.at, text: sectionText(added, place.indent, change) }];
}

/** In the words and marks that the file has for its sections. */
function sectionText(
  versions: readonly string[],
  indent: string,
  { ticket, line, image }: OverrideChange,
): string {
  const entries = versions.map(
    (version) => `${indent}- version: ${version}\n${indent}  cpoImage: ${image}\n`,
  );
  const mark = (word: string) => `${indent}# ${word} of ${ticket} overrides ${line} section\n`;
  return `${mark('Beginning')}${entries.join('')}${mark('End')}`;
}

function applied(text: string, edits: readonly Edit[]): string {
  const last = [...edits].sort((a, b) => b.from - a.from);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  return last.reduce((now, { from, to, text: put }) => {
    const head = now.slice(0, from);
    const gap = from === to && head !== '' && !head.endsWith('\n') ? eol : '';
    return `${head}${gap}${put.replaceAll('\n', eol)}${now.slice(to)}`;
  }, text);
}

/** The file is read again: every override that is not of the change is as it was, every one of it has the image. */
function whatWentWrong(
  before: OverridesFile,
  after: ReturnType<typeof readOverrides>,
  change: OverrideChange,
): string | undefined {
  if ('fault' in after) return after.fault;
  const key = (o: Override) => `${o.platform} ${o.version}`;
  const mine = new Set(change.platforms.flatMap((p) => change.versions.map((v) => `${p} ${v}`)));
  const others = (file: OverridesFile) =>
    file.overrides.filter((o) => !mine.has(key(o))).map((o) => `${key(o)} ${o.image}`);
  if (others(before).join('\n') !== others(after).join('\n')) return 'the edit would change other overrides';
  const held = new Set(after.overrides.filter((o) => o.image === change.image).map(key));
  return [...mine].every((k) => held.has(k)) ? undefined : 'the edit would not hold';
}

const zOf = (version: string): number => Number(version.split('.')[2]);
const isOfLine = (version: string, line: string): boolean =>
  /^\d+\.\d+$/.test(line) && version.startsWith(`${line}.`) && /^\d+\.\d+\.(0|[1-9]\d{0,3})$/.test(version);

/**
 * All versions of a line that need the override, from `first` on without a gap: up to the one before `nativeFrom`, the first whose
 * release has the fix. While that is not known, up to the newest of the graph, with a warning: an override holds for exact versions, so
 * who then upgrades to the next would lose the fix.
 */
export function versionsOfLine(it: {
  readonly line: string;
  /** Versions of the update graph, in any order; others than of the line are left out. */
  readonly graph: readonly string[];
  readonly first?: string;
  readonly nativeFrom?: string;
}): LineVersions | { readonly refused: string } {
  const { line, first = `${line}.0`, nativeFrom } = it;
  const named = [first, ...(nativeFrom === undefined ? [] : [nativeFrom])];
  const wrong = named.find((version) => !isOfLine(version, line));
  if (wrong !== undefined)
    return { refused: `version ${JSON.stringify(wrong)}: expected a version of line ${line}` };
  const shown = it.graph.filter((version) => isOfLine(version, line));
  const last = nativeFrom === undefined ? Math.max(...shown.map(zOf)) : zOf(nativeFrom) - 1;
  if (!(last >= zOf(first)))
    return { refused: `line ${line} has no version from ${first} on that needs the override` };
  const versions = Array.from({ length: last - zOf(first) + 1 }, (_, at) => `${line}.${zOf(first) + at}`);
  const warning =
    `${line}.${last + 1} has no override: who upgrades to it loses the fix, unless its release has it. ` +
    'Compare its development cut-off with the merge, and say from which version on it is native';
  return {
    versions,
    skipped: versions.filter((version) => !shown.includes(version)),
    ...(nativeFrom === undefined && { warning }),
  };
}

/** All of it, as commands use it. */
export const overridesFile: FileEditor = { add: addOverrides, versionsOfLine, pullRequestText };
