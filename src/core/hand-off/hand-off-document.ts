import type { Touch } from '../assembly/assembly.ts';
import { short } from '../base/ids.ts';
import { dayText } from '../base/instant.ts';
import { minutesText } from '../base/minutes.ts';
import type { Finding } from '../proof/proof.ts';
import type { SelectedTest } from '../select/selection.ts';
import { isLeft, LEFT } from '../views/lines-now.ts';
import type { Block, Document, Inline, Item, Line } from './document.ts';
import type {
  DeployedFiles,
  HandOff,
  HandOffCommit,
  HandOffGate,
  HandOffLine,
  HandOffTests,
  HowTo,
} from './hand-off.ts';

/** The hand-off as a page, the same on paper, in a ticket and in a browser. */
export function handOffDocument(it: HandOff): Document {
  return {
    title: `${it.fix} ${it.title}: what to test`,
    blocks: [
      heading(1, `${it.fix} ${it.title}`),
      text(
        `Hand-off as of ${dayText(it.at)}, version ${it.version} of the fix. It holds for the images named here by digest and for no others.`,
      ),
      ...whatAndWhy(it),
      ...imagesPart(it),
      ...it.lines.filter(({ candidate }) => candidate !== undefined).flatMap(linePart),
      heading(2, 'How to take it back'),
      ...howTo(it.back),
      heading(2, 'Who to ask'),
      { kind: 'facts', rows: it.contacts.map(({ for: what, who }) => [what, [who]] as const) },
    ],
  };
}

const heading = (level: 1 | 2 | 3, ...is: Inline[]): Block => ({ kind: 'heading', level, is });
const text = (...is: Inline[]): Block => ({ kind: 'text', is });
const list = (items: readonly Item[], how: { ordered?: true; todo?: true } = {}): Block => ({
  kind: 'list',
  items,
  ...how,
});
const code = (value: string): Inline => ({ code: value });
const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

function whatAndWhy(it: HandOff): Block[] {
  const rows: (readonly [string, Line])[] = [
    ['why', [it.reason]],
    ...(it.incident === undefined ? [] : [['incident', [it.incident]] as const]),
    ...(it.symptom === undefined ? [] : [['symptom', [`reported as “${it.symptom}”`]] as const]),
    ['component', [it.component]],
    ['change', [`${it.change}, declared by ${it.author}, ${dayText(it.declaredAt)}`]],
    ['severity', [it.severity]],
    ['state', [it.state]],
    ...(it.after === undefined ? [] : [['after', [`${it.after}, which must be in place first`]] as const]),
  ];
  return [heading(2, 'What and why'), { kind: 'facts', rows }];
}

function imagesPart({ images, lines }: HandOff): Block[] {
  const rows = images.map(({ line, digest }) => [`line ${line}`, [code(digest)]] as const);
  const without = lines.filter(({ digest }) => digest === undefined);
  return [
    heading(2, 'What to test'),
    ...(rows.length > 0 ? [{ kind: 'facts', rows } as const] : [text('Nothing is built yet.')]),
    ...(without.length > 0
      ? [
          list(
            without.map(({ line, outcome, because }) => ({
              is: [`line ${line} has no image: ${outcome}: ${because}`],
            })),
          ),
        ]
      : []),
  ];
}

function linePart(line: HandOffLine): Block[] {
  const control = isLeft(line)
    ? LEFT
    : line.prepared === undefined
      ? count(line.targets, 'control plane')
      : `no control plane yet; prepared by ${line.prepared.by}, ${dayText(line.prepared.at)}`;
  const rows: (readonly [string, Line])[] = [
    ['releases', [line.versions.join(', ') || 'none']],
    ['runs on', [control]],
    ['deployed commit', [code(line.base)]],
    ...(line.release === line.base ? [] : [['release commit', [code(line.release)]] as const]),
    ['candidate', [code(line.candidate ?? '')]],
    ...imageRows(line),
  ];
  return [
    heading(2, `Line ${line.line}`),
    { kind: 'facts', rows },
    ...earlierPart(line),
    ...changePart(line),
    ...gatesPart(line),
    ...testsPart(line.tests),
    ...(line.cluster ? [heading(3, `A cluster with it, line ${line.line}`), ...howTo(line.cluster)] : []),
  ];
}

const imageRows = ({ image, build, scope }: HandOffLine): (readonly [string, Line])[] => [
  ['image', [image === undefined ? `none: build ${build}` : code(image)]],
  ['scope', scope ? gateLine(scope) : ['not judged: no gate that this severity asks for does']],
];

function earlierPart({ earlier }: HandOffLine): Block[] {
  if (earlier.length === 0) return [];
  return [
    text(
      { strong: 'The image of this line has changed.', tone: 'look' },
      ' What was found on these does not count for it:',
    ),
    list(earlier.map(({ digest, builtAt }) => ({ is: [code(digest), ` built ${dayText(builtAt)}`] }))),
  ];
}

function changePart(line: HandOffLine): Block[] {
  const { deployed, notRead } = line;
  return [
    heading(3, `What it differs by from what is deployed, line ${line.line}`),
    ...(notRead === undefined ? [] : [text({ strong: 'Not known', tone: 'look' }, `: ${notRead}`)]),
    ...(deployed === undefined ? [] : deployedPart(deployed)),
    ...(line.commits.length > 0 ? [list(line.commits.map((one) => ({ is: commitLine(one) })))] : []),
    ...ridingAlong(line),
    ...(line.warnings.length > 0
      ? [list(line.warnings.map((warning) => ({ is: [{ strong: 'look', tone: 'look' }, `: ${warning}`] })))]
      : []),
  ];
}

function deployedPart({ total, files, leftOut, commands }: DeployedFiles): Block[] {
  return [
    text(`${count(total.files, 'file')}, ${count(total.added, 'line')} added, ${total.removed} removed.`),
    list(
      files.map(({ path, from, did, class: kind, isBinary, added, removed, mode }) => ({
        is: [
          code(path),
          `${from === undefined ? '' : ` (was ${from})`} ${did}, ${kind}, ${isBinary ? 'binary' : `+${added} −${removed}`}${mode === undefined ? '' : `, mode ${mode}`}`,
        ],
      })),
    ),
    ...leftOut.map((one) => text(one)),
    ...commands.map((command, at) => ({
      kind: 'command' as const,
      what: at === 0 ? 'the patch' : 'the same, in a clone that has both commits',
      command,
    })),
  ];
}

const MARKS: Readonly<Record<HandOffCommit['mark'], string>> = {
  '=': 'as it was made',
  '!': 'differs from how it was made',
  '<': 'not put on',
  '>': 'its source is not in the repository any more',
  '?': 'not compared',
};

function commitLine({
  commit,
  source,
  subject,
  pullRequest,
  role,
  fix,
  mark,
  isRevert,
  because,
}: HandOffCommit): Line {
  const name = commit ?? source;
  return [
    ...(name === undefined ? [] : [code(short(name)), ' ']),
    `${isRevert ? 'git revert of: ' : ''}${subject}${pullRequest === undefined ? '' : ` (#${pullRequest})`}`,
    ` · ${role}${fix === undefined ? '' : ` ${fix}`}, ${MARKS[mark]}${because === undefined ? '' : `: ${because}`}`,
  ];
}

function ridingAlong({ passengers, carries, notRead }: HandOffLine): Block[] {
  const rows: (readonly [string, Line])[] = [
    ...passengers.map((one) => ['rides along', touchLine(one)] as const),
    ...(passengers.length === 0 && notRead === undefined
      ? [['rides along', ['nothing but the change']] as const]
      : []),
    ...carries.map(({ fix, title }) => ['carries', [`${fix} ${title}`]] as const),
  ];
  return rows.length > 0 ? [{ kind: 'facts', rows }] : [];
}

const touchLine = ({ commit, subject, author, pullRequest }: Touch): Line => [
  code(short(commit)),
  ` ${subject} (${[pullRequest === undefined ? '' : `#${pullRequest}`, author].filter((part) => part !== '').join(', ')})`,
];

const TONES: Partial<Readonly<Record<HandOffGate['state'], 'good' | 'bad' | 'look'>>> = {
  met: 'good',
  failed: 'bad',
  unclear: 'look',
  missing: 'look',
  waived: 'look',
};

const gateLine = ({ state, because, until }: HandOffGate): Line => [
  { strong: state, tone: TONES[state] ?? 'look' },
  `: ${because}${until === undefined ? '' : `, until ${dayText(until)}`}`,
];

function gatesPart({ gates, line, digest }: HandOffLine): Block[] {
  if (digest === undefined) return [];
  if (gates.length === 0)
    return [heading(3, `Gates, line ${line}`), text('The policy asks for none at this severity.')];
  const asked = gates.flatMap(({ gate, verdict }) => (verdict ? [{ gate, ...verdict }] : []));
  return [
    heading(3, `Gates, line ${line}`),
    list(
      gates.map((gate) => ({
        is: [
          `${gate.gate} `,
          ...gateLine(gate),
          gate.blocks ? ' · wanted before delivery' : ' · may follow delivery',
        ],
        below: [...(gate.findings ?? []).map(findingLine)],
      })),
    ),
    ...(asked.length > 0 ? [text('Verdicts that people give, on this image:')] : []),
    ...asked.map(({ gate, by, command }) => ({
      kind: 'command' as const,
      what: `${gate}, by role ${by}; with --result fail when it is not good`,
      command,
    })),
  ];
}

function findingLine({ text: found, path, line }: Finding): Line {
  if (path === undefined) return [found];
  return [code(`${path}${line === undefined ? '' : `:${line}`}`), ` ${found}`];
}

function testsPart(tests: HandOffTests | undefined): Block[] {
  if (tests === undefined) return [];
  const title = heading(3, 'Tests to run, in this order');
  if (!tests.known) return [title, text({ strong: 'Not known', tone: 'look' }, `: ${tests.because}`)];
  const { tests: chosen, testsLeftOut, suites, all } = tests;
  return [
    title,
    text(
      chosen.length === 0
        ? `None of ${count(all, 'test')} in the repository reaches what was changed.`
        : `${chosen.length + testsLeftOut} of ${all} reach what was changed, nearest first. A test of Go is a package.`,
    ),
    ...(chosen.length > 0 ? [list(chosen.map(testItem), { ordered: true, todo: true })] : []),
    ...(testsLeftOut > 0 ? [text(`and ${testsLeftOut} more: `, code(tests.command))] : []),
    ...suitesPart(tests),
    ...(suites.length === 0 && tests.map !== undefined
      ? [text(`No suite of ${tests.map} is for these files.`)]
      : []),
    heading(3, 'Not covered'),
    ...notCoveredPart(tests),
    ...(tests.warnings.length > 0 ? [list(tests.warnings.map((warning) => ({ is: [warning] })))] : []),
  ];
}

type Known = HandOffTests & { readonly known: true };

function testItem({ command, distance, because, tags, onlyTagged, minutes, history }: SelectedTest): Item {
  const far =
    distance === 0
      ? 'changed itself, or tests what was'
      : `${count(distance, 'import')} away, by ${because.slice(1).join(' → ')}`;
  const tagged = tags.length === 0 ? '' : ` · ${onlyTagged ? 'only' : 'more'} with tags ${tags.join(', ')}`;
  const time = minutes === undefined ? '' : ` · ${minutesText(minutes)}`;
  const failed =
    history && history.failed > 0 ? ` · failed in ${history.failed} of ${count(history.runs, 'run')}` : '';
  return { is: [code(command), ` ${far}${tagged}${time}${failed}`] };
}

function suitesPart({ suites, map }: Known): Block[] {
  if (map === undefined)
    return [text('No map of suites is kept in the repository, so no end-to-end suite can be named here.')];
  if (suites.length === 0) return [];
  return [
    text(`End-to-end suites, by ${map}:`),
    list(
      suites.map(({ name, labels, owner, minutes, command, because }) => ({
        is: [
          `${name}${labels.length > 0 ? ` [${labels.join(', ')}]` : ''}`,
          `${minutes === undefined ? '' : `, ${minutes} min`}${owner === undefined ? '' : `, ${owner}`}, for ${because[0]}${because.length > 1 ? ` and ${because.length - 1} more` : ''} `,
          ...(command === undefined ? [] : [code(command)]),
        ],
      })),
      { todo: true },
    ),
  ];
}

function notCoveredPart({ notCovered, notCoveredLeftOut }: Known): Block[] {
  if (notCovered.length === 0) return [text('Every changed file is covered by a test or a suite.')];
  return [
    list(
      notCovered.map(({ path, because }) => ({
        is: [{ strong: 'nothing tests', tone: 'look' }, ' ', code(path), `: ${because}`],
      })),
    ),
    ...(notCoveredLeftOut > 0 ? [text(`and ${count(notCoveredLeftOut, 'more file')}`)] : []),
  ];
}

const howTo = ({ text: about, steps, know }: HowTo): Block[] => [
  text(about),
  ...steps.map(({ what, command }) => ({ kind: 'command', what, command }) as const),
  ...(know.length > 0 ? [list(know.map((one) => ({ is: [one] })))] : []),
];
