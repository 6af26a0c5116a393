import type { Assembly } from '../../core/assembly/assembly.ts';
import type { FixId } from '../../core/base/ids.ts';
import type { ImageFacts } from '../../core/fleet/control-plane.ts';
import { agenda, type Task } from '../../core/life/agenda.ts';
import type { LookTask } from '../../core/life/checklist.ts';
import type { Event } from '../../core/life/event.ts';
import { type Fix, lineNamed } from '../../core/life/fix.ts';
import { isLinkItem, type Look } from '../../core/proof/closing-item.ts';
import { IMAGE_LOOKS, LINK_LOOKS, lookedInVain } from '../../core/proof/look-again.ts';
import { evidenceOn } from '../../core/proof/proof.ts';
import type { BuildOutcome } from '../../ports/builder.ts';
import { SourceProblem } from '../../ports/repository.ts';
import type { ComponentConfig } from '../../wire/config.ts';
import { record } from '../record.ts';
import { attempted } from './attempted.ts';
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
  const assembled = async () => {
    const carry = await carryOf(task.line, cases.load);
    return await repository.assemble({
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
    });
  };
  // Making files again runs a program in the candidate's tree.
  const assembly = await attempted<Assembly>(component.regenerate && parts.attempts, {
    name: `assembly for ${it.fix.id} on ${task.line.name}, ${task.line.base}`,
    run: () => assembled().catch((problem: unknown) => refusedBy(problem, task.line.base)),
    givenUp: (because) => refused(because, task.line.base),
  });
  if (assembly.commit !== undefined) await repository.publish(it.fix.id, task.line.name, assembly.commit);
  await append(desk, (fix) =>
    fix.closed || isOutdated(fix, task) || isThere(fix, task)
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

/** Whether the line has been assembled already: not one that control planes came back to, nor one that must carry more. */
function isThere(fix: Fix, task: Extract<Task, { do: 'assemble' }>): boolean {
  const known = lineNamed(fix, task.line.name);
  if (known?.assembly === undefined || known.emptied) return false;
  return task.line.carries.every((id) => known.line.carries.includes(id));
}

function refusedBy(problem: unknown, onto: string): Assembly {
  if (!(problem instanceof SourceProblem)) throw problem;
  return refused(problem.message, onto);
}

const refused = (because: string, onto: string): Assembly => ({
  onto,
  outcome: 'refused',
  because,
  picked: [],
  conflicts: [],
  proposals: [],
  warnings: [],
  passengers: [],
  ms: 0,
});

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
    const checkedOut = tree.dir;
    const at = (await repository.describe(commit)).at;
    const outcome = await attempted<BuildOutcome>(parts.attempts, {
      name: `build of ${commit} for ${it.fix.id} on ${line}`,
      run: () =>
        parts.builder.build({
          dir: checkedOut,
          commit,
          image: component.image,
          command: component.builder.command,
          output: component.builder.output,
          labels: { ...labels(it.fix, task, component), [CREATED]: at },
          timeoutMs: component.builder.timeout,
          layout: parts.layout,
          log: (chunk) => log.write(chunk),
          signal,
        }),
      givenUp: (because) => ({ outcome: 'failed', because, tookMs: 0 }),
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
    const text = (chunk: string) => log.write(chunk);
    const judged = await attempted<Awaited<ReturnType<typeof runGate>>>(parts.attempts, {
      name: `gate ${task.gate} of ${it.fix.id} on ${line}, ${digest}`,
      run: () => runGate({ ...desk, task, gate: config, repository, log: text, signal }),
      givenUp: (because) => ({ result: 'fail', note: because, tookMs: 0 }),
    });
    // A stop is not the candidate's fault: the task stays on the agenda for whoever comes next.
    if (signal.aborted) return;
    const on = { gate: task.gate, line, digest };
    const before = evidenceOn(it.fix.evidence, on).at(-1);
    const { mayCome, ...verdict } = judged;
    const looks = mayCome && lookedInVain(before?.looks, parts.clock.now(), IMAGE_LOOKS);
    const ran: Event = { type: 'GateRan', ...on, ...verdict, ...(looks && { looks }) };
    // Another hub may have run it meanwhile, or a person said it.
    await append(desk, (fix) => (evidenceOn(fix.evidence, on).at(-1)?.at === before?.at ? [ran] : []));
  } finally {
    await log.close();
  }
}

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
  const before = it.fix.checklist?.[task.item]?.shown?.look;
  const looks = found.result === 'fail' && lookedInVain(before?.looks, parts.clock.now(), LINK_LOOKS);
  const checked: Event = { type: 'LinkChecked', item: task.item, link, ...found, ...(looks && { looks }) };
  await append(desk, ({ checklist }) => {
    const shown = checklist?.[task.item]?.shown;
    return shown?.link === link && shown.look?.at === before?.at ? [checked] : [];
  });
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
