import type { Assembly } from '../../core/assembly/assembly.ts';
import type { Digest, FixId } from '../../core/base/ids.ts';
import type { ImageFacts } from '../../core/fleet/control-plane.ts';
import { agenda, type Task } from '../../core/life/agenda.ts';
import type { LookTask } from '../../core/life/checklist.ts';
import type { Event } from '../../core/life/event.ts';
import { type Fix, lineNamed } from '../../core/life/fix.ts';
import { isLinkItem, type Look } from '../../core/proof/closing-item.ts';
import { evidenceOn } from '../../core/proof/proof.ts';
import { SourceProblem } from '../../ports/repository.ts';
import type { ComponentConfig } from '../../wire/config.ts';
import { record } from '../record.ts';
import { carryOf } from './carry.ts';
import type { GateTask } from './gates/gate-run.ts';
import { runGate } from './gates/run-gate.ts';
import { lookAt } from './looks/look-at.ts';
import type { Workbench } from './workbench.ts';

/** Names a task so that the same one is never queued twice. */
export function taskKey(fix: FixId, task: Task | LookTask): string {
  switch (task.do) {
    case 'assemble':
      return `${fix}/assemble/${task.line.name}`;
    case 'build':
      return `${fix}/build/${task.line}`;
    case 'gate':
      return `${fix}/gate/${task.line}/${task.gate}`;
    case 'look':
      return `${fix}/look/${task.item}`;
  }
}

/**
 * Does one task, if it is still to be done: the agenda is asked again first, so a job that comes twice,
 * late or after a crash finds either its work or nothing.
 */
export async function work(
  { parts, cases, selections }: Pick<Workbench, 'parts' | 'cases' | 'selections'>,
  id: FixId,
  key: string,
  signal: AbortSignal,
): Promise<void> {
  const it = await cases.open(id);
  if (it === undefined) return;
  const { tasks, looks = [] } = agenda(it.fix, it.facts, parts.clock.now());
  const task = [...tasks, ...looks].find((t) => taskKey(id, t) === key);
  if (task === undefined) return;
  const bench: Workbench = { parts, cases, selections, it, component: cases.component(it.fix.component)! };
  if (task.do === 'assemble') return assemble(bench, task);
  if (task.do === 'build') return build(bench, task, signal);
  if (task.do === 'look') return look(bench, task, signal);
  return gate(bench, task, signal);
}

async function assemble(desk: Workbench, task: Extract<Task, { do: 'assemble' }>): Promise<void> {
  const { parts, cases, it, component } = desk;
  const repository = await parts.repositories.open(component.repository);
  const assembly = await carryOf(task.line, cases.load)
    .then((carry) =>
      repository.assemble({
        fix: it.fix.id,
        line: task.line.name,
        change: it.fix.change,
        branch: component.branch,
        onto: task.line.base,
        carry,
        prerequisites: task.prerequisites,
        pathClasses: component.pathClasses,
        ...(task.accept && { accept: task.accept }),
        ...(component.regenerate && {
          regenerate: {
            command: component.regenerate.command,
            timeoutMs: component.regenerate.timeout,
          },
        }),
      }),
    )
    .catch((problem: unknown) => refusedBy(problem, task.line.base));
  if (assembly.commit !== undefined) await repository.publish(it.fix.id, task.line.name, assembly.commit);
  await append(desk, (fix) =>
    fix.closed ||
    isOutdated(fix, task) ||
    (lineNamed(fix, task.line.name)?.assembly && !isRepeated(fix, task))
      ? []
      : [{ type: 'LineAssembled', line: task.line, assembly }],
  );
}

/** Whether a person has chosen something else for the line since the task was taken up, or another commit for its release. */
function isOutdated(fix: Fix, task: Extract<Task, { do: 'assemble' }>): boolean {
  const line = lineNamed(fix, task.line.name);
  return (
    (line !== undefined && line.line.release !== task.line.release) ||
    (line?.prerequisites ?? []).join() !== task.prerequisites.join() ||
    line?.accepted?.tree !== task.accept?.tree
  );
}

/** Whether an assembled line is to be assembled again because it must carry more than it does. */
const isRepeated = (fix: Fix, task: Extract<Task, { do: 'assemble' }>): boolean =>
  task.line.carries.some((id) => !fix.lines[task.line.name]!.line.carries.includes(id));

function refusedBy(problem: unknown, onto: string): Assembly {
  if (!(problem instanceof SourceProblem)) throw problem;
  return {
    onto,
    outcome: 'refused',
    because: problem.message,
    picked: [],
    conflicts: [],
    proposals: [],
    warnings: [],
    passengers: [],
    ms: 0,
  };
}

async function build(
  desk: Workbench,
  task: Extract<Task, { do: 'build' }>,
  signal: AbortSignal,
): Promise<void> {
  const { parts, it, component } = desk;
  const { line, commit } = task;
  await append(desk, (fix) => (lineNamed(fix, line)?.build ? [] : [{ type: 'BuildStarted', line, commit }]));
  const log = parts.logs.writer(logName(it.fix.id, 'build', line));
  let tree: { readonly dir: string; dispose(): Promise<void> } | undefined;
  try {
    const repository = await parts.repositories.open(component.repository);
    tree = await repository.checkout(commit, component.builder.tree);
    // A build that prints nothing leaves a log that says what ran.
    log.write(`build of ${commit} for line ${line}: ${component.builder.command.join(' ')}\n`);
    const outcome = await parts.builder.build({
      dir: tree.dir,
      commit,
      image: component.image,
      command: component.builder.command,
      output: component.builder.output,
      labels: { ...labels(it.fix, task, component), [CREATED]: (await repository.describe(commit)).at },
      timeoutMs: component.builder.timeout,
      layout: parts.layout,
      log: (chunk) => log.write(chunk),
      signal,
    });
    // A stop is not the build's fault: the task stays on the agenda for whoever comes next.
    if (signal.aborted) return;
    if (outcome.outcome === 'failed') {
      const { because, tookMs } = outcome;
      await append(desk, unlessBuilt(line, commit, { type: 'BuildFailed', line, commit, because, tookMs }));
      return;
    }
    const { digest, tookMs } = outcome;
    await parts.onImage?.({ digest, component: component.name, commit });
    const image: ImageFacts = {
      digest,
      component: component.name,
      commit,
      release: task.release,
      fixes: task.fixes,
    };
    await append(desk, unlessBuilt(line, commit, { type: 'Built', line, commit, digest, tookMs }), [image]);
  } catch (problem) {
    // Trying again does not bring back what the source lacks: it is said where people look.
    if (!(problem instanceof SourceProblem)) throw problem;
    log.write(`${problem.message}\n`);
    const failed: Event = { type: 'BuildFailed', line, commit, because: problem.message, tookMs: 0 };
    await append(desk, unlessBuilt(line, commit, failed));
  } finally {
    await log.close();
    await tree?.dispose();
  }
}

/** The image is as old as its commit, so that the same commit gives the same digest. */
const CREATED = 'org.opencontainers.image.created';

function labels(
  fix: Fix,
  task: Extract<Task, { do: 'build' }>,
  component: ComponentConfig,
): Record<string, string> {
  return {
    'vcs-ref': task.commit,
    'io.openshift.build.commit.id': task.commit,
    'org.opencontainers.image.revision': task.commit,
    'io.fleetfix.fix': fix.id,
    'io.fleetfix.line': task.line,
    'io.fleetfix.component': component.name,
    'io.fleetfix.carries': task.fixes.join(','),
  };
}

/** The event, while the line still waits for the build of this commit. */
const unlessBuilt = (line: string, commit: string, event: Event) => (fix: Fix) => {
  const build = lineNamed(fix, line)?.build;
  return build?.state === 'running' && build.commit === commit ? [event] : [];
};

async function gate(desk: Workbench, task: GateTask, signal: AbortSignal): Promise<void> {
  const { parts, it, component } = desk;
  const { line, digest } = task;
  const log = parts.logs.writer(logName(it.fix.id, 'proof', line));
  try {
    log.write(`gate ${task.gate} on ${line} (${digest})\n`);
    const repository = await parts.repositories.open(component.repository);
    const config = component.gates.find((g) => g.name === task.gate)!;
    const judged = await runGate({
      ...desk,
      task,
      gate: config,
      repository,
      log: (text) => log.write(text),
      signal,
    });
    // A stop is not the candidate's fault: the task stays on the agenda for whoever comes next.
    if (signal.aborted) return;
    const ran: Event = { type: 'GateRan', gate: task.gate, line, digest, ...judged };
    await append(desk, (fix) => (isJudged(fix, task.gate, line, digest) ? [] : [ran]));
  } finally {
    await log.close();
  }
}

const isJudged = (fix: Fix, gateName: string, line: string, digest: Digest): boolean =>
  evidenceOn(fix.evidence, { gate: gateName, line, digest }).length > 0;

async function look(desk: Workbench, task: LookTask, signal: AbortSignal): Promise<void> {
  const { parts, it } = desk;
  const item = it.facts.policy.closing?.find(({ name }) => name === task.item);
  if (item === undefined || !isLinkItem(item)) return;
  const { links } = parts;
  const found: Look =
    links === undefined
      ? { result: 'fail', because: 'this hub looks at no links' }
      : await lookAt({ ...desk, task, item, links, signal });
  // A stop is not the link's fault: the task stays on the agenda for whoever comes next.
  if (signal.aborted) return;
  const { link } = task;
  const checked: Event = { type: 'LinkChecked', item: task.item, link, ...found };
  await append(desk, (fix) => (fix.checklist?.[task.item]?.shown?.link === link ? [checked] : []));
}

export const logName = (fix: FixId, stage: 'build' | 'proof', line: string): string =>
  `${fix}/${stage}/${line}`;

/** Writes what `decide` returns for the fix as it is at that moment, again until it was not moved meanwhile. */
async function append(
  { parts, cases, it }: Workbench,
  decide: (fix: Fix) => readonly Event[],
  images: readonly ImageFacts[] = [],
): Promise<void> {
  for (;;) {
    const fix = (await cases.load(it.fix.id))!;
    const events = fix.closed ? [] : decide(fix);
    if (events.length === 0) return;
    const outcome = await record(parts, {
      id: fix.id,
      fix,
      events,
      at: parts.clock.now(),
      author: 'fleetfix',
      surface: 'hub',
      seen: fix.version,
      images,
    });
    if (outcome.outcome !== 'moved') return;
  }
}
