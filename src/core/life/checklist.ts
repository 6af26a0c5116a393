import type { Digest } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';
import {
  type ClosingItem,
  type ItemRecord,
  type ItemStanding,
  isDone,
  isLinkItem,
  type LinkItem,
  pullRequestOf,
  type WordItem,
} from '../proof/closing-item.ts';
import { againText, isToLookAgain, type Looks } from '../proof/look-again.ts';
import { standing } from '../proof/proof.ts';
import { deliveredAt, isTakenBack, standings } from './debts.ts';
import { linesInUse } from './evolve.ts';
import type { Facts } from './facts.ts';
import type { Fix, FixLine } from './fix.ts';

type Around = { readonly facts: Pick<Facts, 'component' | 'policy'>; readonly now: Instant };

/** Whether closing the fix asks for its checklist: something of it was delivered, and not taken back. */
export const isAsked = (fix: Fix, facts: Pick<Facts, 'policy'>): boolean =>
  (facts.policy.closing?.length ?? 0) > 0 && deliveredAt(fix) !== undefined && !isTakenBack(fix);

/** Every item of the policy in its order, and where it stands. */
export const checklistOf = (fix: Fix, facts: Around['facts'], now: Instant): ItemStanding[] =>
  (facts.policy.closing ?? []).map((item) => standingOf(fix, item, { facts, now }));

/** What holds up closing. */
export const openItems = (fix: Fix, facts: Around['facts'], now: Instant): ItemStanding[] =>
  checklistOf(fix, facts, now).filter((it) => !isDone(it));

function standingOf(fix: Fix, item: ClosingItem, around: Around): ItemStanding {
  const { waived, shown } = recordOf(fix, item);
  const found = foundOf(fix, item, around);
  if (found.state === 'shown' || waived === undefined) return found;
  const { link } = shown ?? {};
  const because = `waived by ${waived.by}: ${waived.reason}`;
  return {
    item,
    state: 'waived',
    because,
    by: waived.by,
    at: waived.at,
    ...(link !== undefined && { link }),
  };
}

const recordOf = (fix: Pick<Fix, 'checklist'>, { name }: ClosingItem): ItemRecord =>
  Object.hasOwn(fix.checklist ?? {}, name) ? fix.checklist![name]! : {};

function foundOf(fix: Fix, item: ClosingItem, around: Around): ItemStanding {
  if (isLinkItem(item)) return linkStanding(fix, item);
  switch (item.kind) {
    case 'gates':
      return { item, ...gatesFound(fix, around) };
    case 'tests':
      return testsFound(fix, item, around);
    case 'word':
      return wordStanding(fix, item, `nobody has said so yet: ${item.role} does`);
  }
}

/** Lines whose image was delivered; another build is another image. */
const deliveredLines = (fix: Fix): FixLine[] =>
  deliveredAt(fix) === undefined
    ? []
    : linesInUse(fix).filter((line) => line.build?.state === 'done' && line.notAffected === undefined);

/** Digests that an advisory must hold. */
const deliveredDigests = (fix: Fix): Digest[] =>
  deliveredLines(fix).flatMap(({ build }) => (build?.state === 'done' ? [build.digest] : []));

/** A gate that may follow is settled by a waiver; one that delivery did not wait for is owed until it passes. */
function gatesFound(fix: Fix, { facts, now }: Around): Pick<ItemStanding, 'state' | 'because'> {
  const lines = deliveredLines(fix);
  if (lines.length === 0) return { state: 'open', because: 'nothing was delivered yet' };
  const gates = lines.flatMap((line) => standings(fix, line, facts, now));
  const owed = gates.filter((g) => g.state !== 'met' && !(g.lane === 'after' && g.state === 'waived'));
  const text = owed.map((g) => `${g.gate} on ${g.line} is ${g.state}`).join(', ');
  if (owed.length > 0)
    return { state: owed.some((g) => g.state === 'failed') ? 'failed' : 'open', because: text };
  return {
    state: 'shown',
    because: `${counted(gates.length, 'verdict')} on ${counted(lines.length, 'image')}`,
  };
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** The own tests of the fix failed without it and passed with it, on every delivered line, by themselves. */
function testsFound(fix: Fix, item: WordItem, { facts, now }: Around): ItemStanding {
  const gates = facts.component.gates.filter(({ check }) => check === 'own-test');
  const lines = deliveredLines(fix);
  const { evidence } = fix;
  const all = lines.map((line) => {
    const { digest } = line.build as Extract<FixLine['build'], { state: 'done' }>;
    const at = gates.map(({ name }) =>
      standing({ gate: name, line: line.line.name, digest, evidence, waivers: [], now }),
    );
    return at.find(({ state }) => state === 'met') ?? at[0];
  });
  const [first] = all;
  if (first !== undefined && all.every((one) => one?.state === 'met'))
    return { item, state: 'shown', because: `gate ${first.gate}: ${first.because}` };
  const lacking = all.find((one) => one?.state !== 'met');
  const because = lacking
    ? `gate ${lacking.gate} on ${lacking.line}: ${lacking.because}`
    : 'no gate has shown it';
  return wordStanding(fix, item, `${because}; ${item.role} may say that there is one`);
}

function wordStanding(fix: Fix, item: WordItem, openBecause: string): ItemStanding {
  const { shown } = recordOf(fix, item);
  if (shown?.note === undefined) return { item, state: 'open', because: openBecause };
  return { item, state: 'shown', because: shown.note, by: shown.by, at: shown.at };
}

function linkStanding(fix: Fix, item: LinkItem): ItemStanding {
  const { shown } = recordOf(fix, item);
  if (shown?.link === undefined) return { item, state: 'open', because: 'no link yet' };
  const { link, by, at, look } = shown;
  // What was found stands since it was found, which may be long after the link was shown.
  const since = look?.at ?? at;
  const is = (state: ItemStanding['state'], because: string) => ({
    ...{ item, state, because, by, link },
    at: state === 'checking' ? at : since,
  });
  if (look?.result === 'fail') return is('failed', `${look.because}${againText(look.looks)}`);
  if (item.kind === 'advisory' && deliveredDigests(fix).length === 0)
    return is('checking', 'is looked at once there is a delivered image');
  return look === undefined || isOutdated(fix, item, look)
    ? is('checking', 'the hub looks at the link')
    : is('shown', look.because);
}

/** An advisory that was looked at for other images than those that are delivered now. */
const isOutdated = (
  fix: Fix,
  item: LinkItem,
  { sought = [] }: { readonly sought?: readonly Digest[] },
): boolean => item.kind === 'advisory' && deliveredDigests(fix).some((digest) => !sought.includes(digest));

/** A link that a machine is to look at. `sought`: digests that the document must hold. */
export type LookTask = {
  readonly do: 'look';
  readonly item: string;
  readonly link: string;
  readonly sought: readonly Digest[];
};

const linkItems = ({ policy }: Pick<Facts, 'policy'>): LinkItem[] =>
  (policy.closing ?? []).filter(isLinkItem);

/** How often what people showed was looked for in vain. */
export const linkLooks = (fix: Fix, facts: Pick<Facts, 'policy'>): (Looks | undefined)[] =>
  linkItems(facts).map((item) => recordOf(fix, item).shown?.look?.looks);

/** Links that nobody has looked at, or not for what is delivered now, or that are to be looked at again. */
export function toLook(fix: Fix, facts: Pick<Facts, 'policy'>, now: Instant): LookTask[] {
  return linkItems(facts).flatMap((item): LookTask[] => {
    const { link, look } = recordOf(fix, item).shown ?? {};
    const isDue = isToLookAgain(look?.looks, now);
    if (link === undefined || (linkStanding(fix, item).state !== 'checking' && !isDue)) return [];
    const sought = item.kind === 'advisory' ? deliveredDigests(fix) : [];
    return item.kind === 'advisory' && sought.length === 0
      ? []
      : [{ do: 'look', item: item.name, link, sought }];
  });
}

/** Who sees to an item that holds up closing. */
export const whoShows = (item: ClosingItem): string => ('role' in item ? item.role : 'engineer');

const BUSY: readonly number[] = [408, 425, 429];

/** The address may be right, and what is behind it gave no answer, or is not there yet: another address is not what it takes. */
function mayAnswerYet(fix: Pick<Fix, 'checklist'>, item: LinkItem): boolean {
  const { look, link = '' } = recordOf(fix, item).shown ?? {};
  if (look === undefined || look.sought !== undefined || look.commit !== undefined) return false;
  if (item.kind === 'pull-request' && pullRequestOf(link) === undefined) return false;
  return look.status === undefined || look.status >= 500 || BUSY.includes(look.status);
}

/** The command that brings an item further. */
export function nextFor(
  fix: Pick<Fix, 'id' | 'checklist'>,
  { item, state }: Pick<ItemStanding, 'item' | 'state'>,
): string {
  const show = `fleetfix show ${fix.id} --item ${item.name}`;
  if (state === 'checking') return `fleetfix checklist ${fix.id}`;
  if (item.kind === 'gates') return `fleetfix get evidence --for ${fix.id}`;
  if (!isLinkItem(item)) return `${show} --note TEXT`;
  if (state === 'failed' && mayAnswerYet(fix, item)) return `fleetfix retry ${fix.id} --stage closing`;
  return `${show} --link ${item.kind === 'pull-request' ? 'https://github.com/OWNER/NAME/pull/N' : 'https://…'}`;
}
