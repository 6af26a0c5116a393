import { clockText, durationText, type Instant, msBetween, plus } from '../../core/base/instant.ts';
import type { CoverageView, FixView, Need, RolloutRow, StageView } from '../../core/views/fix-view.ts';
import { pace } from './pace.ts';
import { clean, ink, many, type Paper, pair, screen, soonText, tint } from './paper.ts';
import { table } from './table.ts';

/** The first screen of a fix. Ages count to `paper.now`, or to when the view was made. */
export function renderStatus(fix: FixView, paper: Paper): string {
  const view = clean(fix);
  const now = paper.now ?? view.at;
  return screen(
    [
      ...head(view, paper),
      '',
      ...facts(view, now, paper),
      '',
      ...(view.needs.length === 0 ? [] : [...needs(view.needs, now, paper), '']),
      ...stages(view, now, paper),
      ...(view.rollout.length === 0 ? [] : ['', ...rollout(view, now, paper)]),
      ...(view.insights.length === 0 ? [] : ['', ...insights(view, now, paper)]),
    ],
    paper,
  );
}

/** The two lines that name a fix and say where it is; also the preview of small acts. */
export function head(view: FixView, paper: Paper): string[] {
  const about = [ink(paper, view.severity === 'critical' ? 'red' : 'yellow', view.severity), view.incident];
  // The flag is said once, by the headline or before it.
  const isSaid = /halted|paused/i.test(view.headline);
  const flag = isSaid ? '' : view.halted ? 'HALTED · ' : view.paused ? 'PAUSED · ' : '';
  return [
    pair(
      `${ink(paper, 'bold', view.id)}  ${view.title}`,
      [...about, `lead @${view.author}`].filter((part) => part !== undefined).join(' · '),
      paper,
    ),
    pair(`${ink(paper, 'yellow', flag)}${view.headline}`, whoAndBrake(view), paper),
  ];
}

function whoAndBrake(view: FixView): string {
  const who = [...new Set(view.needs.map((need) => need.who))];
  const needed = who.length === 0 ? 'nobody is needed' : `needs ${who.join(' and ')}`;
  return view.brake && !view.paused ? `${needed} · brake: ${view.brake}` : needed;
}

function facts(view: FixView, now: Instant, paper: Paper): string[] {
  const { next } = view;
  const at = next.at ? `${soonText(next.at, now)} ` : '';
  // `paused, or worse` is a condition; `nothing moves by itself` is a sentence of its own.
  const isSentence = next.unless === '' || /^(nothing|unless|only)\b/.test(next.unless);
  const unless = isSentence ? next.unless : `unless ${next.unless}`;
  return [
    pair(`Coverage  ${coveredText(view.coverage)}`, coverageMore(view), paper),
    pair(`Clock     ${clockLeft(view)}`, clockRight(view, now), paper),
    ...promise(view, now, paper),
    pair(`Health    ${healthText(view, paper)}`, healthBecause(view), paper),
    ...pace(view, paper),
    pair(`Next      ${at}${next.text}`, unless, paper),
  ];
}

/** What the incident has used of the promised availability; nothing where none is promised. */
function promise({ slo, coverage }: FixView, now: Instant, paper: Paper): string[] {
  if (slo === undefined || coverage.exposed === 0) return [];
  const each = `each may be down ${durationText(slo.budgetMs)}`;
  const left =
    slo.leftMs > 0
      ? `${durationText(slo.leftMs)} left, until ${clockText(plus(now, slo.leftMs), now)}`
      : ink(paper, 'red', `BROKEN for ${durationText(slo.burntMs - slo.budgetMs)}`);
  return [
    pair(
      `Promise   ${slo.burning} burn, ${Number((slo.target * 100).toFixed(4))} % promised: ${left}`,
      each,
      paper,
    ),
  ];
}

export function coveredText(coverage: CoverageView): string {
  if (coverage.exposed > 0)
    return `${coverage.patched} of ${coverage.exposed} exposed control planes patched (${coverage.percent}%)`;
  const others = [
    coverage.native > 0 && `${coverage.native} native`,
    coverage.unaffected > 0 && `${coverage.unaffected} unaffected`,
  ];
  return ['nothing is exposed', others.filter((part) => part !== false).join(', ')]
    .filter((p) => p)
    .join(': ');
}

function coverageMore({ coverage, rollout: rows }: FixView): string {
  const parts = [
    rows.length > 0 && `+${coverage.patchedLastHour} in the last hour`,
    coverage.unknown > 0 && `${coverage.unknown} unknown`,
    coverage.excluded > 0 && `${coverage.excluded} excluded by name`,
    coverage.notInPlan > 0 && `${coverage.notInPlan} not in the plan`,
  ];
  return parts.filter((part) => part !== false).join(' · ');
}

function clockLeft({ clock }: FixView): string {
  const target = `target ${durationText(clock.targetMs)} (${soonText(clock.dueAt, clock.declaredAt)})`;
  if (clock.coveredAt)
    return `covered ${durationText(msBetween(clock.declaredAt, clock.coveredAt))} after declared, ${target}`;
  return `${durationText(clock.elapsedMs)} since declared, ${target}`;
}

function clockRight(view: FixView, now: Instant): string {
  const { clock, state } = view;
  const against = (at: Instant) => {
    const early = msBetween(at, clock.dueAt);
    return early >= 0 ? `${durationText(early)} early` : `${durationText(-early)} late`;
  };
  if (clock.coveredAt) return `covered at ${clockText(clock.coveredAt, now)}, ${against(clock.coveredAt)}`;
  if (state === 'closed' || state === 'withdrawn') return 'stopped';
  if (clock.expectedAt) {
    const assessment = clock.expectedAt <= clock.dueAt ? 'on track' : 'behind';
    return `${assessment}: covered about ${soonText(clock.expectedAt, now)}, ${against(clock.expectedAt)}`;
  }
  if (now > clock.dueAt) return `over the target by ${durationText(msBetween(clock.dueAt, now))}`;
  if (view.halted) return 'not by this plan: it was halted';
  return view.paused ? 'nothing is expected while it is paused' : 'too early to say when it will be covered';
}

function healthText({ health, halted, haltedStrata }: FixView, paper: Paper): string {
  const where = halted || haltedStrata.length === 0 ? '' : ` in ${haltedStrata.join(', ')}`;
  if (health.kind === 'worse') return ink(paper, 'red', `patched WORSE than the unpatched${where}`);
  return health.kind === 'not worse' ? `patched ${tint(paper, health.kind)} than the unpatched` : health.kind;
}

/** The figures of the evidence have a line of their own; beside the verdict stands what was counted. */
function healthBecause({ health, pace: now }: FixView): string {
  if (health.kind === 'worse' || now === undefined || now.treated + now.failed === 0) return health.because;
  return `${now.failed} broke, ${many(now.controls, 'control plane')} to compare with`;
}

export function needs(list: readonly Need[], now: Instant, paper: Paper): string[] {
  return table(
    [{ title: 'NEEDS' }, { title: 'SINCE' }, { title: 'WHAT' }],
    list.map((need) => [
      ink(paper, 'yellow', need.who),
      durationText(msBetween(need.since, now)),
      `${need.what} → ${need.command}`,
    ]),
    paper,
  );
}

function stages(view: FixView, now: Instant, paper: Paper): string[] {
  // Retirement is not part of getting covered; it shows once it has begun.
  const shown = view.stages.filter((stage) => stage.stage !== 'retirement' || stage.state !== 'waiting');
  return table(
    [
      { title: 'STAGE' },
      { title: 'STATE', min: 7 },
      { title: 'TOOK', min: 5 },
      { title: 'TARGET' },
      ...(paper.wide ? [{ title: 'MACHINE' }, { title: 'PEOPLE' }] : []),
      { title: 'BY' },
    ],
    shown.map((stage) => [
      stage.stage,
      tint(paper, stage.state),
      tookText(stage, now, paper),
      stage.targetMs === undefined ? '-' : durationText(stage.targetMs),
      ...(paper.wide ? [durationText(stage.machineMs), durationText(stage.peopleMs)] : []),
      stage.by,
    ]),
    paper,
  );
}

function tookText(stage: StageView, now: Instant, paper: Paper): string {
  const ms = stage.tookMs ?? (stage.startedAt ? msBetween(stage.startedAt, stage.endedAt ?? now) : undefined);
  if (ms === undefined) return '-';
  const isOver = stage.targetMs !== undefined && ms > stage.targetMs;
  return isOver ? ink(paper, 'red', durationText(ms)) : durationText(ms);
}

/** The rows of a rollout: those that burned, the one-box, the stages. Counts of what has not begun are dashes, not zeros. */
export function rollout(view: FixView, now: Instant, paper: Paper): string[] {
  const rows = shownRows(view.rollout);
  const hasRolledBack = paper.wide || rows.some((row) => row.rolledBack > 0);
  return table(
    [
      { title: 'STAGE' },
      { title: 'TARGETS' },
      { title: 'DONE' },
      ...(paper.wide ? [{ title: 'IN FLIGHT' }] : []),
      { title: 'FAILED' },
      { title: 'UNKNOWN' },
      ...(hasRolledBack ? [{ title: 'ROLLED BACK' }] : []),
      { title: 'STATE', min: 15 },
      { title: 'SINCE' },
    ],
    rows.map((row) => {
      const count = (n: number) => (row.state === 'waiting' ? '-' : String(n));
      return [
        row.name,
        String(row.targets),
        count(row.done),
        ...(paper.wide ? [count(row.inFlight)] : []),
        row.failed > 0 ? ink(paper, 'red', count(row.failed)) : count(row.failed),
        count(row.unknown),
        ...(hasRolledBack ? [count(row.rolledBack)] : []),
        stateText(row, paper),
        row.since && row.state !== 'waiting' ? durationText(msBetween(row.since, now)) : '',
      ];
    }),
    paper,
  );
}

/** A stage passes without those that are held: that says nothing of them, and must not be read as if it did. */
function stateText({ state, held = 0, targets }: RolloutRow, paper: Paper): string {
  if (state !== 'passed' || held === 0) return tint(paper, state);
  return held === targets
    ? ink(paper, 'yellow', 'passed over: all held')
    : tint(paper, `${state}, ${held} held`);
}

/** Without people's stages the one stage of a plan says nothing once all of it is in the rows above. */
const shownRows = (rows: readonly RolloutRow[]): readonly RolloutRow[] =>
  rows.filter((row) => row.targets > 0 || row.name !== 'all');

function insights(view: FixView, now: Instant, paper: Paper): string[] {
  return table(
    [{ title: 'SINCE' }, { title: 'LEVEL', min: 7 }, { title: 'IMPACT', min: 9 }, { title: 'MESSAGE' }],
    view.insights.map((insight) => [
      durationText(msBetween(insight.since, now)),
      tint(paper, insight.level),
      insight.impact,
      insight.remedy ? `${insight.message} → ${insight.remedy}` : insight.message,
    ]),
    paper,
  );
}
