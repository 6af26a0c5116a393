import type { Commit } from '../../core/base/ids.ts';
import { epochMs } from '../../core/base/instant.ts';
import { type Repository, SourceProblem } from '../../ports/repository.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode, misuse } from '../exit.ts';
import { type DeployedRow, readDeployed } from './deployed.ts';
import { answerOf, type DeployedLine, type LinesAnswer } from './lines-answer.ts';
import { renderLines } from './lines-render.ts';
import { openRepository, orMisuse } from './open.ts';

export type LinesInput = {
  readonly repo: string;
  readonly deployed: string;
  readonly component: string;
  readonly budget: number;
};

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

/** Rows by commit: rows that name the same are added up. In the order of commit ids, so that the file's does not matter. */
async function resolved(repository: Repository, rows: readonly DeployedRow[]): Promise<DeployedLine[]> {
  const known = new Map<string, Commit>();
  const all = new Map<Commit, { planes: number; names: Set<string> }>();
  for (const row of rows) {
    const { commit: name, planes } = row;
    const commit = known.get(name) ?? (await commitOf(repository, row));
    known.set(name, commit);
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

/** The commit of a row. Throws a `SourceProblem` that names its place: there is none, or there are several. */
async function commitOf(repository: Repository, { commit: name, place }: DeployedRow): Promise<Commit> {
  const found = await repository.resolve(name).catch((problem) => {
    throw problem instanceof SourceProblem
      ? new SourceProblem(`${place}: commit ${problem.message}`)
      : problem;
  });
  if (found !== undefined) return found;
  throw new SourceProblem(
    `${place}: commit ${name} does not exist in the repository: expected a commit id, branch or tag that it holds`,
  );
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

function tooFew({ budget, needed, apart }: LinesAnswer): string {
  const fewest = needed.exact ? 'builds are needed' : 'builds are the fewest that were found';
  const why = apart.length > budget ? `: of ${apart.length} lines no two can share a base` : '';
  return `fleetfix: a budget of ${budget} does not serve every line; ${needed.builds} ${fewest}${why}\n  next: --budget ${needed.builds}`;
}
