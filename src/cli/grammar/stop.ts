import type { Command } from 'commander';
import { examples, FIX, type Launch, positive } from './launch.ts';
import { DRY_RUN, REASON, YES } from './move.ts';

/** Brakes and ways back, then the ends. */
export function stop(program: Command, launch: Launch): void {
  program.commandsGroup('Stop and undo (never need a plan)');
  brakes(program, launch);
  program.commandsGroup('End');
  ends(program, launch);
}

function brakes(program: Command, launch: Launch): void {
  program
    .command('pause')
    .description('no new target starts; running ones finish; never asks')
    .argument('[fix]', FIX)
    .option('--all', 'every rollout')
    .option('--reason <text>', 'why')
    .option(...DRY_RUN)
    .option(...YES)
    .addHelpText('before', examples('fleetfix pause FIX-1', 'fleetfix pause --all --reason "errors in eu"'))
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/pause.ts')).pause(c, { fix, ...options })),
    );
  program
    .command('resume')
    .description('let a paused rollout go on')
    .argument('<fix>', FIX)
    .option('--reason <text>', 'why')
    .option(...DRY_RUN)
    .option(...YES)
    .addHelpText('before', examples('fleetfix resume FIX-1 --reason "it was the load balancer"'))
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/resume.ts')).resume(c, { fix, ...options })),
    );
  program
    .command('rollback')
    .description('back to what ran before; exposes again what was patched')
    .argument('<fix>', FIX)
    .option('--target <name>', 'one control plane')
    .option('--stage <name>', 'one stage')
    .option('--wave <n>', 'what started together, from 1', positive)
    .option('--all', 'all of it, which is also the default')
    .option(...REASON)
    .option(...DRY_RUN)
    .option(...YES)
    .addHelpText(
      'before',
      examples('fleetfix rollback FIX-1 --reason "crash loop"', 'fleetfix rollback FIX-1 --stage canary'),
    )
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/rollback.ts')).rollback(c, { fix, ...options })),
    );
  program
    .command('exclude')
    .description('leave out one control plane until a time; it stays exposed and accounted for')
    .argument('<fix>', FIX)
    .requiredOption('--target <name>', 'the control plane')
    .requiredOption('--until <time>', 'such as 24h, 06:00Z, or RFC 3339')
    .option(...REASON)
    .option(...DRY_RUN)
    .option(...YES)
    .addHelpText(
      'before',
      examples('fleetfix exclude FIX-1 --target cp-7f3a --until 06:00Z --reason "customer freeze"'),
    )
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/exclude.ts')).exclude(c, { fix, ...options })),
    );
}

function ends(program: Command, launch: Launch): void {
  program
    .command('retire')
    .description('drop overrides where the release carries the fix')
    .argument('<fix>', FIX)
    .option(...DRY_RUN)
    .option(...YES)
    .addHelpText('before', examples('fleetfix retire FIX-1 --dry-run'))
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/retire.ts')).retire(c, { fix, ...options })),
    );
  program
    .command('show')
    .description('show an item of the closing checklist: by a link, which the hub looks at, or by your word')
    .argument('<fix>', FIX)
    .requiredOption('--item <item>', 'the item, as `fleetfix checklist` names it')
    .option('--link <url>', 'where it can be seen; shown again, it replaces the former')
    .option('--note <text>', 'what was done, where a person says so')
    .option(...DRY_RUN)
    .option(...YES)
    .addHelpText(
      'before',
      examples(
        'fleetfix show FIX-1 --item upstream --link https://github.com/openshift/hypershift/pull/4711',
        'fleetfix show FIX-1 --item qe-plan --note "TP-7, reviewed"',
      ),
    )
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/show.ts')).show(c, { fix, ...options })),
    );
  program
    .command('close')
    .description('end the record of a fix')
    .argument('<fix>', FIX)
    .requiredOption('--as <how>', 'done, not-needed, superseded-by=FIX-2, …')
    .option(...DRY_RUN)
    .option(...YES)
    .addHelpText(
      'before',
      examples('fleetfix close FIX-1 --as done', 'fleetfix close FIX-1 --as superseded-by=FIX-2'),
    )
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/close.ts')).close(c, { fix, ...options })),
    );
  program
    .command('withdraw')
    .description('take a fix back before it is delivered')
    .argument('<fix>', FIX)
    .option(...REASON)
    .option(...DRY_RUN)
    .option(...YES)
    .addHelpText('before', examples('fleetfix withdraw FIX-1 --reason "wrong commit"'))
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/withdraw.ts')).withdraw(c, { fix, ...options })),
    );
}
