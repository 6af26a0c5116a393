import type { Instant } from '../base/instant.ts';
import { checklistOf, isAsked, nextFor, openItems, whoShows } from '../life/checklist.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix } from '../life/fix.ts';
import { type ClosingItem, type ItemStanding, isDone, LINK_KINDS } from '../proof/closing-item.ts';
import type { ChecklistItemView, Need } from './fix-view.ts';

/** What must be shown before the fix is closed; undefined where its policy asks for nothing. */
export function checklistView(fix: Fix, facts: Facts, now: Instant): ChecklistItemView[] | undefined {
  if ((facts.policy.closing?.length ?? 0) === 0) return undefined;
  return checklistOf(fix, facts, now).map((standing): ChecklistItemView => {
    const { item, state, because, by, at, link } = standing;
    return {
      name: item.name,
      kind: item.kind,
      ...(item.kind === 'pull-request' && wanted(item)),
      state,
      because,
      who: whoShows(item),
      ...(by !== undefined && { by }),
      ...(at !== undefined && { at }),
      ...(link !== undefined && { link }),
      ...(!isDone(standing) && fix.closed === undefined && { next: nextFor(fix, standing) }),
    };
  });
}

const wanted = ({ repository, contains }: Extract<ClosingItem, { kind: 'pull-request' }>) => ({
  ...(repository !== undefined && { repository }),
  ...(contains !== undefined && { contains }),
});

/** What keeps a retired fix from being closed, one need a role; what a machine looks at needs nobody. */
export function closingNeeds(fix: Fix, facts: Facts, now: Instant): Need[] {
  if (fix.state !== 'retired' || !isAsked(fix, facts)) return [];
  const since = fix.retirement?.endedAt ?? fix.stateAt;
  const open = openItems(fix, facts, now);
  if (open.length === 0)
    return [
      {
        who: 'operator',
        what: 'close it: its checklist is shown',
        since,
        command: `fleetfix close ${fix.id} --as done`,
      },
    ];
  const waiting = open.filter(({ state }) => state !== 'checking');
  return [...Map.groupBy(waiting, ({ item }) => whoShows(item))].map(([who, all]): Need => {
    const [first] = all as [ItemStanding, ...ItemStanding[]];
    const command = all.length === 1 ? nextFor(fix, first) : `fleetfix checklist ${fix.id}`;
    return { who, what: `show before it is closed: ${all.map(openText).join(', ')}`, since, command };
  });
}

/** A link that failed says why: it is somebody's to mend. */
const openText = ({ item, state, because }: ItemStanding): string =>
  state === 'failed' && LINK_KINDS.some((kind) => kind === item.kind)
    ? `${item.name} (${because})`
    : item.name;

/** What happens next with a retired fix. */
export const closingText = (fix: Fix, facts: Facts, now: Instant): string | undefined => {
  if (fix.state !== 'retired' || !isAsked(fix, facts)) return undefined;
  const open = openItems(fix, facts, now).length;
  const all = facts.policy.closing?.length ?? 0;
  return open === 0
    ? 'it can be closed: its checklist is shown'
    : `it can be closed once its checklist is shown: ${all - open} of ${all} so far`;
};
