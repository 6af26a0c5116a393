import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import type { Change } from '../core/assembly/assembly.ts';
import type { Selector, SelectorKey } from '../core/fleet/selector.ts';
import { PATCH_BYTES_MAX, patchProblem } from '../wire/patch.ts';
import { misuse } from './exit.ts';

/** A revision as a person types it: an id, short or full, or a name. Never something git could read as an option. */
export function revision(text: string, flag: string): string {
  if (!/^[0-9A-Za-z_][0-9A-Za-z_.+/~^@-]{0,254}$/.test(text) || text.includes('..'))
    throw misuse(`${flag} ${text}: expected a commit id`);
  return text;
}

export const revisionsOf = (text: string, flag: string): string[] =>
  text.split(',').map((part) => revision(part.trim(), flag));

export type ChangeFlags = {
  readonly commit?: string;
  readonly range?: string;
  readonly gitRevert?: string;
  readonly pr?: string;
  readonly patch?: string;
};

const FLAGS = {
  commit: '--commit',
  range: '--range',
  all: '--commit SHA[,SHA], --range A..B, --git-revert SHA, --pr N|URL, --patch FILE',
};

/**
 * The change the flags name; exactly one of them is needed. A patch file is read here. `called`: the flags as
 * messages name them.
 */
export function changeOf(flags: ChangeFlags, called = FLAGS): Change {
  const { commit, range, gitRevert, pr, patch } = flags;
  const given = [commit, range, gitRevert, pr, patch].filter((flag) => flag !== undefined);
  if (given.length !== 1)
    throw misuse(
      `${given.length === 0 ? 'no change is named' : 'more than one change is named'}: expected one of ${called.all}`,
    );
  if (commit !== undefined) return { kind: 'commits', commits: revisionsOf(commit, called.commit) };
  if (range !== undefined) return rangeOf(range, called.range);
  if (gitRevert !== undefined) return { kind: 'git-revert', commit: revision(gitRevert, '--git-revert') };
  if (patch !== undefined) return { kind: 'patch', text: readPatch(patch) };
  return pullRequestOf(pr!);
}

/** A change in one word, for an option that names more than the change: commits, `A..B`, `#PR`, or a pull request's address. */
export function changeIn(text: string, flag: string): Change {
  if (/^#|^https?:/.test(text)) return pullRequestOf(text, flag);
  if (text.includes('..')) return rangeOf(text, flag);
  return { kind: 'commits', commits: revisionsOf(text, flag) };
}

/** `A..B`, of an option. */
export function rangeOf(text: string, flag: string): Change {
  const [from, to, ...more] = text.split('..');
  if (!from || !to || more.length > 0 || to.startsWith('.'))
    throw misuse(`${flag} ${text}: expected A..B, from A (not included) to B`);
  return { kind: 'range', from: revision(from, flag), to: revision(to, flag) };
}

/** The text of a patch file, line ends as they are. Throws a misuse when it cannot be a patch. */
function readPatch(file: string): string {
  const bytes = bytesOf(file);
  if (!isUtf8(bytes)) throw misuse(`--patch ${file}: is not UTF-8; name the commits of this change instead`);
  const text = new TextDecoder().decode(bytes);
  const problem = patchProblem(text);
  if (problem === undefined) return text;
  throw misuse(`--patch ${file}: ${problem}`, ['git format-patch --stdout COMMIT^..COMMIT > FILE']);
}

function bytesOf(file: string): Buffer {
  try {
    // Looked at first, so that what is far too large is not read.
    if (statSync(file).size > PATCH_BYTES_MAX)
      throw misuse(`--patch ${file}: is larger than ${PATCH_BYTES_MAX / 1024} KiB; name its commits instead`);
    return readFileSync(file);
  } catch (problem) {
    if (!(problem instanceof Error && 'code' in problem)) throw problem;
    throw misuse(`--patch ${file}: cannot be read: ${problem.code}`);
  }
}

function pullRequestOf(text: string, flag = '--pr'): Change {
  if (/^#?[1-9]\d{0,8}$/.test(text)) return { kind: 'pull-request', number: Number(text.replace('#', '')) };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const number = url && /\/(?:pull|pulls|merge_requests)\/([1-9]\d{0,8})(?:\/|$)/.exec(url.pathname)?.[1];
  if (!url || !/^https?:$/.test(url.protocol) || !number)
    throw misuse(
      `${flag} ${text}: expected a number, or the address of a pull request such as https://HOST/OWNER/NAME/pull/7`,
    );
  return { kind: 'pull-request', number: Number(number), url: text };
}

const KEYS: Readonly<Record<SelectorKey, true>> = {
  name: true,
  managementCluster: true,
  region: true,
  sector: true,
  customer: true,
  platform: true,
  version: true,
  availability: true,
};

/** `region=eu-1,customer=acme|beta`: every key must hold, any of the values after it. */
export function selectorOf(text: string, flag: string): Selector {
  const selector: Record<string, string[]> = {};
  for (const part of text.split(',')) {
    const [key = '', value = ''] = part.split(/=(.*)/s);
    if (!Object.hasOwn(KEYS, key) || value === '')
      throw misuse(`${flag} ${part}: expected KEY=VALUE with KEY one of ${Object.keys(KEYS).join(', ')}`);
    selector[key] = [...(selector[key] ?? []), ...value.split('|').filter((v) => v !== '')];
  }
  return selector;
}
