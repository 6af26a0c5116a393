import { type Base, type Bases, chooseBases, type Deployed, type Trade } from '../../core/assembly/bases.ts';
import {
  costsOf,
  lostOf,
  passengersOf,
  type SurveyedCommit,
  type Weight,
} from '../../core/assembly/survey.ts';
import type { Commit } from '../../core/base/ids.ts';
import { isWithin, joinPath } from '../../core/code/folders.ts';
import { isVendored } from '../../core/code/go-build.ts';
import type { Surveyed } from '../../ports/repository.ts';

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

/** A commit that is deployed, and what the file calls it besides its id. */
export type DeployedLine = Deployed & { readonly names: readonly string[] };

const LISTED_MAX = 50;

type Found = {
  readonly deployed: readonly DeployedLine[];
  readonly survey: Surveyed;
  readonly paths: readonly string[];
  readonly budget: number;
};

/** Chooses bases, and says of each whom it serves and who rides along; or why the budget does not do. */
export async function answerOf(found: Found): Promise<LinesAnswer> {
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
