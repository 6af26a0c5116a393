import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createTestSource } from '../../src/adapters/git/test-source.ts';
import type { Commit } from '../../src/core/base/ids.ts';

/** One change to be put onto one commit, which goes without a conflict. */
export type Case = {
  readonly commits: readonly Commit[];
  readonly onto: Commit;
  /** What must come out, when it is known beforehand. */
  readonly tree?: string;
};

/** The repository that is measured on, and what is put where. `isReal`: promises for real ones hold. */
export type Ground = {
  readonly what: string;
  readonly isReal: boolean;
  /** Only read. */
  readonly location: string;
  readonly cases: readonly Case[];
  dispose(): Promise<void>;
};

/**
 * Real back-ports when `FLEETFIX_BACKPORTS` (JSON lines) and `FLEETFIX_BACKPORTS_REPO` (a clone) are set, otherwise
 * a made-up repository of 20,000 files.
 */
export async function layGround(): Promise<Ground> {
  const { FLEETFIX_BACKPORTS: file, FLEETFIX_BACKPORTS_REPO: clone } = process.env;
  return file && clone ? realGround(file, clone) : madeUpGround();
}

type Row = {
  readonly class: string;
  readonly source_commits: Commit[];
  readonly base: Commit;
  readonly result_tree: string;
};

function realGround(file: string, clone: string): Ground {
  const rows = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
  return {
    what: `${basename(file)}, real back-ports`,
    isReal: true,
    location: clone,
    cases: rows
      .filter((row) => row.class === 'clean-identical')
      .map((row) => ({ commits: row.source_commits, onto: row.base, tree: row.result_tree })),
    dispose: async () => {},
  };
}

const FOLDERS = 800;
const FILES_PER_FOLDER = 25;
const MAIN_COMMITS = 400;
const LINES = 8;
const OWN_COMMITS = 10;
const FIXES = 20;

/** Everything is counted out, so that each run makes the same commits. */
async function madeUpGround(): Promise<Ground> {
  const source = await createTestSource();
  const all = Array.from({ length: FOLDERS * FILES_PER_FOLDER }, (_, i) => [pathOf(i), goFile(i)]);
  const [first] = await source.commits([
    { on: 'main', message: 'Begin', files: Object.fromEntries(all) as Record<string, string> },
  ]);
  const main = await source.commits(
    Array.from({ length: MAIN_COMMITS }, (_, i) => ({
      on: 'main',
      ...(i === 0 && { from: first! }),
      message: `Change ${i}\n\nWhat it is for.\n`,
      files: Object.fromEntries(
        [0, 1, 2].slice(0, 1 + (i % 3)).map((n) => {
          const file = (i * 3 + n) * 16;
          return [pathOf(file), goFile(file, { [i % 40]: `changed by ${i}` })];
        }),
      ),
    })),
  );
  // Lines fork all along the first half; what is put onto them is from the end.
  const tips: Commit[] = [];
  for (let line = 0; line < LINES; line += 1) {
    const own = await source.commits(
      Array.from({ length: OWN_COMMITS }, (_, i) => {
        const file = (line * OWN_COMMITS + i) * 16 + 1;
        return {
          on: `release-${line}`,
          ...(i === 0 && { from: main[line * 25]! }),
          message: `Own work ${i}`,
          files: { [pathOf(file)]: goFile(file, { 3: `line ${line}` }) },
        };
      }),
    );
    tips.push(own.at(-1)!);
  }
  const fixes = main.slice(-FIXES);
  return {
    what: `${FOLDERS * FILES_PER_FOLDER} made-up files, ${MAIN_COMMITS} commits, ${LINES} lines`,
    isReal: false,
    location: source.location,
    cases: fixes.flatMap((fix) => tips.map((onto) => ({ commits: [fix], onto }))),
    dispose: source.dispose,
  };
}

function pathOf(file: number): string {
  const folder = file % FOLDERS;
  return `pkg/area${folder % 20}/part${Math.floor(folder / 20)}/file${Math.floor(file / FOLDERS)}.go`;
}

/** Forty functions; `changed`: another text in some of them. */
function goFile(file: number, changed: Readonly<Record<number, string>> = {}): string {
  const functions = Array.from(
    { length: 40 },
    (_, i) =>
      `func task${file}x${i}(in string) string {\n\treturn in + "${changed[i] ?? `text ${i} of ${file}`}"\n}\n`,
  );
  return `package part\n\n${functions.join('\n')}`;
}
