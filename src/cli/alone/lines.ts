import { type Base, type Bases, chooseBases, type Deployed, type Trade } from '../../core/assembly/bases.ts';
import {
  costsOf,
  lostOf,
  passengersOf,
  type SurveyedCommit,
  type Weight,
} from '../../core/assembly/survey.ts';
import type { Commit } from '../../core/base/ids.ts';
import { epochMs } from '../../core/base/instant.ts';
import { isWithin, joinPath } from '../../core/code/folders.ts';
import { isVendored } from '../../core/code/go-build.ts';
import { type Repository, SourceProblem, type Surveyed } from '../../ports/repository.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode, misuse } from '../exit.ts';
import { type DeployedRow, readDeployed } from './deployed.ts';
import { renderLines } from './lines-render.ts';
import { openRepository, orMisuse } from './open.ts';

export type LinesInput = {
  readonly repo: string;
  readonly deployed: string;
  readonly component: string;
  readonly budget: number;
};

/** The answer as it is printed. */
export type LinesAnswer = {
  /** The component's paths, as they were given. */
  readonly component: readonly string[];
  /** What counts: Go packages of all commits together; `paths` are the component's, then packages elsewhere not vendored. */
  readonly relevant: {
    readonly packages: number;
    readonly vendored: number;
    readonly paths: readonly string[];
  };
  readonly budget: number;
  /** The fewest builds that serve every line; `exact`: fewer are impossible. */
  readonly needed: Bases['needed'];
  /** Empty when the budget is smaller than that. */
  readonly bases: readonly AnsweredBase[];
  readonly total: {
    readonly planes: number;
    readonly passengerCommits: number;
    readonly perPlaneMean: number;
    readonly perPlaneMax: number;
  } | null;
  readonly exact: boolean | null;
  readonly within: number | null;
  readonly table: readonly Trade[];
  /** When the budget is too small: lines that no two of can be served from one base, and what keeps them apart. */
  readonly apart: readonly Apart[];
  readonly warnings: readonly string[];
};

export type AnsweredBase = {
  readonly base: Commit;
  /** What the file calls it, when that is not its id. */
  readonly names: readonly string[];
  readonly planes: number;
  readonly passengersMax: number;
  readonly serves: readonly {
    readonly commit: Commit;
    readonly names: readonly string[];
    readonly planes: number;
    readonly passengers: Listed & Weight;
  }[];
};

export type Apart = {
  readonly commit: Commit;
  readonly names: readonly string[];
  readonly planes: number;
  /** The other commit on which the line would lose least; absent when there is no other. */
  readonly closest?: { readonly base: Commit; readonly lost: Listed };
};

type Listed = { readonly commits: number; readonly list: readonly { commit: Commit; subject: string }[] };

const LISTED_MAX = 50;
const LINES_MAX = 500;
const PATHS_MAX = 50;

/** Chooses the commits to build on. Exit 5 when the budget does not do. */
export async function lines(context: Context, input: LinesInput): Promise<ExitCode> {
  const paths = pathsOf(input.component);
  const rows = await readDeployed(input.deployed, context.io.stdin);
  const answer = await orMisuse(async () => {
    const repository = await openRepository(context, input.repo);
    const deployed = await resolved(repository, rows);
    const survey = await repository.survey({
      commits: deployed.map(({ commit }) => commit),
      paths,
      say: sayingSlowly(context),
    });
    return await answerOf({ deployed, survey, paths, budget: input.budget });
  });
  await context.out.print({
    value: answer,
    names: answer.bases.map(({ base }) => base),
    text: (paper) => renderLines(answer, paper),
  });
  if (answer.total !== null) return EXIT.done;
  context.out.say(tooFew(answer));
  return EXIT.failed;
}

function pathsOf(text: string): string[] {
  const paths = text.split(',').map((path) => path.trim());
  if (paths.every((path) => path !== '') && paths.length <= PATHS_MAX) return [...new Set(paths)];
  throw misuse(`--component ${text}: expected up to ${PATHS_MAX} paths, with commas between them`);
}

type Line = Deployed & { readonly names: readonly string[] };

/** Rows by commit: rows that name the same are added up. In the order of commit ids, so that the file's does not matter. */
async function resolved(repository: Repository, rows: readonly DeployedRow[]): Promise<Line[]> {
  const commits = new Map<string, Promise<Commit | undefined>>();
  for (const { commit } of rows) if (!commits.has(commit)) commits.set(commit, repository.resolve(commit));
  const all = new Map<Commit, { planes: number; names: Set<string> }>();
  for (const { commit: name, planes, place } of rows) {
    const commit = await commits.get(name)!;
    if (commit === undefined)
      throw new SourceProblem(
        `${place}: commit ${name} does not exist in the repository: expected a commit id, branch or tag that it holds`,
      );
    const line = all.get(commit) ?? { planes: 0, names: new Set() };
    line.planes += planes;
    if (!commit.startsWith(name)) line.names.add(name);
    all.set(commit, line);
  }
  if (all.size > LINES_MAX)
    throw misuse(`${all.size} different commits are deployed: expected at most ${LINES_MAX}`);
  return [...all]
    .map(([commit, { planes, names }]) => ({ commit, planes, names: [...names].sort() }))
    .sort((a, b) => (a.commit < b.commit ? -1 : 1));
}

const SAID_EVERY_MS = 2_000;

/** Says what is being done when it takes long, and then not too often. */
function sayingSlowly({ io, out }: Context): (text: string) => void {
  let last = epochMs(io.now());
  return (text) => {
    const now = epochMs(io.now());
    if (now - last < SAID_EVERY_MS) return;
    last = now;
    out.say(text);
  };
}

type Found = {
  readonly deployed: readonly Line[];
  readonly survey: Surveyed;
  readonly paths: readonly string[];
  readonly budget: number;
};

async function answerOf(found: Found): Promise<LinesAnswer> {
  const { deployed, survey, budget } = found;
  const { needed, chosen, table, apart } = chooseBases({ deployed, costs: costsOf(survey), budget });
  const bases: AnsweredBase[] = [];
  for (const base of chosen?.bases ?? []) bases.push(await answeredBase(found, base));
  const planes = deployed.reduce((sum, line) => sum + line.planes, 0);
  return {
    component: found.paths,
    relevant: relevantOf(found),
    budget,
    needed,
    bases,
    total: chosen
      ? {
          planes,
          passengerCommits: chosen.total,
          perPlaneMean: chosen.perPlaneMean,
          perPlaneMax: chosen.perPlaneMax,
        }
      : null,
    exact: chosen?.exact ?? null,
    within: chosen?.within ?? null,
    table,
    apart: chosen ? [] : apart.map((commit) => apartOf(found, commit)),
    warnings: survey.warnings,
  };
}

function relevantOf({ survey, paths }: Found): LinesAnswer['relevant'] {
  const packages = [...new Set(survey.lines.flatMap((line) => line.packages))].sort();
  const own = packages.filter((path) => !isVendored(path));
  const folders = paths.map((path) => joinPath('', path) ?? path);
  return {
    packages: packages.length,
    vendored: packages.length - own.length,
    paths: [...paths, ...own.filter((path) => !folders.some((folder) => isWithin(path, folder)))],
  };
}

async function answeredBase({ deployed, survey }: Found, { base, serves }: Base): Promise<AnsweredBase> {
  const placeOf = (commit: Commit) => deployed.findIndex((line) => line.commit === commit);
  const from = placeOf(base);
  const served: AnsweredBase['serves'][number][] = [];
  for (const commit of serves) {
    const line = placeOf(commit);
    const passengers = passengersOf(survey, { base: from, line });
    const weight = await survey.weigh(
      passengers.map((one) => one.commit),
      from,
    );
    const { planes, names } = deployed[line]!;
    served.push({ commit, names, planes, passengers: { ...listed(passengers), ...weight } });
  }
  return {
    base,
    names: deployed[from]!.names,
    planes: served.reduce((sum, { planes }) => sum + planes, 0),
    passengersMax: Math.max(...served.map(({ passengers }) => passengers.commits)),
    serves: served,
  };
}

function apartOf({ deployed, survey }: Found, commit: Commit): Apart {
  const line = deployed.findIndex((one) => one.commit === commit);
  const others = deployed.flatMap((other, base) =>
    base === line ? [] : [{ base: other.commit, lost: lostOf(survey, { base, line }) }],
  );
  const closest = others.toSorted((a, b) => a.lost.length - b.lost.length)[0];
  const { planes, names } = deployed[line]!;
  return {
    commit,
    names,
    planes,
    ...(closest ? { closest: { base: closest.base, lost: listed(closest.lost) } } : {}),
  };
}

const listed = (commits: readonly SurveyedCommit[]): Listed => ({
  commits: commits.length,
  list: commits.slice(0, LISTED_MAX).map(({ commit, subject }) => ({ commit, subject })),
});

function tooFew({ budget, needed, apart }: LinesAnswer): string {
  const at = needed.exact ? 'are needed' : 'are the fewest that were found';
  const why = apart.length > budget ? `: of ${apart.length} lines no two can share a base` : '';
  return `fleetfix: ${budget} builds do not serve every line; ${needed.builds} ${at}${why}\n  next: --budget ${needed.builds}`;
}
