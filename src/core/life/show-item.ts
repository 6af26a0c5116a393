import type { Instant } from '../base/instant.ts';
import { ok, refuse } from '../base/result.ts';
import {
  type ClosingItem,
  isLinkItem,
  isOf,
  isWordItem,
  linkProblem,
  pullRequestOf,
} from '../proof/closing-item.ts';
import { checklistOf, isAsked, nextFor, openItems, whoShows } from './checklist.ts';
import type { Command } from './command.ts';
import type { Facts } from './facts.ts';
import type { Fix } from './fix.ts';
import { SHOWS } from './rights.ts';
import type { Decision } from './rule.ts';

type Refused = Extract<Decision, { ok: false }>;

/** Takes what somebody shows for an item. A link is looked at later, by a machine; a word is believed of the role that is asked. */
export function showItem(fix: Fix, command: Extract<Command, { do: 'show' }>, facts: Facts): Decision {
  const { item: name, link, note } = command;
  const item = itemNamed(facts, name);
  if (item === undefined) return unknownItem(fix, name, facts);
  const unfit = isLinkItem(item)
    ? unfitLink(fix, item, command, facts)
    : unfitWord(fix, item, command, facts);
  if (unfit !== undefined) return unfit;
  return ok([
    {
      type: 'ItemShown',
      item: name,
      ...(link !== undefined && { link }),
      ...(note !== undefined && { note }),
    },
  ]);
}

const itemNamed = ({ policy }: Facts, name: string) => policy.closing?.find((one) => one.name === name);

function unknownItem(fix: Fix, name: string, { policy }: Facts) {
  const known = (policy.closing ?? []).map((one) => one.name).join(', ');
  const asks = known === '' ? `policy ${policy.name} asks for nothing at the end` : `it has ${known}`;
  return refuse('invalid', `the checklist of ${fix.id} has no item ${name}: ${asks}`, {
    next: [`fleetfix checklist ${fix.id}`],
  });
}

type Showing = Extract<Command, { do: 'show' }>;

function unfitLink(fix: Fix, item: ClosingItem, { link }: Showing, { actor }: Facts): Refused | undefined {
  const next = [nextFor(fix, { item, state: 'open' })];
  if (!mayShow(actor.roles))
    return refuse('not-allowed', `item ${item.name} is shown by ${SHOWS.join(', ')}`, { whoCan: SHOWS });
  if (link === undefined) return refuse('invalid', `item ${item.name} is shown by a link`, { next });
  const problem = linkProblem(link);
  if (problem !== undefined)
    return refuse('invalid', `the link for ${item.name} is refused: ${problem}; expected https://…`, {
      next,
    });
  if (item.kind !== 'pull-request') return undefined;
  const pull = pullRequestOf(link);
  if (pull === undefined)
    return refuse('invalid', `the link for ${item.name} names no pull request`, { next });
  if (item.repository === undefined || isOf(pull, item.repository)) return undefined;
  const detail = `${pull.repository}#${pull.number} is not of ${item.repository}, as item ${item.name} asks`;
  return refuse('invalid', detail, { next });
}

const mayShow = (roles: readonly string[]): boolean =>
  roles.includes('admin') || SHOWS.some((role) => roles.includes(role));

function unfitWord(
  fix: Fix,
  item: ClosingItem,
  { link, note }: Showing,
  { actor }: Facts,
): Refused | undefined {
  const next = [nextFor(fix, { item, state: 'open' })];
  if (!isWordItem(item))
    return refuse('invalid', `item ${item.name} follows from the gates, nobody shows it`, { next });
  if (!actor.roles.includes(item.role) && !actor.roles.includes('admin'))
    return refuse('not-allowed', `item ${item.name} is shown by ${item.role}`, { whoCan: [item.role] });
  if (link !== undefined)
    return refuse('invalid', `item ${item.name} is a person's word: nobody looks at a link there`, { next });
  if (note === undefined || note.trim() === '')
    return refuse('invalid', `item ${item.name} is a person's word: say what was done`, { next });
  return undefined;
}

/** Passes over an item by name. Nobody does so for their own fix. */
export function waiveItem(
  fix: Fix,
  { item: name, reason }: Extract<Command, { do: 'waive-item' }>,
  facts: Facts,
): Decision {
  if (itemNamed(facts, name) === undefined) return unknownItem(fix, name, facts);
  const { actor, policy } = facts;
  if (actor.name === fix.author)
    return refuse('two-person-rule', `${actor.name} declared ${fix.id} and cannot waive what it owes`, {
      whoCan: [policy.approvers.role],
    });
  return ok([{ type: 'ItemWaived', item: name, reason }]);
}

/** Why the fix cannot be closed yet: what of its checklist is open. */
export function unshown(
  fix: Fix,
  as: string,
  { facts, now }: { readonly facts: Facts; readonly now: Instant },
): Refused | undefined {
  if (!isAsked(fix, facts)) return undefined;
  const open = openItems(fix, facts, now);
  if (open.length === 0) return undefined;
  if (as.startsWith('superseded-by=')) return unfitSuccessor(fix, as.slice('superseded-by='.length), facts);
  const what = open.map(
    (it) => `${it.item.name} (${it.item.kind}, ${whoShows(it.item)}) is ${it.state}: ${it.because}`,
  );
  const all = checklistOf(fix, facts, now).length;
  return refuse(
    'checklist-open',
    `${fix.id} cannot be closed: ${open.length} of ${all} items of its checklist are open: ${what.join('; ')}`,
    {
      whoCan: [...new Set(open.map(({ item }) => whoShows(item)))],
      next: [
        ...open.map((it) => nextFor(fix, it)),
        `fleetfix waive ${fix.id} --item ${open[0]!.item.name} --reason TEXT`,
      ],
    },
  );
}

/** A checklist is left to the fix that takes this one's place, so there must be one. */
function unfitSuccessor(fix: Fix, id: string, { others }: Facts): Refused | undefined {
  if (others.some((other) => other.id === id)) return undefined;
  return refuse('invalid', `${fix.component} has no other fix ${id} that could take the place of ${fix.id}`, {
    next: ['fleetfix get fixes --all', `fleetfix checklist ${fix.id}`],
  });
}
