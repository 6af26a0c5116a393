import type { Change } from '../assembly/assembly.ts';
import type { PickRow } from '../assembly/explanation.ts';
import { type Digest, short } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';
import { stateRefusal } from '../life/decide.ts';
import type { Recorded } from '../life/event.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix, FixLine } from '../life/fix.ts';
import { asksPeople } from '../life/hand-off.ts';
import type { Gate } from '../proof/proof.ts';
import type { LineDiffView } from '../views/diff-view.ts';
import type { LineView } from '../views/fix-view.ts';
import { lineViews } from '../views/line-view.ts';
import type {
  Contact,
  DeployedFiles,
  HandOff,
  HandOffCommit,
  HandOffGate,
  HandOffLine,
  HandOffTests,
} from './hand-off.ts';
import { backOf, clusterWith, type Place, pulledAs } from './how-to.ts';
import { dutyContacts } from './on-duty.ts';
import { cutText, shellWord, TITLE_MAX, WORDS_MAX } from './plain.ts';

const title = (text: string): string => cutText(text, TITLE_MAX);
const words = (text: string): string => cutText(text, WORDS_MAX);

/** What was read of a line's candidate besides the record. `notRead`: why nothing could be. */
export type ReadLine = {
  readonly line: FixLine;
  readonly diff?: LineDiffView;
  readonly notRead?: string;
  readonly tests?: HandOffTests;
  readonly earlier: HandOffLine['earlier'];
};

/** The hand-off of a fix as it is now. `lines`: those it is about, in the order they are to be named. */
export function makeHandOff(input: {
  readonly fix: Fix;
  readonly facts: Facts;
  readonly place: Place;
  readonly lines: readonly ReadLine[];
  readonly now: Instant;
}): HandOff {
  const { fix, facts, place, now } = input;
  const views = lineViews(
    fix,
    facts,
    now,
    input.lines.map(({ line }) => line),
  );
  const lines = input.lines.map((read, at) => handOffLine(read, views[at]!, { fix, facts, place, now }));
  return {
    fix: fix.id,
    version: fix.version,
    at: now,
    title: title(fix.title),
    severity: fix.severity,
    state: fix.state,
    ...(fix.incident !== undefined && { incident: title(fix.incident) }),
    ...(fix.symptom !== undefined && { symptom: words(fix.symptom) }),
    reason: words(fix.reason),
    author: fix.author,
    declaredAt: fix.declaredAt,
    component: fix.component,
    ...(fix.after !== undefined && { after: fix.after }),
    change: changeText(fix.change),
    images: lines.flatMap(({ line, digest }) => (digest === undefined ? [] : [{ line, digest }])),
    lines,
    back: backOf(fix),
    contacts: [...contactsOf(fix, facts, place), ...(facts.duty ? dutyContacts(facts.duty, now) : [])],
  };
}

/** Images that a line had before the one it has now, latest first. */
export function earlierImages(
  events: readonly Recorded[],
  line: string,
  now: Digest | undefined,
): HandOffLine['earlier'] {
  const built = events.flatMap(({ event, at }) =>
    event.type === 'Built' && event.line === line && event.digest !== now
      ? [{ digest: event.digest, builtAt: at }]
      : [],
  );
  return built.reverse().filter((one, at) => built.findIndex((other) => other.digest === one.digest) === at);
}

type About = {
  readonly fix: Fix;
  readonly facts: Facts;
  readonly place: Place;
  readonly now: Instant;
};

function handOffLine(read: ReadLine, view: LineView, { fix, facts, place, now }: About): HandOffLine {
  const { line, diff, notRead, tests, earlier } = read;
  const { build } = line;
  const digest = build?.state === 'done' ? build.digest : undefined;
  const gates = view.gates.map((gate) => handOffGate(gate, { fix, line: view.line, digest, facts, now }));
  const scope = gates.find(({ check }) => check === 'scope');
  return {
    line: view.line,
    versions: view.versions,
    targets: view.targets,
    ...(view.prepared && { prepared: view.prepared }),
    outcome: view.outcome,
    because: words(view.because),
    build: view.build,
    base: line.line.base,
    release: line.line.release,
    ...(view.commit !== undefined && { candidate: view.commit }),
    ...(digest !== undefined && { digest, image: pulledAs(place.image, digest) }),
    earlier,
    commits: (diff?.picks ?? []).map(commitOf),
    passengers: (diff?.passengers ?? []).map((one) => ({
      ...one,
      subject: title(one.subject),
      author: title(one.author),
    })),
    carries: (diff?.carries ?? []).map((one) => ({ ...one, title: title(one.title) })),
    warnings: (line.assembly?.warnings ?? []).map(words),
    ...(diff?.deployed && { deployed: deployedFiles(fix, view.line, diff.deployed) }),
    ...(notRead !== undefined && { notRead: words(notRead) }),
    ...(scope && { scope }),
    gates,
    ...(tests && { tests }),
    ...(digest !== undefined && {
      cluster: clusterWith(place, {
        fix: fix.id,
        component: fix.component,
        digest,
        versions: view.versions,
        perManagementCluster: facts.component.perManagementCluster ?? false,
      }),
    }),
  };
}

function commitOf({ mark, role, fix, isRevert, because, source, candidate }: PickRow): HandOffCommit {
  const pullRequest = source?.pullRequest ?? candidate?.pullRequest;
  return {
    mark,
    role,
    ...(fix !== undefined && { fix }),
    isRevert,
    ...(because !== undefined && { because: words(because) }),
    ...(candidate && { commit: candidate.commit }),
    ...(source && { source: source.commit }),
    subject: title((source ?? candidate)?.subject ?? ''),
    ...(pullRequest !== undefined && { pullRequest }),
  };
}

function deployedFiles(
  fix: Fix,
  line: string,
  { from, to, total, files, leftOut, command }: NonNullable<LineDiffView['deployed']>,
): DeployedFiles {
  return {
    from,
    to,
    total,
    files: files.map(({ patch: _, leftOut: __, ...file }) => file),
    leftOut,
    commands: [`fleetfix diff ${fix.id} --line ${shellWord(line)}`, command],
  };
}

function handOffGate(
  { gate, state, blocks, because, until, findings }: LineView['gates'][number],
  {
    fix,
    line,
    digest,
    facts,
    now,
  }: {
    readonly fix: Fix;
    readonly line: string;
    readonly digest: Digest | undefined;
    readonly facts: Facts;
    readonly now: Instant;
  },
): HandOffGate {
  const known: Gate | undefined = facts.component.gates.find((one) => one.name === gate);
  const waiver = fix.waivers.findLast((one) => one.gate === gate && one.expiresAt > now);
  const asked = digest !== undefined && known?.attestBy !== undefined && mayBeAsked(fix, known, state);
  const verdictOn = `fleetfix attest ${fix.id} --check ${shellWord(gate)} --line ${shellWord(line)} --digest ${digest} --result pass --note TEXT`;
  return {
    gate,
    ...(known?.check && { check: known.check }),
    state,
    blocks,
    because: words(because),
    ...(until !== undefined && { until }),
    ...(findings && { findings: findings.map((one) => ({ ...one, text: words(one.text) })) }),
    ...(state === 'waived' &&
      waiver && { waiver: { by: waiver.by, reason: words(waiver.reason), at: waiver.at } }),
    ...(asked && { verdict: { by: known.attestBy!, command: verdictOn } }),
  };
}

/** People are asked for what only they can say; of a check of ours only for what it leaves unclear. */
const mayBeAsked = (fix: Fix, gate: Gate, state: HandOffGate['state']): boolean =>
  stateRefusal(fix, 'attest') === undefined && asksPeople(gate, { state });

function contactsOf(fix: Fix, facts: Facts, { owners }: Place): Contact[] {
  const { count, role } = facts.policy.approvers;
  const roles = [...new Set(facts.component.gates.flatMap(({ attestBy }) => attestBy ?? []))];
  return [
    { for: `component ${fix.component}`, who: owners.join(', ') },
    { for: 'the change', who: fix.author },
    ...roles.map((one) => ({
      for: `verdicts on ${facts.component.gates
        .filter(({ attestBy }) => attestBy === one)
        .map(({ name }) => name)
        .join(', ')}`,
      who: `role ${one}`,
    })),
    { for: 'approval of the plan', who: `${Math.max(1, count)} of role ${role}, not ${fix.author}` },
    { for: 'pause and rollback', who: 'roles operator and on-call' },
  ];
}

function changeText(change: Change): string {
  switch (change.kind) {
    case 'commits':
      return `${change.commits.length === 1 ? 'commit' : 'commits'} ${change.commits.map(short).join(', ')}`;
    case 'range':
      return `commits after ${short(change.from)} up to ${short(change.to)}`;
    case 'git-revert':
      return `the git revert of ${short(change.commit)}`;
    case 'pull-request':
      return `pull request #${change.number}${change.url === undefined ? '' : ` (${change.url})`}`;
    case 'patch':
      return 'a patch';
  }
}
