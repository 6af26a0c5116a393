import { clockText, durationText, type Instant, msBetween } from '../../core/base/instant.ts';
import type { CoverageView, FixView, Need, StageView } from '../../core/views/fix-view.ts';
import { clean, ink, type Paper, pair, screen, soonText, tint } from './paper.ts';
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
      ...(view.waves.length === 0 ? [] : ['', ...waves(view, now, paper)]),
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
    pair(`Health    ${healthText(view, paper)}`, view.health.because, paper),
    pair(`Next      ${at}${next.text}`, unless, paper),
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

function coverageMore({ coverage, waves }: FixView): string {
  const parts = [
    waves.length > 0 && `+${coverage.patchedLastHour} in the last hour`,
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

/** There is no control cohort to compare with yet: the verdict is a count held against the plan's limits. */
function healthText({ health }: FixView, paper: Paper): string {
  if (health.kind === 'worse') return ink(paper, 'red', 'patched WORSE than the limits allow');
  return health.kind === 'not worse'
    ? `patched ${tint(paper, health.kind)} than the limits allow`
    : health.kind;
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

/** The waves of a rollout, one a line. Counts of a wave that has not begun are dashes, not zeros. */
export function waves(view: FixView, now: Instant, paper: Paper): string[] {
  const hasRolledBack = paper.wide || view.waves.some((wave) => wave.rolledBack > 0);
  return table(
    [
      { title: 'WAVE' },
      { title: 'TARGETS' },
      { title: 'DONE' },
      ...(paper.wide ? [{ title: 'IN FLIGHT' }] : []),
      { title: 'FAILED' },
      { title: 'UNKNOWN' },
      ...(hasRolledBack ? [{ title: 'ROLLED BACK' }] : []),
      { title: 'STATE', min: 15 },
      { title: 'SINCE' },
    ],
    view.waves.map((wave) => {
      const count = (n: number) => (wave.state === 'waiting' ? '-' : String(n));
      return [
        String(wave.wave),
        String(wave.targets),
        count(wave.done),
        ...(paper.wide ? [count(wave.inFlight)] : []),
        wave.failed > 0 ? ink(paper, 'red', count(wave.failed)) : count(wave.failed),
        count(wave.unknown),
        ...(hasRolledBack ? [count(wave.rolledBack)] : []),
        tint(paper, wave.state),
        wave.since && wave.state !== 'waiting' ? durationText(msBetween(wave.since, now)) : '',
      ];
    }),
    paper,
  );
}

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
