import { Alert } from '@patternfly/react-core/dist/dynamic/components/Alert';
import {
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
} from '@patternfly/react-core/dist/dynamic/components/DescriptionList';
import { Tr } from '@patternfly/react-table/dist/dynamic/components/Table';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { msBetween } from '../../../src/core/base/instant.ts';
import type { FixView, Insight, LineView } from '../../../src/core/views/fix-view.ts';
import { StageClocks } from '../charts/stage-clocks.tsx';
import { ActList } from '../parts/act-list.tsx';
import { ClockBar, CoverageBar } from '../parts/bars.tsx';
import { Cell } from '../parts/cell.tsx';
import { Checklist } from '../parts/checklist.tsx';
import { Gates } from '../parts/gates.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { Part } from '../parts/part.tsx';
import { clockLine, coverageText, forecastLine, unlessText } from '../parts/sentences.ts';
import { sloSaid } from '../parts/slo-text.ts';
import { toneClass } from '../parts/state-mark.tsx';
import { VerdictText } from '../parts/verdict.tsx';
import { agoText, clockText, durationText } from '../words.ts';

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <DescriptionListGroup>
      <DescriptionListTerm>{term}</DescriptionListTerm>
      <DescriptionListDescription>
        <div className="ff-fact">{children}</div>
      </DescriptionListDescription>
    </DescriptionListGroup>
  );
}

/** The parts of coverage that are not in its sentence, each a link to the list behind it. */
function CoverageMore({ view }: { view: FixView }) {
  const c = view.coverage;
  const link = (n: number, word: string, search: { standing?: string; plan?: 'out' }) => (
    <Link to="/fixes/$id/$tab" params={{ id: view.id, tab: 'rollout' }} search={{ view: 'table', ...search }}>
      {n.toLocaleString('en')} {word}
    </Link>
  );
  return (
    <span className="ff-row-facts">
      {c.patchedLastHour === 0 ? null : (
        <span>+{c.patchedLastHour.toLocaleString('en')} in the last hour</span>
      )}
      {link(c.unknown, 'unknown', { standing: 'unknown' })}
      {link(c.notInPlan, 'not in the plan', { plan: 'out' })}
      {c.excluded === 0 ? null : link(c.excluded, 'excluded', { standing: 'excluded' })}
      {c.native === 0 ? null : link(c.native, 'native', { standing: 'native' })}
      {c.unaffected === 0 ? null : link(c.unaffected, 'unaffected', { standing: 'unaffected' })}
    </span>
  );
}

/** What the incident leaves of the availability that is promised: loud when nothing is left. */
function Promised({ view }: { view: FixView }) {
  const said = sloSaid(view);
  if (said === undefined || view.slo === undefined) return null;
  const { burntMs, budgetMs, burning } = view.slo;
  return (
    <Fact term="Promise">
      <span>{said.used}</span>
      {burning === 0 ? null : <ClockBar clock={{ elapsedMs: burntMs, targetMs: budgetMs }} />}
      {said.tone === 'danger' ? (
        <Alert isInline isPlain variant="danger" title={said.left} component="p" />
      ) : (
        <span className={toneClass(said.tone)}>{said.left}</span>
      )}
      {burning === 0 ? null : (
        <span className="ff-subtle">
          Those that burn are taken to be down since the fix was declared; since when they really are is not
          known.
        </span>
      )}
    </Fact>
  );
}

function Facts({ view }: { view: FixView }) {
  const forecast = forecastLine(view);
  return (
    <DescriptionList isHorizontal isCompact horizontalTermWidthModifier={{ default: '10ch' }}>
      <Fact term="Coverage">
        <span>{coverageText(view.coverage)}</span>
        <CoverageBar coverage={view.coverage} />
        <CoverageMore view={view} />
      </Fact>
      <Fact term="Clock">
        <span>{clockLine(view.clock, view.at)}</span>
        <ClockBar clock={view.clock} />
        <span className={forecast.late ? 'ff-tone-danger' : ''}>{forecast.text}</span>
      </Fact>
      <Promised view={view} />
      <Fact term="Health">
        <VerdictText verdict={view.health} />
        {view.pace === undefined ? null : (
          <Link to="/fixes/$id/$tab" params={{ id: view.id, tab: 'rollout' }}>
            What the evidence is made of
          </Link>
        )}
      </Fact>
      <Fact term="Next">
        <span>
          {view.next.at === undefined ? '' : `${clockText(view.next.at, view.at)} `}
          {view.next.text}
          {view.next.unless === '' ? null : (
            <span className="ff-subtle"> · {unlessText(view.next.unless)}</span>
          )}
        </span>
      </Fact>
      {view.symptom === undefined ? null : (
        <Fact term="Symptom">
          <span>
            {view.symptom}{' '}
            <span className="ff-subtle">
              control planes reported with these words are broken by the incident, and get the fix first
            </span>
          </span>
        </Fact>
      )}
      <Fact term="Reason">{view.reason}</Fact>
    </DescriptionList>
  );
}

const LEVELS = {
  error: { glyph: '✖\uFE0E', tone: 'ff-tone-danger' },
  warning: { glyph: '!', tone: 'ff-tone-warning' },
  info: { glyph: 'i', tone: 'ff-tone-info' },
} as const;

function InsightRow({ insight, view }: { insight: Insight; view: FixView }) {
  const level = LEVELS[insight.level] ?? LEVELS.info;
  return (
    <Tr>
      <Cell label="Since">{durationText(msBetween(insight.since, view.at))}</Cell>
      <Cell label="Level">
        <span className="ff-nowrap">
          <strong aria-hidden className={`ff-glyph ${level.tone}`}>
            {level.glyph}
          </strong>{' '}
          {insight.level}
        </span>
      </Cell>
      <Cell label="Impact">{insight.impact}</Cell>
      <Cell label="Message">
        {insight.message} <code className="ff-remedy">{insight.remedy}</code>
      </Cell>
    </Tr>
  );
}

function Insights({ view }: { view: FixView }) {
  if (view.insights.length === 0) return <p className="ff-subtle">Nothing stands out.</p>;
  return (
    <ListTable label="What stands out" columns={['Since', 'Level', 'Impact', 'Message and remedy']}>
      {view.insights.map((insight) => (
        <InsightRow key={`${insight.impact} ${insight.message}`} insight={insight} view={view} />
      ))}
    </ListTable>
  );
}

function Waits({ view }: { view: FixView }) {
  if (view.waits.length === 0) return <p className="ff-subtle">It waits for nothing.</p>;
  return (
    <ul className="ff-plain-list">
      {view.waits.map((wait) => (
        <li key={`${wait.for} ${wait.since}`}>
          <strong>{wait.for}</strong>
          <div className="ff-subtle">
            since {agoText(wait.since, view.at)}
            {wait.endsAt === undefined
              ? ' · does not end by itself'
              : ` · ends ${agoText(wait.endsAt, view.at)}`}
            {wait.whoCan.length === 0 ? '' : ` · who can end it: ${wait.whoCan.join(', ')}`}
          </div>
        </li>
      ))}
    </ul>
  );
}

function gatesText(line: LineView): string {
  const counts = new Map<string, number>();
  for (const gate of line.gates) counts.set(gate.state, (counts.get(gate.state) ?? 0) + 1);
  return [...counts].map(([state, n]) => `${n} ${state}`).join(', ');
}

function LineRow({ line }: { line: LineView }) {
  return (
    <Tr>
      <Cell label="Line">{line.line}</Cell>
      <Cell label="Targets">
        {line.targets.toLocaleString('en')}
        {line.prepared === undefined ? null : (
          <div className="ff-subtle">prepared by {line.prepared.by}, no control plane is on it yet</div>
        )}
      </Cell>
      <Cell label="Change">
        {line.outcome} <span className="ff-subtle">{line.because}</span>
        {line.conflicts.length === 0 ? null : (
          <div className="ff-tone-danger">
            {line.conflicting} · {line.conflicts.map((c) => `${c.path} (${c.kind})`).join(', ')}
          </div>
        )}
      </Cell>
      <Cell label="Build">{line.build}</Cell>
      <Cell label="Gates">{gatesText(line)}</Cell>
      <Cell label="Image">
        {line.digest === undefined ? '' : <code title={line.digest}>{line.digest.slice(0, 19)}…</code>}
      </Cell>
    </Tr>
  );
}

function Lines({ view }: { view: FixView }) {
  if (view.lines.length === 0)
    return <p className="ff-subtle">No line is known yet: assembly has not begun.</p>;
  return (
    <ListTable label="Release lines" columns={['Line', 'Targets', 'Change', 'Build', 'Gates', 'Image']}>
      {view.lines.map((line) => (
        <LineRow key={line.line} line={line} />
      ))}
    </ListTable>
  );
}

/** The first tab: the five questions in their order, then stages, lines and acts. */
export function FixOverview({ view }: { view: FixView }) {
  return (
    <>
      <section className="ff-part" aria-label="Where it stands">
        <Facts view={view} />
      </section>
      <Part title="What stands out">
        <Insights view={view} />
      </Part>
      <Part title="Waits for">
        <Waits view={view} />
      </Part>
      <Part title="Stages">
        <StageClocks view={view} />
      </Part>
      <Part title="Release lines">
        <Lines view={view} />
      </Part>
      {view.lines.every(({ gates }) => gates.length === 0) ? null : (
        <Part title="Gates">
          <Gates view={view} />
        </Part>
      )}
      {view.checklist === undefined ? null : (
        <Part title="Before it is closed">
          <Checklist view={view} />
        </Part>
      )}
      <Part title="What can be done">
        <ActList view={view} />
      </Part>
    </>
  );
}
