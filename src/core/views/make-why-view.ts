import { clockText, durationText, type Instant, msBetween } from '../base/instant.ts';
import { type ControlPlane, isSilent } from '../fleet/control-plane.ts';
import { isRetiring } from '../life/evolve.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix } from '../life/fix.ts';
import { retire } from '../life/retire.ts';
import { standings } from '../life/scope-of.ts';
import { convergeBy } from '../rollout/observe.ts';
import type { ObservedTarget } from '../rollout/observed.ts';
import type { Waiting } from '../rollout/step.ts';
import type { FixView, LineView } from './fix-view.ts';
import { isLeft } from './lines-now.ts';
import { type Looked, lookAt } from './looked.ts';
import { makeFixView } from './make-fix-view.ts';
import type { WhyLabel, WhyView } from './why-view.ts';

type Fact = WhyView['facts'][number];
const fact = (label: WhyLabel, text: string): Fact => ({ label, text });

/** What a fix waits for, since when, who can end it and when it ends by itself. */
export function makeWhyView(fix: Fix, facts: Facts, now: Instant): WhyView {
  const view = makeFixView(fix, facts, now);
  const looked = lookAt(fix, facts, now);
  const going = machinesAt(view);
  const because = isRetiring(fix)
    ? retire(fix, facts, now).because
    : looked && fix.rollout?.endedAt === undefined
      ? looked.step.because
      : (going ?? view.headline);
  const wait: Waiting | undefined = view.waits[0];
  const need = view.needs[0];
  const rows: Fact[] = [fact('because', because)];
  if (wait)
    rows.push(
      fact('since', `${clockText(wait.since, now)}, ${durationText(msBetween(wait.since, now))} ago`),
    );
  else if (need)
    rows.push(
      fact('since', `${clockText(need.since, now)}, ${durationText(msBetween(need.since, now))} ago`),
    );
  rows.push(fact('ends', endsText(wait, { command: need?.command, isGoing: going !== undefined }, now)));
  rows.push(fact('who', need ? `${need.who}: ${need.what}` : 'nobody is needed'));
  for (const other of view.needs.slice(1))
    rows.push(fact('who', `${other.who}: ${other.what} → ${other.command}`));
  rows.push(fact('not because', notBecause(fix, view.health.kind)));
  return { fix: fix.id, headline: `${fix.id}: ${view.headline}`, facts: rows };
}

/** What machines are at, where the headline has the state alone: that says how far it is, and not why it is there. */
function machinesAt({ headline, state, lines, next }: FixView): string | undefined {
  if (headline.toLowerCase() !== state) return undefined;
  const inUse = lines.filter((line) => line.prepared === undefined && !isLeft(line));
  const named = (some: readonly LineView[]) => some.map(({ line }) => line).join(', ');
  const is = ({ length }: readonly unknown[]) => (length === 1 ? 'is' : 'are');
  const assembled = inUse.filter(({ outcome }) => outcome === 'waiting');
  const built = inUse.filter(({ build }) => build === 'running' || build === 'waiting');
  const run = inUse.flatMap(({ line, gates }) =>
    gates.filter(({ blocks, state: at }) => blocks && at === 'missing').map(({ gate }) => ({ gate, line })),
  );
  const at = [
    ...(assembled.length > 0 ? [`${named(assembled)} ${is(assembled)} being assembled`] : []),
    ...(built.length > 0 ? [`the image of ${named(built)} is being built`] : []),
    ...[...Map.groupBy(run, ({ gate }) => gate)].map(
      ([gate, all]) => `no verdict of ${gate} yet on ${all.map(({ line }) => line).join(', ')}`,
    ),
  ];
  return at.length > 0 ? at.join('; ') : next.text;
}

function endsText(
  wait: Waiting | undefined,
  { command, isGoing }: { readonly command: string | undefined; readonly isGoing: boolean },
  now: Instant,
): string {
  if (wait?.endsAt !== undefined) return `at ${clockText(wait.endsAt, now)}, by itself`;
  if (wait?.whoCan.length === 0) return 'when the reports come in';
  if (command !== undefined) return `when someone acts: ${command}`;
  if (isGoing) return 'by itself, when that is done';
  return wait ? 'when the reports come in' : 'nothing is waited for';
}

/** What was looked at and is not in the way. */
function notBecause(fix: Fix, health: string): string {
  const no: string[] = [];
  if (!fix.rollout?.paused) no.push('pause');
  if (!fix.rollout?.halted && !fix.rollout?.haltedStrata.length) no.push('halt');
  if (health !== 'worse') no.push('health');
  if (fix.approved || fix.rollout) no.push('approval');
  return no.join(', ');
}

/** The same for one control plane; undefined when there is no such control plane. */
export function makeTargetWhyView(fix: Fix, name: string, facts: Facts, now: Instant): WhyView | undefined {
  const plane = facts.fleet.find((p) => p.name === name || p.uid === name);
  if (plane === undefined) return undefined;
  const looked = lookAt(fix, facts, now);
  const seen = looked?.observed.find((t) => t.uid === plane.uid);
  const standing = standings(fix, { ...facts, fleet: [plane] }, now)[0]!;
  const who = `${plane.name} (${plane.customer}, ${plane.version}, ${plane.managementCluster})`;
  const state = seen && seen.state !== 'waiting' ? stateWord(seen) : standing.standing.toUpperCase();
  const told = fix.rollout?.targets[plane.uid];
  const toldText = told ? `told to start at ${clockText(told.toldAt, now)}, ` : '';
  const rows =
    seen && looked
      ? seen.state === 'waiting' && isOver(fix)
        ? leftFacts(fix, plane, standing.because, seen)
        : targetFacts(fix, plane, seen, looked, now)
      : unplannedFacts(fix, plane, standing, looked);
  const silent = isSilent(plane, facts.policy.silentAfterMs, now);
  const heard = silent
    ? 'nothing heard since'
    : `last heard ${durationText(msBetween(plane.reportedAt, now))} ago`;
  return {
    fix: fix.id,
    target: plane.name,
    headline: `${who} is ${state}: ${toldText}${heard}`,
    facts: rows,
  };
}

const stateWord = (seen: ObservedTarget): string =>
  seen.state === 'silent' ? 'UNKNOWN' : seen.state.toUpperCase();

/** Of one that no wave holds: why not, and what would bring it the fix while it still lacks it. */
function unplannedFacts(
  fix: Fix,
  plane: ControlPlane,
  { standing, because }: { readonly standing: string; readonly because: string },
  looked: Looked | undefined,
): Fact[] {
  const left = looked?.plan.leftOut.find((l) => l.uid === plane.uid);
  if (left === undefined && standing !== 'exposed') return [fact('because', because)];
  const why = left
    ? `left out of plan ${looked!.plan.id}: ${left.because}`
    : looked
      ? `${because}; it is not in plan ${looked.plan.id}, which was made before it was exposed`
      : because;
  if (standing !== 'exposed') return [fact('because', why)];
  return [
    fact('because', why),
    fact('ends', `with ${looked ? 'a new' : 'a'} plan, or: ${excludeText(fix, plane)}`),
    fact('who', 'operator or on-call'),
  ];
}

/** Nothing starts by itself any more. */
const isOver = ({ coveredAt, rollout }: Fix): boolean =>
  coveredAt !== undefined || rollout?.endedAt !== undefined;

/** Of one that the plan held, lacked by now, or never reached: only people bring it the fix. */
const leftFacts = (fix: Fix, plane: ControlPlane, because: string, { hold }: ObservedTarget): Fact[] => [
  fact('because', hold === undefined ? because : `${because}; ${hold}`),
  fact('ends', `with a new plan, or: ${excludeText(fix, plane)}`),
  fact('who', 'operator or on-call'),
];

const excludeText = (fix: Fix, plane: ControlPlane): string =>
  `fleetfix exclude ${fix.id} --target ${plane.name} --until TIME --reason TEXT`;

function targetFacts(
  fix: Fix,
  plane: ControlPlane,
  seen: ObservedTarget,
  looked: Looked,
  now: Instant,
): Fact[] {
  const { limits } = looked.plan;
  const exclude = excludeText(fix, plane);
  const ago = durationText(msBetween(plane.reportedAt, now));
  switch (seen.state) {
    case 'silent':
      return [
        fact(
          'because',
          `agent on ${plane.managementCluster} has not reported for ${ago} (limit ${durationText(limits.silentAfterMs)})`,
        ),
        fact('ends', `when it reports, or: ${exclude}`),
        fact('who', 'operator or on-call'),
        fact('blocks', blocksText(looked)),
        fact('not because', 'policy, freeze, approval, health'),
      ];
    case 'waiting':
      return [
        fact(
          'because',
          seen.hold ??
            (looked.step.wait[0]
              ? `it is not its turn yet: ${looked.step.wait[0].for}`
              : looked.step.because),
        ),
        fact('ends', seen.hold ? `when that is over, or: ${exclude}` : 'when there is room for it'),
      ];
    case 'starting':
      return [
        fact('because', 'it is changing images'),
        fact(
          'ends',
          `when it runs the image, or counts as failed at ${clockText(convergeBy(seen.since, looked.plan), now)}`,
        ),
      ];
    case 'failed':
    case 'rolled back':
    case 'rolling back':
      return [
        fact('because', seen.because ?? 'it failed'),
        fact('since', `${clockText(seen.since, now)}, ${durationText(msBetween(seen.since, now))} ago`),
        fact('ends', `with a new plan, or: ${exclude}`),
        fact('who', 'engineer or operator'),
      ];
    default:
      return [
        fact('because', seen.because ?? `${seen.state} since ${clockText(seen.since, now)}`),
        fact('ends', 'nothing is waited for'),
      ];
  }
}

function blocksText(looked: Looked): string {
  const silent = looked.observed.filter((t) => t.state === 'silent').length;
  const max = looked.plan.limits.unknownMax;
  const stage = looked.plan.stages[looked.open]?.name ?? 'the rest';
  return silent <= max
    ? `nothing but its own share of the budget: ${stage} may end with up to ${max} unknown (policy ${looked.plan.policy})`
    : `the end of ${stage}: ${silent} are unknown, the policy ${looked.plan.policy} allows ${max}`;
}
