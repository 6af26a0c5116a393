import { Tr } from '@patternfly/react-table/dist/dynamic/components/Table';
import type { FixView, StageView } from '../../../src/core/views/fix-view.ts';
import { Cell } from '../parts/cell.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { forecastLine } from '../parts/sentences.ts';
import { durationText, sentence } from '../words.ts';
import { clockOf, type StageBar } from './clock-model.ts';

const STATE_TONE: Readonly<Record<StageView['state'], string>> = {
  waiting: 'ff-subtle',
  running: 'ff-tone-info',
  done: 'ff-tone-success',
  failed: 'ff-tone-danger',
  paused: 'ff-tone-warning',
  halted: 'ff-tone-danger',
};
const STATE_GLYPH: Readonly<Record<StageView['state'], string>> = {
  waiting: '○',
  running: '◔',
  done: '●',
  failed: '✖\uFE0E',
  paused: '‖',
  halted: '✖\uFE0E',
};

function Bar({ bar }: { bar: StageBar }) {
  const width = Math.max(0, bar.to - bar.from);
  return (
    <div className="ff-gantt-row">
      <span className="ff-gantt-name">{bar.stage}</span>
      <span className="ff-gantt-track">
        {bar.target === undefined ? null : (
          <i
            className="ff-gantt-target"
            style={{ insetInlineStart: `${bar.from}%`, inlineSize: `${bar.target - bar.from}%` }}
          />
        )}
        <span
          className={`ff-gantt-bar ${bar.running ? 'ff-gantt-running' : ''}`}
          style={{ insetInlineStart: `${bar.from}%`, inlineSize: `${width}%` }}
        >
          <span className="ff-gantt-machine" style={{ inlineSize: `${100 * bar.machineShare}%` }} />
          <span className="ff-gantt-people" style={{ inlineSize: `${100 * bar.peopleShare}%` }} />
        </span>
      </span>
    </div>
  );
}

function Line({ place, name, className }: { place: number | undefined; name: string; className: string }) {
  if (place === undefined) return null;
  return (
    <span
      className={`ff-gantt-line ${className} ${place > 80 ? 'ff-gantt-line-left' : ''}`}
      style={{ insetInlineStart: `${place}%` }}
    >
      <span>{name}</span>
    </span>
  );
}

/** The fix on a clock: a picture of the table below it. */
function Picture({ view }: { view: FixView }) {
  const clock = clockOf(view);
  if (clock.bars.length === 0) return null;
  // A label in the last few percent would hang over the edge.
  const ticks = clock.ticks.filter((tick) => tick.place <= 96);
  return (
    <div className="ff-gantt" aria-hidden>
      <div className="ff-gantt-lines">
        <Line place={clock.due} name="target" className="ff-gantt-due" />
        <Line place={clock.expected} name="expected" className="ff-gantt-expected" />
        <Line place={clock.now} name="now" className="ff-gantt-now" />
      </div>
      {clock.bars.map((bar) => (
        <Bar key={bar.stage} bar={bar} />
      ))}
      <div className="ff-gantt-axis">
        {ticks.map((tick) => (
          <span key={tick.at} style={{ insetInlineStart: `${tick.place}%` }}>
            {tick.at.slice(11, 16)}Z
          </span>
        ))}
      </div>
      <div className="ff-legend ff-subtle ff-small">
        <span>
          <i className="ff-key ff-key-machine" /> machines
        </span>
        <span>
          <i className="ff-key ff-key-people" /> waiting for people
        </span>
        <span>
          <i className="ff-key ff-key-idle" /> neither
        </span>
        <span>
          <i className="ff-key ff-key-target" /> target
        </span>
      </div>
    </div>
  );
}

const maybe = (ms: number | undefined): string => (ms === undefined ? '' : durationText(ms));

function StageRow({ stage }: { stage: StageView }) {
  const over = stage.targetMs !== undefined && (stage.tookMs ?? 0) > stage.targetMs;
  return (
    <Tr>
      <Cell label="Stage">{stage.stage}</Cell>
      <Cell label="State">
        <span className="ff-nowrap">
          <span aria-hidden className={`ff-glyph ${STATE_TONE[stage.state]}`}>
            {STATE_GLYPH[stage.state]}
          </span>{' '}
          {stage.state}
        </span>
      </Cell>
      <Cell label="Took">
        {maybe(stage.tookMs)}
        {over ? <strong className="ff-tone-danger"> over</strong> : null}
      </Cell>
      <Cell label="Target">{maybe(stage.targetMs)}</Cell>
      <Cell label="People">{stage.peopleMs === 0 ? '' : durationText(stage.peopleMs)}</Cell>
      <Cell label="By">{stage.by}</Cell>
    </Tr>
  );
}

/** Stages as bars on a clock with their targets, the sentence above and the table below. */
export function StageClocks({ view }: { view: FixView }) {
  const running = view.stages.find((s) => s.state !== 'done' && s.state !== 'waiting');
  const forecast = forecastLine(view);
  return (
    <div className="ff-live">
      <p>
        {running === undefined ? '' : `${sentence(running.stage)} is ${running.state}. `}
        {sentence(forecast.text)}.
      </p>
      <Picture view={view} />
      <ListTable label="Stages of this fix" columns={['Stage', 'State', 'Took', 'Target', 'People', 'By']}>
        {view.stages.map((stage) => (
          <StageRow key={stage.stage} stage={stage} />
        ))}
      </ListTable>
    </div>
  );
}
