import { join } from 'node:path';
import { USUAL_SCOPE } from '../../core/scope/policy.ts';
import { scopeStanding } from '../../core/scope/standing.ts';
import { scopeVerdict } from '../../core/scope/verdict.ts';
import type { Context } from '../context.ts';
import { Ending, EXIT, type ExitCode, misuse } from '../exit.ts';
import { revision } from '../rev.ts';
import { orMisuse } from './open.ts';
import { readPolicyScope } from './read-policy.ts';
import type { ScopeAnswer } from './scope-answer.ts';
import { renderScope } from './scope-render.ts';

export type ScopeInput = {
  readonly repo: string;
  readonly range: string;
  readonly title?: string;
  readonly policy?: string;
};

const TITLE_CHARS_MAX = 4_096;

/** Says whether a change is a fix of what exists or a feature. Exit 4 when a person has to answer or the policy blocks it. */
export async function scope(context: Context, input: ScopeInput): Promise<ExitCode> {
  const { io, settings, out } = context;
  const range = rangeOf(input.range);
  if ((input.title ?? '').length > TITLE_CHARS_MAX)
    throw misuse(`--title: expected at most ${TITLE_CHARS_MAX} characters`);
  const policy = input.policy === undefined ? USUAL_SCOPE : await readPolicyScope(input.policy, io.stdin);
  const changes = await io.alone?.changes?.(join(settings.cacheDir, 'git'));
  if (!changes) throw new Ending(EXIT.ours, 'no repository can be read from here');
  const change = await orMisuse(() => changes.read(input.repo, range));
  const judged = scopeVerdict(change, policy, input.title);
  const { standing, open, because } = scopeStanding(judged, policy);
  const answer: ScopeAnswer = { ...judged, standing, open, next: because };
  await out.print({ value: answer, names: [judged.verdict], text: (paper) => renderScope(answer, paper) });
  return standing === 'passes' ? EXIT.done : EXIT.refused;
}

/** `A..B`, or `A...B` from where the two went apart. */
function rangeOf(text: string) {
  const match = /^(.+?)(\.{2,3})([^.].*)$/.exec(text);
  if (!match || match[3]!.includes('..'))
    throw misuse(
      `--range ${text}: expected A..B, from A (not included) to B, or A...B from where they went apart`,
    );
  const [from, to] = [revision(match[1]!, '--range'), revision(match[3]!, '--range')];
  return { from, to, isFromFork: match[2] === '...' };
}
