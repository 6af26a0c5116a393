// A hand-off of two lines, with something in every part of it. Nothing outside tests imports it.
import type { Fix } from '../life/fix.ts';
import {
  assemblyOf,
  COMPONENT,
  commitOf,
  declared,
  digestOf,
  factsOf,
  lineOf,
  lineReady,
  minute,
  planeOf,
  type Story,
  TOMORROW,
  tell,
} from '../life/testing.ts';
import type { Selection } from '../select/selection.ts';
import type { LineDiffView } from '../views/diff-view.ts';
import type { HandOff } from './hand-off.ts';
import { handOffTests } from './hand-off-tests.ts';
import type { Place } from './how-to.ts';
import { earlierImages, makeHandOff } from './make-hand-off.ts';

export const PLACE: Place = {
  image: 'registry.example/fixes/cpo',
  levers: ['annotation'],
  owners: ['team-cpo'],
  branch: 'main',
};

const FACTS = factsOf({
  fleet: [planeOf('a'), planeOf('b', { version: '4.20.1' })],
  component: {
    ...COMPONENT,
    gates: [...COMPONENT.gates, { name: 'scope', component: 'cpo', check: 'scope', attestBy: 'approver' }],
  },
});

export const SELECTION: Selection = {
  range: { from: commitOf('4.19.1'), to: commitOf('FIX-1 on 4.19.1') },
  changed: [],
  tests: [
    {
      language: 'go',
      id: 'example.com/cpo/pkg/watch',
      path: 'pkg/watch',
      command: 'go test ./pkg/watch',
      distance: 0,
      because: ['example.com/cpo/pkg/watch'],
      tags: [],
    },
    {
      language: 'go',
      id: 'example.com/cpo/cmd',
      path: 'cmd',
      command: 'go test -tags=e2e ./cmd',
      distance: 1,
      because: ['example.com/cpo/cmd', 'example.com/cpo/pkg/watch'],
      tags: ['e2e'],
      onlyTagged: true,
    },
  ],
  suites: [
    {
      name: 'upgrade',
      labels: ['AWS'],
      minutes: 45,
      owner: 'team-e2e',
      command: 'make e2e',
      because: ['pkg/watch/watch.go'],
    },
  ],
  notCovered: [{ path: 'Dockerfile', because: 'no test imports it, over any number of imports' }],
  warnings: [],
  all: 40,
  ms: 12,
};

const diffOf = (line: string, subject = 'close the watch'): LineDiffView => ({
  line,
  targets: 1,
  outcome: 'clean',
  because: 'it is clean',
  release: commitOf(line),
  commit: commitOf(`FIX-1 on ${line}`),
  picks: [
    {
      mark: '=',
      role: 'change',
      isRevert: false,
      source: {
        commit: commitOf('c1'),
        subject,
        author: 'ana',
        at: minute(0),
        pullRequest: 12,
      },
      candidate: { commit: commitOf('c2'), subject, author: 'ana', at: minute(0) },
      patch: [],
      leftOut: 0,
    },
  ],
  deployed: {
    from: commitOf(line),
    to: commitOf(`FIX-1 on ${line}`),
    total: { files: 1, added: 3, removed: 1 },
    files: [
      {
        path: 'pkg/watch/watch.go',
        did: 'modified',
        class: 'code',
        isBinary: false,
        added: 3,
        removed: 1,
        patch: ['@@ secret @@'],
        leftOut: 0,
      },
    ],
    leftOut: [],
    command: 'git diff a b',
  },
  passengers: [
    {
      commit: commitOf('p'),
      subject: subject === 'close the watch' ? 'split defrag' : subject,
      author: 'bob',
      at: minute(0),
      pullRequest: 7,
    },
  ],
  carries: [{ fix: 'FIX-9', title: 'earlier one' }],
  warnings: [],
  conflicts: [],
  proposals: [],
});

/** Line 4.19.1 was built twice; 4.20.1 has the fix already. */
export function storyOf(over: Partial<Pick<Fix, 'title' | 'reason' | 'symptom' | 'incident'>> = {}): Story {
  const story = declared('FIX-1', minute(0), over);
  tell(story, 'fleetfix', ...lineReady('FIX-1', '4.19.1'));
  const [assembled, started, built] = lineReady('FIX-1', '4.19.1');
  if (built?.type !== 'Built') throw new Error('a line that is ready was built');
  const digest = digestOf('second build');
  tell(story, 'fleetfix', assembled!, started!, { ...built, digest });
  tell(
    story,
    'fleetfix',
    { type: 'GateRan', gate: 'bvt', line: '4.19.1', digest, result: 'pass', tookMs: 1 },
    { type: 'LineAssembled', line: lineOf('4.20.1'), assembly: assemblyOf('contained') },
  );
  tell(story, 'bob', { type: 'Waived', gate: 'perf', reason: 'the lab is down', expiresAt: TOMORROW });
  return story;
}

export function handOffOf(
  story: Story = storyOf(),
  more: { readonly read?: false; readonly subject?: string } = {},
): HandOff {
  const { fix } = story;
  return makeHandOff({
    fix,
    facts: FACTS,
    place: PLACE,
    now: story.now,
    lines: Object.values(fix.lines).map((line) => {
      const name = line.line.name;
      const digest = line.build?.state === 'done' ? line.build.digest : undefined;
      const earlier = earlierImages(story.rows, name, digest);
      if (digest === undefined) return { line, earlier };
      if (more.read === false)
        return {
          line,
          earlier,
          notRead: 'the repository is away',
          tests: { known: false, because: 'the repository is away' },
        };
      return {
        line,
        earlier,
        diff: diffOf(name, more.subject),
        tests: handOffTests(SELECTION, '.fleetfix/suites.yaml'),
      };
    }),
  });
}
