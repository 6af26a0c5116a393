// Goal: what is said of a line is so now, also in a fix that lives through upgrades: a line that came with an upgrade was
// first seen while its control planes still said the version they left.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describeFix } from '../../cli/render/describe.ts';
import { renderHandOff } from '../../cli/render/hand-off.ts';
import { PLAIN } from '../../cli/render/paper.ts';
import type { ControlPlane } from '../fleet/control-plane.ts';
import { handOffDocument } from '../hand-off/hand-off-document.ts';
import { makeHandOff } from '../hand-off/make-hand-off.ts';
import { PLACE } from '../hand-off/testing.ts';
import { agenda } from '../life/agenda.ts';
import type { Facts } from '../life/facts.ts';
import {
  assemblyOf,
  commitOf,
  digestOf,
  factsOf,
  planeOf,
  proven,
  releaseDigest,
  type Story,
  tell,
} from '../life/testing.ts';
import { makeText } from '../texts/make-text.ts';
import { makeDiffView } from './make-diff-view.ts';
import { makeFixView } from './make-fix-view.ts';

const FROM = planeOf('a');
const NEXT = commitOf('4.20.1');
/** It runs the new release and says the old version, as one does whose upgrade is not through. */
const MOVING = planeOf('a', {
  upgrading: true,
  running: { release: releaseDigest('4.20.1'), digest: releaseDigest('4.20.1') },
});
const MOVED = planeOf('a', { version: '4.20.1' });
const seen = (...fleet: ControlPlane[]): Facts => factsOf({ fleet });

/** A fix of 4.19.1 whose fleet is being upgraded: the new line is recorded as it is first seen, and its image built. */
function upgraded(): { readonly story: Story; readonly name: string } {
  const story = proven();
  const [task] = agenda(story.fix, seen(FROM, MOVING), story.now).tasks;
  if (task?.do !== 'assemble') throw new Error('a new release is assembled');
  const { name } = task.line;
  const commit = commitOf('FIX-1 on the new one');
  tell(
    story,
    'fleetfix',
    { type: 'LineAssembled', line: task.line, assembly: assemblyOf('clean', { commit }) },
    { type: 'BuildStarted', line: name, commit },
    { type: 'Built', line: name, commit, digest: digestOf('the new one'), tookMs: 1 },
  );
  return { story, name };
}

const linesOf = ({ fix, now }: Story, facts: Facts) =>
  Object.fromEntries(
    makeFixView(fix, facts, now).lines.map(({ line, versions, targets }) => [line, { versions, targets }]),
  );
const handOffOf = ({ fix, now }: Story, facts: Facts) =>
  makeHandOff({
    fix,
    facts,
    place: PLACE,
    now,
    lines: Object.values(fix.lines).map((line) => ({ line, earlier: [] })),
  });
const noteOf = ({ fix, now }: Story, facts: Facts): string => {
  const text = readFileSync(new URL('../../../templates/release-note.md', import.meta.url), 'utf8');
  const template = { text, from: 'shipped' } as const;
  const made = makeText({
    ...{ fix, facts, place: PLACE, repository: 'https://git.example/cpo', kind: 'release-note', now },
    template,
  });
  if (!made.ok) throw new Error(made.error.detail);
  return made.value.text;
};

describe('of a line that came with an upgrade', () => {
  const { story, name } = upgraded();
  const after = seen(MOVED, planeOf('b', { version: '4.20.1' }));

  test('the versions and the control planes are those the fleet says now', () => {
    expect(name).toMatch(/^4\.19\.1-/);
    expect(linesOf(story, seen(FROM, MOVING))).toEqual({
      '4.19.1': { versions: ['4.19.1'], targets: 1 },
      [name]: { versions: ['4.19.1'], targets: 1 },
    });
    expect(linesOf(story, after)).toEqual({
      '4.19.1': { versions: ['4.19.1'], targets: 0 },
      [name]: { versions: ['4.20.1'], targets: 2 },
    });
  });

  test('so they are to whom it is handed, and in what is written of it', () => {
    const handOff = handOffOf(story, after);
    expect(handOff.lines.map(({ line, versions, targets }) => ({ line, versions, targets }))).toEqual([
      { line: '4.19.1', versions: ['4.19.1'], targets: 0 },
      { line: name, versions: ['4.20.1'], targets: 2 },
    ]);
    expect(handOff.lines[1]!.cluster?.text).toContain('a cluster of your own on 4.20.1,');
    expect(noteOf(story, after)).toContain(
      `- 4.20.1: \`registry.example/fixes/cpo@${digestOf('the new one')}\`\n`,
    );
    expect(noteOf(story, after)).toContain('cpo in 4.19.1, 4.20.1.');
  });

  test('so is what it differs by', () => {
    const lines = Object.values(story.fix.lines).map((line) => ({ line, explained: undefined }));
    const diff = makeDiffView(story.fix, lines, after, story.now);
    expect(diff.lines.map(({ line, targets }) => [line, targets])).toEqual([
      ['4.19.1', 0],
      [name, 2],
    ]);
  });

  test('versions of one commit are all said, in their order, once by whom is there', () => {
    const built = (version: string) =>
      planeOf(version, { version, running: { release: releaseDigest('4.20.1') } });
    const facts = seen(built('4.20.10'), built('4.20.9'), { ...built('4.20.2'), upgrading: true });
    expect(linesOf(story, facts)[name]).toEqual({ versions: ['4.20.9', '4.20.10'], targets: 3 });
  });
});

describe('a line that nothing is on any more', () => {
  const { story } = upgraded();
  const after = seen(MOVED);
  const SAID = 'no control plane is on it any more';

  test('says so, on every screen that names it', () => {
    expect(describeFix(makeFixView(story.fix, after, story.now), PLAIN)).toContain(`\n4.19.1\n  ${SAID}\n`);
    const handOff = handOffOf(story, after);
    expect(renderHandOff(handOff, PLAIN)).toContain(`Line 4.19.1  ${SAID}`);
    expect(JSON.stringify(handOffDocument(handOff))).toContain(`["runs on",["${SAID}"]]`);
    expect(noteOf(story, after)).toMatch(new RegExp(`^- 4\\.19\\.1: .* \\(${SAID}\\)$`, 'm'));
  });

  test('and says nothing of the kind while somebody is, nor before anybody came', () => {
    expect(describeFix(makeFixView(story.fix, seen(FROM, MOVED), story.now), PLAIN)).not.toContain(SAID);
    const ahead = proven();
    tell(ahead, 'ana', {
      type: 'LinePrepared',
      line: {
        ...ahead.fix.lines['4.19.1']!.line,
        ...{ name: '4.20.1', release: NEXT, versions: ['4.20.1'], targets: 0 },
      },
    });
    expect(linesOf(ahead, seen(FROM))['4.20.1']).toEqual({ versions: ['4.20.1'], targets: 0 });
    const described = (...fleet: ControlPlane[]) =>
      describeFix(makeFixView(ahead.fix, seen(...fleet), ahead.now), PLAIN);
    expect(described(FROM)).not.toContain(SAID);
    // Before the record says that somebody came, and where it never does.
    expect(described(FROM)).toContain('no control plane is on it yet');
    expect(described(FROM, MOVED)).not.toContain('prepared');
    expect(described(MOVED)).toContain(`\n4.19.1\n  ${SAID}\n`);
  });

  test('which ended before it had a candidate, is not called waiting for one', () => {
    const it = proven();
    tell(
      it,
      'fleetfix',
      {
        type: 'LineAssembled',
        line: { ...it.fix.lines['4.19.1']!.line, name: '4.20.1', release: NEXT },
        assembly: assemblyOf('conflict'),
      },
      { type: 'LineEmptied', line: '4.20.1' },
    );
    const line = makeFixView(it.fix, seen(FROM), it.now).lines.find((one) => one.line === '4.20.1');
    expect(line).toMatchObject({ because: SAID, targets: 0 });
  });
});
