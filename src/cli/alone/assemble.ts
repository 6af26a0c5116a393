import { availableParallelism } from 'node:os';
import { PROPOSAL_KINDS } from '../../core/assembly/assembly.ts';
import { type FixId, isFixId } from '../../core/base/ids.ts';
import type { Ms } from '../../core/base/instant.ts';
import type { AssemblyWork, Repository } from '../../ports/repository.ts';
import type { Context } from '../context.ts';
import { type ExitCode, misuse } from '../exit.ts';
import { revisionsOf } from '../rev.ts';
import { pastOf } from '../times.ts';
import { type Answer, answering, type Request } from './answer.ts';
import { type AloneChangeFlags, aloneChangeOf } from './change-flags.ts';
import { inOrder } from './in-order.ts';
import { openRepository } from './open.ts';
import { reasonLine, renderAssemblies } from './render.ts';
import { type Answered, type Result, worstOf } from './result.ts';

export type AssembleInput = AloneChangeFlags & {
  readonly repo: string;
  readonly onto?: readonly string[];
  readonly carry?: readonly string[];
  readonly with?: readonly string[];
  readonly branch?: string;
  /** False: signs that a clean candidate is not right are not looked for. */
  readonly signs?: boolean;
  readonly fix?: string;
  readonly accept?: string;
  readonly regenerate?: string;
  readonly asOf?: string;
  readonly searchMs?: Ms;
  readonly batch?: string;
  readonly parallel?: number;
};

/**
 * Puts a change onto commits of a repository, without a hub, and prints what came of it: one result for one `--onto`,
 * a list for several, a line each for `--batch`.
 */
export async function assemble(context: Context, input: AssembleInput): Promise<ExitCode> {
  const requests = input.batch === undefined ? requestsOf(input) : nothingBeside(input);
  const batch = input.batch === undefined ? undefined : await import('./batch.ts');
  const source = await batch?.openBatch(context, input.batch!);
  const fix = input.fix === undefined ? {} : { fix: fixOf(input.fix) };
  const repository = await openRepository(
    context,
    input.repo,
    input.searchMs === undefined ? {} : { searchMs: input.searchMs },
  );
  const answer = answering(repository, {
    ...(input.branch && { branch: input.branch }),
    ...(input.signs === false && { signs: false }),
    ...fix,
  });
  const parallel = input.parallel ?? availableParallelism();
  if (batch && source) return await batch.runBatch(context, { source, answer, parallel });
  return await answerAll(context, { requests, answer, repository, parallel });
}

function requestsOf(input: AssembleInput): Request[] {
  const change = aloneChangeOf(input);
  if (input.regenerate !== undefined && input.accept === undefined)
    throw misuse('--regenerate is for a proposal that is taken: add --accept KIND=TREE');
  const list = (texts: readonly string[] | undefined, flag: string) =>
    (texts ?? []).flatMap((text) => revisionsOf(text, flag));
  const common = {
    change,
    carry: list(input.carry, '--carry'),
    with: list(input.with, '--with'),
    ...(input.accept !== undefined && { accept: acceptOf(input.accept) }),
    ...(input.regenerate !== undefined && { regenerate: commandOf(input.regenerate) }),
    ...(input.asOf !== undefined && { asOf: pastOf(input.asOf, '--as-of') }),
  };
  const onto = list(input.onto, '--onto');
  if (onto.length === 0) throw misuse('--onto is missing: expected the commit that is deployed');
  return onto.map((name) => ({ ...common, id: name, onto: name }));
}

/** A batch names everything in its lines. */
function nothingBeside(input: AssembleInput): Request[] {
  const flags = [
    'change',
    'gitRevert',
    'patch',
    'pr',
    'onto',
    'carry',
    'with',
    'accept',
    'regenerate',
    'asOf',
  ] as const;
  const given = flags.find((flag) => input[flag] !== undefined);
  if (given === undefined) return [];
  const flag = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw misuse(`--${flag} does not go with --batch: its lines say it`);
}

function fixOf(text: string): FixId {
  if (!isFixId(text)) throw misuse(`--fix ${text}: expected FIX- and a number`);
  return text;
}

function acceptOf(text: string): NonNullable<AssemblyWork['accept']> {
  const [kind = '', tree = ''] = text.split('=');
  const kinds = PROPOSAL_KINDS.filter((one) => one !== 'prerequisites');
  const known = kinds.find((one) => one === kind);
  if (known && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(tree)) return { kind: known, tree };
  throw misuse(
    `--accept ${text}: expected KIND=TREE with KIND one of ${kinds.join(', ')} and the full id of its tree`,
  );
}

const REGENERATE_MS: Ms = 600_000;

function commandOf(text: string): NonNullable<AssemblyWork['regenerate']> {
  const command = text.split(' ').filter((word) => word !== '');
  if (command.length > 0) return { command, timeoutMs: REGENERATE_MS };
  throw misuse('--regenerate is empty: expected a program and its arguments, such as "make api"');
}

async function answerAll(
  context: Context,
  run: {
    readonly requests: readonly Request[];
    readonly answer: Answer;
    readonly repository: Repository;
    readonly parallel: number;
  },
): Promise<ExitCode> {
  const all: Answered[] = [];
  await inOrder({
    items: each(run.requests),
    work: async (request) => await kept(run.repository, await run.answer(request)),
    emit: async (one) => void all.push(one),
    parallel: run.parallel,
    ahead: run.requests.length,
  });
  const results = all.map(({ result }) => result);
  await context.out.print({
    value: results.length === 1 ? results[0] : results,
    text: (paper) => renderAssemblies(results, paper),
    names: results.flatMap(({ commit }) => (commit === undefined ? [] : [commit])),
  });
  // Names are of candidates alone: a person would see nothing and not know why.
  if (context.out.format === 'name')
    for (const result of results) if (result.commit === undefined) context.out.say(reasonLine(result));
  return worstOf(all.map(({ exit }) => exit));
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** With the place a candidate can be fetched from. */
async function kept(repository: Repository, one: Answered): Promise<Answered> {
  const { commit } = one.result;
  if (commit === undefined) return one;
  const result: Result = { ...one.result, kept: await repository.keep(commit) };
  return { ...one, result };
}
