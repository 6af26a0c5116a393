import { canonical } from '../../core/base/hash.ts';
import type { Digest, FixId, Uid } from '../../core/base/ids.ts';
import { type Instant, type Ms, plus } from '../../core/base/instant.ts';
import type { Coverage } from '../../core/coverage/coverage.ts';
import { link, ORIGIN } from '../../core/life/chain.ts';
import type { Event, Recorded, TargetChange } from '../../core/life/event.ts';
import type { Fix } from '../../core/life/fix.ts';
import { stepOf } from '../../core/life/step-of.ts';
import type { Plan } from '../../core/rollout/plan.ts';
import { brakesOf, heardOf, type Sighting, type Story, type Written } from './story.ts';

/** What a trial knows that a hub must keep to. */
export type Terms = {
  readonly component: string;
  /** How many people must approve a plan. */
  readonly approvers: number;
  readonly people: ReadonlySet<string>;
  /** Whoever was not heard for longer is unknown. */
  readonly silentAfterMs: Ms;
  /** Text that must be nowhere but where it was put. */
  readonly secrets: readonly string[];
  readonly publicKey: string;
};

type RowCheck = (row: Recorded, story: Story, terms: Terms, written: Written) => string[];

/** Checked for every row before it joins the story, by the name of what must hold. */
export const ROW_CHECKS: Readonly<Record<string, RowCheck>> = {
  'the ledger is a chain': (row, story) => {
    const before = story.rows.findLast((r) => r.fix === row.fix);
    const isNext = row.version === (before?.version ?? 0) + 1 && row.previous === (before?.hash ?? ORIGIN);
    if (!isNext) return [`${at(row)} does not follow version ${before?.version ?? 0}`];
    return row.hash === link(row.previous, row) ? [] : [`${at(row)} does not match its hash`];
  },

  'time is the hub’s own': (row, story, _terms, { now }) => {
    const before = story.rows.findLast((r) => r.fix === row.fix);
    if (row.at !== now) return [`${at(row)} is dated ${row.at}, and it was ${now}`];
    return before && before.at > row.at ? [`${at(row)} is older than the row before it`] : [];
  },

  'every act has its author': (row, _story, { people }, { answer }) => {
    const isHub = row.author === 'fleetfix';
    if (!isHub && !people.has(row.author)) return [`${at(row)} is by ${row.author}, whom nobody knows`];
    if (isHub !== (answer === undefined))
      return [`${at(row)} is by ${row.author}, and its command is not on record`];
    return DECIDED.has(row.event.type) && !isHub && row.event.type !== 'Halted'
      ? [`${at(row)} was decided by ${row.author} and not by a plan`]
      : [];
  },

  'every decision says because': ({ event, ...row }) =>
    DECIDED.has(event.type) &&
    !('because' in event && typeof event.because === 'string' && event.because.trim())
      ? [`${at({ ...row, event })} does not say because`]
      : [],

  'no secret is in the ledger': (row, _story, { secrets }) => {
    const text = JSON.stringify(row);
    return secrets.some((secret) => text.includes(secret)) ? [`${at(row)} holds a secret`] : [];
  },

  'nothing starts while paused or halted': (row, story) => {
    if (row.event.type !== 'TargetsStarted') return [];
    const { paused, halted, strata } = brakesOf(story, row.fix);
    if (paused || halted)
      return [
        `${row.event.targets.length} targets were started while ${row.fix} was ${paused ? 'paused' : 'halted'}`,
      ];
    const stratumOf = new Map(planUnderWay(story, row.fix)?.targets.map((t) => [t.uid, t.stratum]));
    return row.event.targets
      .filter((uid) => strata.includes(stratumOf.get(uid) ?? ''))
      .map((uid) => `${uid} was started while its stratum ${stratumOf.get(uid)} was halted`);
  },

  'no management cluster takes more at once than the plan allows': (row, story) => {
    if (row.event.type !== 'TargetsStarted') return [];
    const plan = planUnderWay(story, row.fix);
    const clusterOf = new Map(plan?.targets.map((t) => [t.uid, t.managementCluster]));
    const told = Object.entries(story.fixes.get(row.fix)?.rollout?.targets ?? {});
    const moving = told
      .filter(([, t]) => t.state === 'starting' || t.state === 'rolling back')
      .map(([uid]) => uid);
    const busy = Map.groupBy(new Set([...moving, ...row.event.targets]), (uid) => clusterOf.get(uid) ?? '?');
    const started = new Set(row.event.targets.map((uid) => clusterOf.get(uid) ?? '?'));
    return [...busy]
      .filter(
        ([name, uids]) => started.has(name) && uids.length > (plan?.pace.inFlightPerManagementCluster ?? 0),
      )
      .map(
        ([name, uids]) =>
          `${uids.length} change at once on ${name}, and the plan allows ${plan?.pace.inFlightPerManagementCluster}`,
      );
  },

  'a decision can be made again from what is on record': (row, story) => {
    if (row.event.type !== 'Decided') return [];
    const plan = planUnderWay(story, row.fix);
    const rollout = story.fixes.get(row.fix)?.rollout;
    if (plan === undefined || rollout === undefined) return [`${at(row)} decides on no rollout`];
    const { because, counts } = stepOf(plan, rollout, row.at);
    const again = canonical({ because, counts });
    const before = canonical({ because: row.event.because, counts: row.event.counts });
    return again === before ? [] : [`${at(row)} was ${before}, and is ${again} when made again`];
  },

  'a plan starts once, approved by others': (row, story, { approvers }) => {
    if (row.event.type !== 'RolloutStarted') return [];
    const { plan: id, hash } = row.event;
    const earlier = story.rows.filter((r) => r.fix === row.fix);
    if (earlier.some((r) => r.event.type === 'RolloutStarted' && r.event.plan === id))
      return [`${id} was started twice`];
    const plan = story.plans.get(id);
    if (plan?.hash !== hash) return [`${id} was started and is not the plan that was kept`];
    const author = earlier[0]?.author;
    const lastNo = earlier.findLastIndex((r) => r.event.type === 'Declined' && r.event.plan === id);
    const yes = earlier.slice(lastNo + 1).filter((r) => r.event.type === 'Approved' && r.event.plan === id);
    const names = new Set(yes.map((r) => r.author).filter((name) => name !== author));
    return names.size >= approvers + moreApprovers(plan)
      ? []
      : [`${id} was started with ${names.size} of ${approvers + moreApprovers(plan)} approvals`];
  },

  'only targets of the started plan are told': (row, story) => {
    const { event } = row;
    if (event.type !== 'TargetsStarted' && event.type !== 'TargetsRolledBack') return [];
    const plan = planUnderWay(story, row.fix);
    const planned = new Set(plan?.targets.map((t) => t.uid));
    return event.targets
      .filter((uid) => !planned.has(uid))
      .map((uid) => `${event.type} names ${uid}, which ${plan?.id ?? 'no plan'} does not`);
  },

  'patched is what was seen': (row, story) => {
    if (row.event.type !== 'TargetsObserved') return [];
    const plan = planUnderWay(story, row.fix);
    return row.event.changes
      .filter(({ to }) => to === 'patched')
      .filter((change) => !isSeenPatched(story, row.fix, change, plan))
      .map(({ uid }) => `${uid} counts as patched, and no report since it was told says so`);
  },

  'coverage adds up and counts only what was seen': (row, story, terms) => {
    const { event } = row;
    if (event.type !== 'Covered' && event.type !== 'RolloutEnded') return [];
    const found = whyMiscounted(event.coverage, { story, fix: row.fix, at: row.at, terms });
    return found.map((because) => `${at(row)}: ${because}`);
  },

  'a later fix keeps an earlier one': (row, story) => {
    if (row.event.type !== 'TargetsStarted') return [];
    const plan = planUnderWay(story, row.fix);
    return row.event.targets.flatMap((uid) => {
      const target = plan?.targets.find((t) => t.uid === uid);
      return target === undefined
        ? []
        : lostFixes(story, target).map((id) => `${uid} is to lose ${id} by ${row.fix}`);
    });
  },
};

/** One more for a budget above the computed one; the hub asks for one more for every doubling. */
const moreApprovers = ({ pace, urgency }: Plan): number => (pace.harmBudget > urgency.computedBudget ? 1 : 0);

/** Events by which the hub decides something about control planes. */
const DECIDED: ReadonlySet<Event['type']> = new Set<Event['type']>([
  'TargetsStarted',
  'TargetsRolledBack',
  'Halted',
  'StagePassed',
  'Decided',
  'RolloutEnded',
]);

const at = (row: Pick<Recorded, 'fix' | 'version' | 'event'>): string =>
  `${row.event.type} (${row.fix}, version ${row.version})`;

export const planUnderWay = (story: Story, fix: FixId): Plan | undefined => {
  const id = story.fixes.get(fix)?.rollout?.plan;
  return id === undefined ? undefined : story.plans.get(id);
};

/** What is wrong with a coverage: its sums, or more that are patched than were lately seen to be. */
export function whyMiscounted(
  c: Coverage,
  {
    story,
    fix,
    at,
    terms,
  }: { readonly story: Story; readonly fix: FixId; readonly at: Instant; readonly terms: Terms },
): string[] {
  const sum = c.patched + c.waiting + c.excluded + c.unknown;
  const percent = c.exposed === 0 ? 100 : Math.floor((100 * c.patched) / c.exposed);
  const since = plus(at, -terms.silentAfterMs);
  const seen = [...story.sightings].filter(
    ([uid, all]) => (heardOf(story, uid) ?? '') >= since && all.some((one) => runsFix(story, fix, one)),
  );
  return [
    ...(sum === c.exposed ? [] : [`${c.exposed} are exposed, and ${sum} are accounted for`]),
    ...(percent === c.percent ? [] : [`${c.percent} % are said to be patched, and ${percent} % are`]),
    ...(c.patched > seen.length ? [`${c.patched} patched, and ${seen.length} were seen to be lately`] : []),
  ];
}

function runsFix(story: Story, fix: FixId, { plane }: Sighting): boolean {
  const component = story.fixes.get(fix)?.component ?? '';
  const digest = plane.components[component]?.digest;
  return digest !== undefined && story.images.get(digest)?.fixes.includes(fix) === true;
}

/** Whether any of what was known when it was decided shows it on the fix since it was told, and well on the plan's image. */
function isSeenPatched(
  story: Story,
  fix: FixId,
  { uid, ill }: TargetChange,
  plan: Plan | undefined,
): boolean {
  const told = story.fixes.get(fix)?.rollout?.targets[uid];
  const digest = plan?.targets.find((t) => t.uid === uid)?.digest;
  const component = story.fixes.get(fix)?.component ?? '';
  return (story.sightings.get(uid) ?? []).some((seen) => {
    const { plane } = seen;
    // Ill and said to be so, or broken by the incident before. What a later fix's image does is not this one's doing.
    const isWell = plane.unhealthy === undefined || ill === true || told?.burned === true;
    const isOn = plane.components[component]?.digest === digest ? isWell : runsFix(story, fix, seen);
    const heardAt = heardOf(story, uid);
    return isOn && told !== undefined && heardAt !== undefined && heardAt >= told.toldAt;
  });
}

/** Fixes that run there and are not in the image it is to have, unless they are given up or in its release. */
function lostFixes(
  story: Story,
  target: { readonly uid: Uid; readonly digest: Digest; readonly component: string },
) {
  const next = story.images.get(target.digest);
  const seen = story.sightings.get(target.uid)?.at(-1);
  const runs = seen?.plane.components[target.component]?.digest;
  const has = (runs && story.images.get(runs)?.fixes) || [];
  return has.filter((id) => !next?.fixes.includes(id) && !isGivenUp(story.fixes.get(id), next?.release));
}

function isGivenUp(fix: Fix | undefined, release: string | undefined): boolean {
  if (fix === undefined || fix.closed !== undefined || fix.rollout?.halted !== undefined) return true;
  return Object.values(fix.lines).some(
    (l) => l.line.release === release && (l.assembly?.outcome === 'contained' || l.notAffected !== undefined),
  );
}
