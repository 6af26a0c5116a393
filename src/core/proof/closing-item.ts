import type { Commit, Digest } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';
import type { Role } from '../base/roles.ts';
import type { Looks } from './look-again.ts';

/**
 * What a line of the closing checklist asks for. gates: every gate of the lane is met on what was delivered. tests: the fix brought
 * one. pull-request: a merged one. link: an address that answers. advisory: a document that holds the digest of every delivered
 * line. word: somebody says so.
 */
export const ITEM_KINDS = ['gates', 'tests', 'pull-request', 'link', 'advisory', 'word'] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

/** One line of the checklist, from the policy. */
export type ClosingItem = { readonly name: string } & (
  | { readonly kind: 'gates' }
  | { readonly kind: 'link' }
  | { readonly kind: 'advisory' }
  /** `role`: who may say that a test exists where no gate has shown it. */
  | { readonly kind: 'tests'; readonly role: Role }
  | { readonly kind: 'word'; readonly role: Role }
  | {
      readonly kind: 'pull-request';
      /** `host/owner/name` or `owner/name` that it must be of. */
      readonly repository?: string;
      /** What its merge must hold: the fix's change. */
      readonly contains?: 'change';
    }
);

/** Kinds that are shown by an address, which a machine then looks at. */
export const LINK_KINDS = ['pull-request', 'link', 'advisory'] as const satisfies readonly ItemKind[];
export type LinkItem = Extract<ClosingItem, { kind: (typeof LINK_KINDS)[number] }>;
export type WordItem = Extract<ClosingItem, { kind: 'tests' | 'word' }>;

export const isLinkItem = (item: ClosingItem): item is LinkItem =>
  LINK_KINDS.some((kind) => kind === item.kind);
export const isWordItem = (item: ClosingItem): item is WordItem =>
  item.kind === 'tests' || item.kind === 'word';

/** What was found behind an address, when, and why it counts or does not. */
export type Look = {
  readonly result: 'pass' | 'fail';
  readonly because: string;
  /** HTTP status of the last answer. */
  readonly status?: number;
  /** Of an advisory: digests that were looked for, and those of them that it holds. */
  readonly sought?: readonly Digest[];
  readonly holds?: readonly Digest[];
  /** Of a pull request: what it was merged as. */
  readonly commit?: Commit;
  /** It may come yet: how often it was looked for. */
  readonly looks?: Looks;
};

/** What somebody showed for an item; shown again, it replaces the former. */
type Shown = {
  readonly link?: string;
  readonly note?: string;
  readonly by: string;
  readonly at: Instant;
  readonly look?: Look & { readonly at: Instant };
};

/** An item passed over by name; it stays on the record. */
type ItemWaiver = { readonly by: string; readonly reason: string; readonly at: Instant };

export type ItemRecord = { readonly shown?: Shown; readonly waived?: ItemWaiver };

export const ITEM_STATES = ['open', 'checking', 'shown', 'failed', 'waived'] as const;
export type ItemState = (typeof ITEM_STATES)[number];

/** Where an item stands. `by`: who showed or waived it; absent where it follows from the fix itself. `at`: since when it stands so. */
export type ItemStanding = {
  readonly item: ClosingItem;
  readonly state: ItemState;
  readonly because: string;
  readonly by?: string;
  readonly at?: Instant;
  readonly link?: string;
};

/** An item holds up closing until it is shown or waived. */
export const isDone = ({ state }: Pick<ItemStanding, 'state'>): boolean =>
  state === 'shown' || state === 'waived';

/** The longest address that is taken. */
export const LINK_CHARS_MAX = 2_048;

/**
 * Why an address cannot be shown, whatever it leads to; undefined when it can. Whether its host may be asked is the hub's
 * configuration to say.
 */
export function linkProblem(text: string): string | undefined {
  if (text.length > LINK_CHARS_MAX) return `longer than ${LINK_CHARS_MAX} characters`;
  if (!URL.canParse(text)) return 'not an address';
  const { protocol, username, password } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return `${protocol} is not https:`;
  if (username !== '' || password !== '') return 'a name or password in it would be on the record for ever';
  return undefined;
}

export type PullRequestRef = { readonly host: string; readonly repository: string; readonly number: number };

/** The pull request that an address names: `https://github.com/OWNER/NAME/pull/7`. */
export function pullRequestOf(link: string): PullRequestRef | undefined {
  if (!URL.canParse(link)) return undefined;
  const { host, pathname } = new URL(link);
  const found = /^\/([\w.-]+\/[\w.-]+)\/pull\/([1-9]\d{0,9})(\/.*)?$/.exec(pathname);
  return found ? { host, repository: found[1]!, number: Number(found[2]) } : undefined;
}

/** Whether a pull request is of the repository `owner/name`, or `host/owner/name`. */
export function isOf({ host, repository }: PullRequestRef, wanted: string): boolean {
  const full = wanted.split('/').length === 3 ? `${host}/${repository}` : repository;
  return full.toLowerCase() === wanted.toLowerCase();
}

/** `host/owner/name` of a repository's location, where it has one: `https://github.com/o/n.git`, `git@github.com:o/n`. */
export function forgeOf(location: string): string | undefined {
  const found =
    /^(?:https?|ssh):\/\/(?:[^@/]+@)?([^/]+)\/([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(location) ??
    /^[\w.-]+@([\w.-]+):([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(location);
  return found ? `${found[1]}/${found[2]}` : undefined;
}
