import type { Import, Module } from './read-module.ts';

/** A rule that does not hold: what, where, and the way out. */
export type Violation = { readonly rule: string; readonly place: string; readonly wayOut: string };

/** The stages of core in the order of a fix's life. An import points up this list, never down. */
export const STAGES_OF_CORE = [
  'base',
  'verdict',
  'roster',
  'fleet',
  'code',
  'select',
  'assembly',
  'scope',
  'proof',
  'approval',
  'health',
  'pace',
  'rollout',
  'hypershift',
  'forecast',
  'coverage',
  'life',
  'views',
  'hand-off',
  'texts',
] as const;

/** What each room may import from, besides itself. `type:` allows types only. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  wire: ['core'],
  ports: ['core', 'wire'],
  adapters: ['core', 'wire', 'ports'],
  hub: ['core', 'wire', 'ports'],
  agent: ['core', 'wire', 'ports'],
  cli: ['core/base', 'core/views', 'type:core', 'wire'],
  console: ['core/base', 'core/views', 'type:core', 'wire'],
  simulator: ['core', 'wire', 'ports', 'adapters', 'hub', 'agent', 'cli'],
};

/** What a folder may import besides what its room may. */
const FOLDER_MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  // The commands that work without a hub ask core and a port themselves; main.ts gives them the adapter.
  'src/cli/alone/': ['core', 'ports'],
};

/** What main.ts of a process may import besides: the one place that names adapters. */
const MAIN_MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/hub/main.ts': ['adapters'],
  'src/agent/main.ts': ['adapters'],
  'src/cli/main.ts': ['adapters', 'hub', 'agent', 'simulator'],
};

/** The one import of core from outside: a pure function of its input (docs/adr/0003). */
const HASH = { file: 'src/core/base/hash.ts', to: 'node:crypto' };

/** Every import rule of the house, over the modules given. Tests are free to import what they test. */
export function importViolations(modules: readonly Module[]): Violation[] {
  const judged = modules.filter(({ file }) => !isTest(file));
  const single = judged.flatMap(({ imports }) => imports.map(judge)).filter((v) => v !== undefined);
  return [...single, ...cycles(judged)];
}

/** Core answers from its arguments alone. */
export function purityViolations(modules: readonly Module[]): Violation[] {
  const core = modules.filter(({ file }) => file.startsWith('src/core/') && !isTest(file));
  return core.flatMap(({ file, impurities }) =>
    impurities.map(({ line, found, wayOut }) => ({
      rule: 'core is pure: no clock, no randomness, no async, nothing ambient',
      place: `${file}:${line}: ${found}`,
      wayOut,
    })),
  );
}

function judge(one: Import): Violation | undefined {
  const room = roomOf(one.from);
  if (room === undefined) return undefined;
  const place = `${one.from}:${one.line} imports ${one.to}`;
  if (!isOurs(one.to)) return judgeOutside(one, place);
  if (roomOf(one.to) === room) return judgeWithin(one, place);
  return mayImport(room, one)
    ? undefined
    : { rule: ruleOf(room, roomOf(one.to)!), place, wayOut: wayOutOf(room, one) };
}

function judgeOutside(one: Import, place: string): Violation | undefined {
  if (roomOf(one.from) !== 'core') return undefined;
  if (one.from === HASH.file && one.to === HASH.to) return undefined;
  const wayOut = 'Do it in an adapter behind a port, and give core the outcome as an argument.';
  return { rule: `core imports no package; only ${HASH.file} may import ${HASH.to}`, place, wayOut };
}

function judgeWithin(one: Import, place: string): Violation | undefined {
  const room = roomOf(one.from);
  if (room === 'core') return judgeStage(one, place);
  if (room !== 'adapters') return undefined;
  const [from, to] = [folderOf(one.from), folderOf(one.to)];
  if (from === to || to === 'process') return undefined;
  return {
    rule: 'an adapter imports no other adapter, except process',
    place,
    wayOut: 'Pass it in as a port from main.ts.',
  };
}

function judgeStage(one: Import, place: string): Violation | undefined {
  const stages: readonly string[] = STAGES_OF_CORE;
  const [from, to] = [stages.indexOf(folderOf(one.from)), stages.indexOf(folderOf(one.to))];
  if (from < 0 || to < 0)
    return {
      rule: `core has the stages ${stages.join(' < ')}`,
      place,
      wayOut: 'Put the file into one of them, or write an ADR for a new one.',
    };
  if (to <= from) return undefined;
  return {
    rule: `inside core an import points up: ${stages.join(' < ')}`,
    place,
    wayOut: `Move what both need to ${stages[from]} or earlier, or let life or views bring them together.`,
  };
}

function mayImport(room: string, one: Import): boolean {
  const folders = Object.keys(FOLDER_MAY_IMPORT).filter((folder) => one.from.startsWith(folder));
  const more = [
    ...folders.flatMap((folder) => FOLDER_MAY_IMPORT[folder]!),
    ...(MAIN_MAY_IMPORT[one.from] ?? []),
  ];
  return [...(MAY_IMPORT[room] ?? []), ...more].some((allowed) =>
    allowed.startsWith('type:')
      ? one.typeOnly && isIn(one.to, allowed.slice('type:'.length))
      : isIn(one.to, allowed),
  );
}

function ruleOf(room: string, to: string): string {
  if (to === 'simulator') return 'nothing imports the simulator but main.ts of the CLI';
  const allowed = (MAY_IMPORT[room] ?? []).map((name) => name.replace(/^type:(.*)/, 'types of $1'));
  return `${room} imports ${['itself', ...allowed].join(', ')}`;
}

function wayOutOf(room: string, one: Import): string {
  if (roomOf(one.to) === 'adapters')
    return 'Ask for a port, and let main.ts of the process name the adapter.';
  if (roomOf(one.to) === 'simulator') return 'Reach it through a port, and let main.ts of the CLI wire it.';
  if (roomOf(one.to) === 'core') return 'Import the type only, or let a view in core/views compute it.';
  return `Move what is shared to a room that ${room} may import.`;
}

/** One violation for each group of modules that import each other, shown as the shortest way round. */
function cycles(modules: readonly Module[]): Violation[] {
  const next = new Map(modules.map(({ file, imports }) => [file, imports.map(({ to }) => to)]));
  const seen = new Set<string>();
  return [...next.keys()].flatMap((file) => {
    const round = seen.has(file) ? undefined : wayRound(file, next);
    for (const member of round ?? []) seen.add(member);
    const wayOut = 'Move what both need to a third file that imports neither.';
    return round ? [{ rule: 'no cycles', place: [...round, file].join(' → '), wayOut }] : [];
  });
}

/** The shortest path from a file back to itself, without the last step. */
function wayRound(file: string, next: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const queue: string[][] = [[file]];
  const visited = new Set<string>();
  for (let way = queue.shift(); way; way = queue.shift()) {
    for (const to of next.get(way.at(-1)!) ?? []) {
      if (to === file) return way;
      if (visited.has(to)) continue;
      visited.add(to);
      queue.push([...way, to]);
    }
  }
  return undefined;
}

/** `src/core/base/ids.ts` → `core`; `console/src/now.tsx` → `console`; undefined for tests, bench and scripts. */
function roomOf(file: string): string | undefined {
  if (file.startsWith('console/')) return 'console';
  return /^src\/([^/]+)\//.exec(file)?.[1];
}

const folderOf = (file: string): string => file.split('/')[2] ?? '';
const isOurs = (to: string): boolean => roomOf(to) !== undefined;
const isIn = (file: string, room: string): boolean => file.startsWith(`src/${room}/`);
const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file) || /\/fixtures\//.test(file);
