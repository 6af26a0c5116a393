import type { Change } from '../core/assembly/assembly.ts';
import type { Selector, SelectorKey } from '../core/fleet/selector.ts';
import { misuse } from './exit.ts';

/** A revision as a person types it: an id, short or full, or a name. Never something git could read as an option. */
function revision(text: string, flag: string): string {
  if (!/^[0-9A-Za-z_][0-9A-Za-z_./-]{0,254}$/.test(text) || text.includes('..'))
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
};

/** The change the flags name; exactly one of them is needed. */
export function changeOf(flags: ChangeFlags): Change {
  const given = [flags.commit, flags.range, flags.gitRevert, flags.pr].filter((flag) => flag !== undefined);
  if (given.length !== 1)
    throw misuse(
      `${given.length === 0 ? 'no change is named' : 'more than one change is named'}: expected one of --commit SHA[,SHA], --range A..B, --git-revert SHA, --pr N|URL`,
    );
  if (flags.commit !== undefined) return { kind: 'commits', commits: revisionsOf(flags.commit, '--commit') };
  if (flags.range !== undefined) return rangeOf(flags.range);
  if (flags.gitRevert !== undefined)
    return { kind: 'git-revert', commit: revision(flags.gitRevert, '--git-revert') };
  return pullRequestOf(flags.pr!);
}

function rangeOf(text: string): Change {
  const [from, to, ...more] = text.split('..');
  if (!from || !to || more.length > 0 || to.startsWith('.'))
    throw misuse(`--range ${text}: expected A..B, from A (not included) to B`);
  return { kind: 'range', from: revision(from, '--range'), to: revision(to, '--range') };
}

function pullRequestOf(text: string): Change {
  if (/^#?[1-9]\d{0,8}$/.test(text)) return { kind: 'pull-request', number: Number(text.replace('#', '')) };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const number = url && /\/(?:pull|pulls|merge_requests)\/([1-9]\d{0,8})(?:\/|$)/.exec(url.pathname)?.[1];
  if (!url || !/^https?:$/.test(url.protocol) || !number)
    throw misuse(
      `--pr ${text}: expected a number, or the address of a pull request such as https://HOST/OWNER/NAME/pull/7`,
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
