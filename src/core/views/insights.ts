import { clockText, durationText, type Instant, msBetween } from '../base/instant.ts';
import type { PlaneStanding } from '../coverage/coverage.ts';
import type { Debt } from '../life/debts.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix } from '../life/fix.ts';
import { planesByUid } from '../life/scope-of.ts';
import { debtInsights, shadowInsights } from './debts.ts';
import type { ClockView, Insight } from './fix-view.ts';
import type { Looked } from './looked.ts';

type Seen = {
  readonly seen: readonly PlaneStanding[];
  readonly looked: Looked | undefined;
  readonly clock: ClockView;
  readonly now: Instant;
  readonly debts: readonly Debt[];
};

/** What a reader should know beyond the numbers, worst first; none is without a remedy. */
export function insightsOf(fix: Fix, facts: Facts, seen: Seen): Insight[] {
  if (fix.closed) return [];
  const rank = { error: 0, warning: 1, info: 2 };
  return [
    ...silence(fix, facts, seen),
    ...leftOut(fix, seen),
    ...failures(fix, seen),
    ...late(fix, seen),
    ...waivers(fix, seen),
    ...debtInsights(fix, seen.debts, seen.now),
    ...shadowInsights(fix, facts, seen.now),
  ].sort((a, b) => rank[a.level] - rank[b.level] || (a.since < b.since ? -1 : 1));
}

function silence(fix: Fix, facts: Facts, { looked }: Seen): Insight[] {
  const silent = looked?.observed.filter((t) => t.state === 'silent') ?? [];
  if (!looked || silent.length === 0) return [];
  const planes = planesByUid(facts.fleet);
  const names = silent.map((t) => planes.get(t.uid)).filter((p) => p !== undefined);
  const clusters = [...new Set(names.map((p) => p.managementCluster))].sort();
  const since = silent.map((t) => t.since).reduce((a, b) => (a < b ? a : b));
  return [
    {
      since,
      level: 'warning',
      impact: 'coverage',
      message: `${silent.length} targets told and not reported: agent silent on ${clusters.slice(0, 3).join(', ')}${clusters.length > 3 ? ` and ${clusters.length - 3} more` : ''}`,
      remedy: `fleetfix why ${fix.id} --target ${names[0]?.name ?? silent[0]!.uid}`,
    },
  ];
}

function leftOut(fix: Fix, { looked }: Seen): Insight[] {
  if (!looked || looked.plan.leftOut.length === 0 || fix.rollout?.endedAt) return [];
  const counts = countBy(looked.plan.leftOut.map((l) => l.because));
  const parts = counts.map(([because, n]) => `${n} ${because}`).join(', ');
  return [
    {
      since: looked.plan.at,
      level: 'info',
      impact: 'exposure',
      message: `${looked.plan.leftOut.length} exposed control planes are not in the plan: ${parts}`,
      remedy: `fleetfix get targets --for ${fix.id} --not-in-plan`,
    },
  ];
}

function failures(fix: Fix, { looked }: Seen): Insight[] {
  const broke = looked?.observed.filter((t) => t.broke || t.state === 'failed') ?? [];
  if (broke.length === 0) return [];
  const counts = countBy(broke.map((t) => t.because ?? 'failed'));
  const since = broke.map((t) => t.since).reduce((a, b) => (a < b ? a : b));
  return [
    {
      since,
      level: fix.rollout?.halted ? 'error' : 'warning',
      impact: 'health',
      message: `${broke.length} failed: ${counts.map(([because, n]) => `${n} ${because}`).join(', ')}`,
      remedy: `fleetfix get targets --for ${fix.id} --state failed,rolling-back,rolled-back`,
    },
  ];
}

function late(fix: Fix, { clock, now }: Seen): Insight[] {
  if (fix.coveredAt || clock.dueAt > now) return [];
  return [
    {
      since: clock.dueAt,
      level: 'warning',
      impact: 'clock',
      message: `past its target of ${durationText(clock.targetMs)} since declared by ${durationText(msBetween(clock.dueAt, now))}`,
      remedy: `fleetfix why ${fix.id}`,
    },
  ];
}

function waivers(fix: Fix, { now }: Seen): Insight[] {
  return fix.waivers.map((w) => ({
    since: w.at,
    level: w.expiresAt <= now ? ('warning' as const) : ('info' as const),
    impact: 'proof' as const,
    message: `gate ${w.gate} WAIVED by ${w.by} until ${clockText(w.expiresAt, now)}: ${w.reason}`,
    remedy: `fleetfix get evidence --for ${fix.id}`,
  }));
}

/** Counts equal texts, most frequent first. */
export function countBy(texts: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}
