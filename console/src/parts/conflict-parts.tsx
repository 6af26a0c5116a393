import { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
import type { Conflict, Hunk, HunkSide, PathClass } from '../../../src/core/assembly/assembly.ts';
import type { LineDiffView } from '../../../src/core/views/diff-view.ts';
import { countText, sentence } from '../words.ts';
import { TouchText } from './touch-text.tsx';

/** What matters most comes first. */
const CLASSES: readonly (readonly [PathClass, string])[] = [
  ['code', 'Product code'],
  ['test', 'Tests'],
  ['build', 'Build files'],
  ['docs', 'Documents'],
  ['generated', 'Generated files'],
];

function Side({ title, side }: { title: string; side: HunkSide }) {
  const more = side.count - side.lines.length;
  return (
    <div className="ff-side">
      <div>
        <strong>{title}</strong>
        {side.count === 0 ? ' · nothing' : ` · from line ${side.from}`}
      </div>
      {side.lines.length === 0 ? null : (
        <pre className="ff-code">
          {side.lines.map((line, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines repeat, and never move
            <span key={i} className="ff-line">
              {line === '' ? ' ' : line}
            </span>
          ))}
        </pre>
      )}
      {more > 0 ? <div className="ff-subtle">… {countText(more, 'line')} more</div> : null}
      {side.touchedBy.map((touch) => (
        <div key={touch.commit} className="ff-subtle ff-small">
          last touched by <TouchText touch={touch} />
        </div>
      ))}
    </div>
  );
}

function Place({ path, hunk }: { path: string; hunk: Hunk }) {
  return (
    <figure className="ff-hunk" aria-label={`${path}:${hunk.ours.from}`}>
      <figcaption>
        At line {hunk.ours.from}: {hunk.shape}
      </figcaption>
      <div className="ff-sides">
        <Side title="On the line" side={hunk.ours} />
        <Side title="Before the change" side={hunk.base} />
        <Side title="The change" side={hunk.theirs} />
      </div>
    </figure>
  );
}

function FileInConflict({ conflict }: { conflict: Conflict }) {
  return (
    <div>
      <Title headingLevel="h4">
        <code>{conflict.path}</code> <span className="ff-subtle">{conflict.kind}</span>
      </Title>
      {conflict.because === undefined ? null : <p className="ff-subtle">{conflict.because}</p>}
      {conflict.hunks.map((hunk) => (
        <Place
          key={`${hunk.ours.from} ${hunk.base.from} ${hunk.theirs.from}`}
          path={conflict.path}
          hunk={hunk}
        />
      ))}
    </div>
  );
}

/** What is in conflict, by what the files are for, with every place side by side. */
export function ConflictParts({ diff }: { diff: LineDiffView }) {
  const groups = CLASSES.map(([kind, title]) => ({
    title,
    conflicts: diff.conflicts.filter((one) => one.class === kind),
  })).filter(({ conflicts }) => conflicts.length > 0);
  return (
    <div className="ff-parts">
      <p>{sentence(diff.because)}.</p>
      {groups.map(({ title, conflicts }) => (
        <section key={title} aria-label={`${title} in conflict`}>
          <Title headingLevel="h3">
            {title}: {countText(conflicts.length, 'file')} in conflict
          </Title>
          {conflicts.map((conflict) => (
            <FileInConflict key={conflict.path} conflict={conflict} />
          ))}
        </section>
      ))}
      {diff.warnings.map((text) => (
        <p key={text}>
          <strong className="ff-tone-warning">Warning:</strong> {text}
        </p>
      ))}
    </div>
  );
}
